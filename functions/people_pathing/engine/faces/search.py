"""Finds the faces of detected people in the region of each head, and assigns each face to one person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import FACE, Faces, no_faces
from people_pathing.engine.faces.head_pose import poses
from people_pathing.engine.faces.quality import brightness_and_sharpness
from people_pathing.engine.interfaces import FACE_IMAGE_PX, Boxes, FaceDetector, FrameFaces, Image, Scores
from people_pathing.engine.opencv import cv2_module

MIN_PERSON_SCORE = 0.4
"""Weaker detections are mostly not people. They would take most of the time and yield no faces."""
MAX_FACES = 100
"""People per frame whose faces are searched, the best first. Rekognition finds as many faces in an image."""
REGION_WIDTHS = 1.1
"""Side of the searched square in widths of the person: a little wider than the box, which may be tight."""
REGION_RISE = 0.05
"""How far the square reaches above the box, as a share of its side."""
MIN_REGION_PX = 24
"""A head fills about a third of the square; in a smaller square no face is recognisable."""
MAX_ASIDE = 0.25
"""How far from the middle of a person's box the centre of the face may be, in widths of the person."""
MAX_BELOW = 0.65
"""How far below the top of a person's box the centre of the face may be, in widths of the person."""
MAX_IOU = 0.3
"""Faces that overlap more than this are the same face, found in the regions of two people."""
PADDING_GREY = 114


def find_faces(picture: Image, boxes: Boxes, scores: Scores, detector: FaceDetector) -> Faces:
    """Finds the faces of the people in a frame.

    No face belongs to two people. If it could belong to either, the person whose head should be nearest to
    it gets it.

    Args:
        picture: (H, W, 3) uint8, BGR.
        boxes: (N, 4) float32, the people, xyxy pixels of the picture.
        scores: (N,) float32, 0..1, best first.
        detector: searches one square image at a time.

    Returns:
        (M,) of `detections.FACE`; `row` is the position of the person in `boxes`.
    """
    people: list[int] = []
    found: list[FrameFaces] = []
    for person in np.flatnonzero(scores >= MIN_PERSON_SCORE)[:MAX_FACES].tolist():
        left, top, side = _region(boxes[person])
        if side < MIN_REGION_PX:
            continue
        inside = detector.detect(_cut(picture, left, top, side))
        corner, scale = np.array([left, top], np.float32), np.float32(side / FACE_IMAGE_PX)
        people += [person] * len(inside.scores)
        found.append(
            FrameFaces(
                inside.boxes * scale + np.tile(corner, 2), inside.scores, inside.landmarks * scale + corner
            )
        )
    if not people:
        return no_faces()
    candidates = FrameFaces(*(np.concatenate(column) for column in zip(*found, strict=True)))
    return _described(picture, candidates, _assigned(boxes, np.array(people), candidates.boxes))


def _region(box: NDArray[np.float32]) -> tuple[int, int, int]:
    """Returns left, top and side, in pixels, of the square to search. It may reach out of the picture."""
    left, top, right, _ = (float(edge) for edge in box)
    side = round((right - left) * REGION_WIDTHS)
    return round((left + right - side) / 2), round(top - REGION_RISE * side), side


def _cut(picture: Image, left: int, top: int, side: int) -> Image:
    """Returns the square as an image of FACE_IMAGE_PX, grey where it reaches out of the picture."""
    cv2 = cv2_module()
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    square = np.full((side, side, 3), PADDING_GREY, np.uint8)
    if x1 < x2 and y1 < y2:
        square[y1 - top : y2 - top, x1 - left : x2 - left] = picture[y1:y2, x1:x2]
    interpolation = cv2.INTER_AREA if side > FACE_IMAGE_PX else cv2.INTER_LINEAR
    size = (FACE_IMAGE_PX, FACE_IMAGE_PX)
    return np.asarray(cv2.resize(square, size, interpolation=interpolation), np.uint8)


def _assigned(boxes: Boxes, people: NDArray[np.int64], faces: Boxes) -> dict[int, int]:
    """Assigns faces to people, the best placed first.

    Args:
        boxes: (N, 4), the people.
        people: (K,) position in `boxes` of the person in whose region each face was found. Two people who
            stand side by side often yield the same face.
        faces: (K, 4).

    Returns:
        Positions in `faces` by positions in `boxes`.
    """
    widths = boxes[people, 2] - boxes[people, 0]
    aside = abs(faces[:, 0] + faces[:, 2] - boxes[people, 0] - boxes[people, 2]) / 2 / widths
    below = ((faces[:, 1] + faces[:, 3]) / 2 - boxes[people, 1]) / widths
    fitting = np.flatnonzero((aside <= MAX_ASIDE) & (below <= MAX_BELOW))
    assigned: dict[int, int] = {}
    for face in fitting[np.argsort(np.hypot(aside, below)[fitting], kind="stable")].tolist():
        person = int(people[face])
        taken = any(_is_same_face(faces[face], faces[other]) for other in assigned.values())
        if person not in assigned and not taken:
            assigned[person] = face
    return assigned


def _is_same_face(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    shared = float(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod())
    return shared > MAX_IOU * float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)


def _described(picture: Image, found: FrameFaces, assigned: dict[int, int]) -> Faces:
    faces = np.empty(len(assigned), FACE)
    faces["row"] = sorted(assigned)
    chosen = [assigned[person] for person in sorted(assigned)]
    faces["box"], faces["score"] = found.boxes[chosen], found.scores[chosen]
    faces["landmarks"] = found.landmarks[chosen]
    faces["pose"] = poses(found.landmarks[chosen])
    for face in faces:
        face["quality"] = brightness_and_sharpness(picture, face["box"])
    return faces
