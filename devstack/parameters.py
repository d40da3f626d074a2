"""Maps the choice of a detector to parameters of the template, before anything is started."""

from __future__ import annotations

from collections.abc import Callable

from people_pathing.engine.selection import select_detector, select_face_detector


def stack_parameters(
    detector: str | None,
    model: str | None,
    input_px: int | None,
    faces: str | None,
    say: Callable[[str], None],
) -> dict[str, str]:
    """Returns the template's parameters for a stack on this machine.

    Args:
        detector: The detector's name; None chooses one.
        model: The detector's model: a file or a name; None chooses one.
        input_px: The input size of the network; None lets the detector choose.
        faces: The model that detects faces: a file or a name; None turns face detection off.
        say: Receives warnings.

    Raises:
        DetectorError: A model is not available, or the detector does not accept it.
    """
    selection = select_detector(detector, model, input_px=input_px)
    if selection.warning:
        say(selection.warning)
    chosen = {"Detector": selection.detector}
    if selection.model:
        chosen["TrackingModel"] = str(selection.model)
    if faces:
        face_selection = select_face_detector(faces)
        chosen["FaceModel"] = face_selection.known_model or str(face_selection.model)
    # Short segments give the progress bar more steps.
    return {**chosen, "DetectorInput": str(input_px or "default"), "SegmentSeconds": "8"}
