"""Translates the choice of models into the template's parameters."""

from __future__ import annotations

from collections.abc import Callable

from people_pathing.engine.selection import select_detector, select_face_detector, select_reidentifier


def stack_parameters(
    detector: str | None,
    model: str | None,
    input_px: int | None,
    face_model: str | None,
    say: Callable[[str], None],
    reidentification_model: str | None = None,
) -> dict[str, str]:
    """Returns the template's parameters for a stack on this machine.

    The functions of a local stack do not see the user's cache folder. So this chooses the model files, and
    downloads them if necessary, before the stack starts.

    Args:
        detector: the detector's name; None chooses one.
        model: the detector's model: a file or a name; None chooses one.
        input_px: the longer side of the detector's input; None lets the detector choose.
        face_model: the model that detects faces: a file or a name; None turns face detection off.
        say: receives a warning for each model that something worse replaces.
        reidentification_model: the model that tells people apart: a file, a name or "none"; None chooses one.

    Raises:
        DetectorError: the detector does not exist, or does not accept these options.
        ModelError: a model is not available.
    """
    selection = select_detector(detector, model, input_px=input_px)
    if selection.warning:
        say(selection.warning)
    parameters = {
        "Detector": selection.detector,
        "DetectorInput": str(selection.input_px or "default"),
        # Short segments give the progress bar more steps.
        "SegmentSeconds": "8",
    }
    if selection.model:
        parameters["TrackingModel"] = str(selection.model)
    if face_model:
        faces = select_face_detector(face_model)
        parameters["FaceModel"] = faces.known_model or str(faces.model)
    reidentifier = select_reidentifier(reidentification_model)
    if reidentifier.warning:
        say(reidentifier.warning)
    parameters["ReidentificationModel"] = str(reidentifier.model) if reidentifier.model else "none"
    return parameters
