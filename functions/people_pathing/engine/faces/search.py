"""Faces of detected people: looked for where a person's head is, each given to one person."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import FACE, Faces, no_faces
from people_pathing.engine.faces.head_pose import poses

# What is surely no person has no face either, and most of the time would go to it.
MIN_PERSON_SCORE = 0.4
# The square at a person's top in which the face is, in widths of the person, whose box may be a little small.
REGION_WIDTHS = 1.1
REGION_RISE = 0.05
# A head is about a third of that square: smaller ones show no face, and larger ones not more of it.
MIN_REGION_PX = 24
REGION_PX = 128
# How far from the middle of a person's box a face may be, and below its top, in widths of the person.
MAX_ASIDE = 0.25
MAX_BELOW = 0.65
MAX_IOU = 0.3
# Sharpness is told at this size, whatever size the face has; this variance is the middle of the scale.
SHARPNESS_PX = 48
EVEN_VARIANCE = 400.0
PADDING_GREY = 114


class FoundFaces(NamedTuple):
    """Faces in one image: boxes (K, 4) float32 xyxy pixels, scores (K,) float32 in 0..1, landmarks
    (K, 5, 2) float32 pixels in the order of detection.FACE."""

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]


class FaceDetector(Protocol):
    """Finds faces. Must give the same answer to the same image, in whatever thread."""

    @property
    def name(self) -> str:
        """What logs call it."""

    def detect(self, image: NDArray[np.uint8]) -> FoundFaces:
        """Find faces in a (REGION_PX, REGION_PX, 3) uint8 BGR image."""


def load_face_detector(model: str | os.PathLike[str]) -> FaceDetector:
    """Make a face detector of a CenterFace ONNX file, or of "centerface", the one that a package carries.

    Raises DetectorError where the file is no such model, ModelError where the package's cannot be had.
    """
    from people_pathing.engine import models
    from people_pathing.engine.face_detectors.centerface import CenterFace

    path = models.face_model() if model == models.FACE_MODEL.name else Path(model)
    return CenterFace(path)


def find_faces(
    picture: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    detector: FaceDetector,
) -> Faces:
    """Find the faces of the people in a frame.

    Args:
        picture: (H, W, 3) uint8, BGR.
        boxes: (N, 4) float32, the people, xyxy pixels of the picture.
        scores: (N,) float32.

    Returns:
        (M,) of detection.FACE; row is the position of the person in boxes. No face belongs to two people:
        where two could have it, it goes to the one whose head would be nearest to it.
    """
    people: list[int] = []
    found: list[FoundFaces] = []
    for person in np.flatnonzero(scores >= MIN_PERSON_SCORE).tolist():
        left, top, side = _region(boxes[person])
        if side < MIN_REGION_PX:
            continue
        inside = detector.detect(_cut(picture, left, top, side))
        corner, scale = np.array([left, top], np.float32), np.float32(side / REGION_PX)
        people += [person] * len(inside.scores)
        found.append(
            FoundFaces(
                inside.boxes * scale + np.tile(corner, 2), inside.scores, inside.landmarks * scale + corner
            )
        )
    if not people:
        return no_faces()
    candidates = FoundFaces(*(np.concatenate(column) for column in zip(*found, strict=True)))
    return _described(picture, candidates, _shared_out(boxes, np.array(people), candidates.boxes))


def _region(box: NDArray[np.float32]) -> tuple[int, int, int]:
    """Left, top and side, whole pixels, of the square that has a person's face; it may leave the picture."""
    left, top, right, _ = (float(edge) for edge in box)
    side = round((right - left) * REGION_WIDTHS)
    return round((left + right - side) / 2), round(top - REGION_RISE * side), side


def _cut(picture: NDArray[np.uint8], left: int, top: int, side: int) -> NDArray[np.uint8]:
    """The square as an image of REGION_PX, grey where it is not in the picture."""
    import cv2

    height, width = picture.shape[:2]
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    square = np.full((side, side, 3), PADDING_GREY, np.uint8)
    if x1 < x2 and y1 < y2:
        square[y1 - top : y2 - top, x1 - left : x2 - left] = picture[y1:y2, x1:x2]
    interpolation = cv2.INTER_AREA if side > REGION_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (REGION_PX, REGION_PX), interpolation=interpolation), np.uint8)


def _shared_out(
    boxes: NDArray[np.float32], people: NDArray[np.int64], faces: NDArray[np.float32]
) -> dict[int, int]:
    """Which face each person has: positions in faces by positions in boxes.

    people (K,) says in whose region each of faces (K, 4) was seen; neighbours see the same face.
    """
    widths = boxes[people, 2] - boxes[people, 0]
    aside = abs(faces[:, 0] + faces[:, 2] - boxes[people, 0] - boxes[people, 2]) / 2 / widths
    below = ((faces[:, 1] + faces[:, 3]) / 2 - boxes[people, 1]) / widths
    fitting = np.flatnonzero((aside <= MAX_ASIDE) & (below <= MAX_BELOW))
    given: dict[int, int] = {}
    for face in fitting[np.argsort(np.hypot(aside, below)[fitting], kind="stable")].tolist():
        person = int(people[face])
        if person not in given and not any(_overlap(faces[face], faces[other]) for other in given.values()):
            given[person] = face
    return given


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    shared = float(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod())
    return shared > MAX_IOU * float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)


def _described(picture: NDArray[np.uint8], found: FoundFaces, given: dict[int, int]) -> Faces:
    faces = np.empty(len(given), FACE)
    faces["row"] = sorted(given)
    chosen = [given[person] for person in sorted(given)]
    faces["box"], faces["score"] = found.boxes[chosen], found.scores[chosen]
    faces["landmarks"] = found.landmarks[chosen]
    faces["pose"] = poses(found.landmarks[chosen])
    for face in faces:
        face["quality"] = _quality(picture, face["box"])
    return faces


def _quality(picture: NDArray[np.uint8], box: NDArray[np.float32]) -> tuple[float, float]:
    """Brightness and sharpness, 0..100, of a face: its mean luma, and how much neighbouring pixels differ.

    That is the variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield
    microscopy", ICPR 2000).
    """
    import cv2

    height, width = picture.shape[:2]
    x1, y1 = np.clip(np.floor(box[:2]).astype(int), 0, [width - 1, height - 1]).tolist()
    x2, y2 = np.clip(np.ceil(box[2:]).astype(int), [x1 + 1, y1 + 1], [width, height]).tolist()
    grey = cv2.cvtColor(picture[y1:y2, x1:x2], cv2.COLOR_BGR2GRAY)
    interpolation = cv2.INTER_AREA if x2 - x1 > SHARPNESS_PX else cv2.INTER_LINEAR
    scaled = cv2.resize(grey, (SHARPNESS_PX, SHARPNESS_PX), interpolation=interpolation)
    variance = float(cv2.Laplacian(scaled, cv2.CV_32F).var())
    return float(grey.mean()) / 2.55, 100 * variance / (variance + EVEN_VARIANCE)
