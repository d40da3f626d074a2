"""Searches one frame for people, and describes them: their colours, faces and embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.checks.detector_output import checked_detections, input_size
from people_pathing.engine.detections import Faces, no_embeddings, no_faces
from people_pathing.engine.faces.search import find_faces
from people_pathing.engine.interfaces import Boxes, Detector, FaceDetector, Image, Reidentifier, Scores
from people_pathing.engine.scene.masks import MaskedAreas
from people_pathing.engine.tracking import appearance

MAX_PEOPLE = 150
"""People per frame, the best first. Association compares each with each of the frame before. For a window
with so many people it takes six minutes."""
MIN_EMBEDDED_SCORE = 0.4
"""Weaker detections are mostly not people, or hidden by others."""
MIN_DESCRIBED_SCORE = 0.4
"""Half of all detections are weaker. Their colours hardly change the mean colours of a path, and describing
them would take 2 % of the time of the network."""
MAX_EMBEDDED = 50
"""People per frame who get an embedding, the best first."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """The people found in one frame.

    Attributes:
        boxes: (N, 4) float32, xyxy pixels of the frame as displayed.
        scores: (N,) float32, 0..1, best first.
        descriptors: (N, D) uint8, see `tracking.appearance`: zeros for those who score less than
            MIN_DESCRIBED_SCORE.
        faces: (M,) of `detections.FACE`.
        embeddings: (E, W) uint8: of the first E people.
    """

    boxes: Boxes
    scores: Scores
    descriptors: NDArray[np.uint8]
    faces: Faces
    embeddings: NDArray[np.uint8]


NOBODY = People(
    np.zeros((0, 4), np.float32),
    np.zeros(0, np.float32),
    np.zeros((0, 1), np.uint8),
    no_faces(),
    no_embeddings(),
)
"""The people of a frame that is not searched."""


class PeopleSearch:
    """Searches frames of one size. It may be used in several threads at once.

    Attributes:
        input_size: width and height of the scaled image to search.
        searches_faces: whether it finds faces, which needs the frame at full resolution, too.
        makes_embeddings: whether a search can make embeddings, which need it as well.
    """

    def __init__(
        self,
        detector: Detector,
        face_detector: FaceDetector | None,
        reidentifier: Reidentifier | None,
        frame_size: tuple[int, int],
        areas: MaskedAreas,
    ) -> None:
        """Prepares the search.

        Args:
            detector: finds people.
            face_detector: finds their faces; None for none.
            reidentifier: makes embeddings; None for none.
            frame_size: width and height of the frames as displayed, in pixels.
            areas: people whose foot point is in one of them are dropped.
        """
        self._detector = detector
        self._face_detector = face_detector
        self._reidentifier = reidentifier
        self._areas = areas
        self.input_size = input_size(detector, *frame_size)
        self._scale = np.array(
            [frame_size[0] / self.input_size[0], frame_size[1] / self.input_size[1]] * 2, np.float32
        )
        self.searches_faces = face_detector is not None
        self.makes_embeddings = reidentifier is not None

    def __call__(self, image: Image, picture: Image | None, *, with_embeddings: bool) -> People:
        """Searches one frame.

        Args:
            image: the frame scaled to input_size.
            picture: the frame at full resolution; None if it is not needed.
            with_embeddings: whether to make embeddings, which need the picture.
        """
        found = checked_detections(self._detector, self._detector.detect(image), *self.input_size)
        shown = ~self._areas.contain(_feet(found[0]) / self.input_size)
        inside, scores = (best[shown][:MAX_PEOPLE] for best in found)
        boxes = inside * self._scale
        faces, embeddings = no_faces(), no_embeddings()
        if self._face_detector is not None and picture is not None:
            faces = find_faces(picture, boxes, scores, self._face_detector)
        if self._reidentifier is not None and picture is not None and with_embeddings:
            count = min(int((scores >= MIN_EMBEDDED_SCORE).sum()), MAX_EMBEDDED)
            if count:
                embeddings = self._reidentifier.embed(picture, boxes[:count])
        descriptors = np.zeros((len(boxes), appearance.DESCRIPTOR_SIZE), np.uint8)
        clear = int((scores >= MIN_DESCRIBED_SCORE).sum())
        descriptors[:clear] = appearance.describe(image, inside[:clear])
        return People(boxes, scores, descriptors, faces, embeddings)


def _feet(boxes: Boxes) -> NDArray[np.float32]:
    """Returns the foot points of boxes: (N, 2) float32."""
    return np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
