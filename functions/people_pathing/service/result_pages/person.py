"""One observation of one person, as the API names it, and its JSON form."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

LANDMARK_TYPES = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")
"""The landmarks of a face, in the order in which GetPersonTracking returned them."""

_BOX = '{"Width":%s,"Height":%s,"Left":%s,"Top":%s}'
_PERSON = f'"Timestamp":%d,"Person":{{"Index":%d,"BoundingBox":{_BOX}'
_LANDMARKS = ",".join(f'{{"Type":"{name}","X":%s,"Y":%s}}' for name in LANDMARK_TYPES)
_FACE = (
    f'"BoundingBox":{_BOX},"Landmarks":[{_LANDMARKS}],"Pose":{{"Roll":%s,"Yaw":%s,"Pitch":%s}},'
    '"Quality":{"Brightness":%s,"Sharpness":%s},"Confidence":%s'
)
_WITHOUT_FACE = f"{{{_PERSON}}}}}"
_WITH_FACE = f'{{{_PERSON},"Face":{{{_FACE}}}}}}}'


class FaceDetail(NamedTuple):
    """A person's face at one sampled time.

    A named tuple, because reading a page creates up to 1000 of them.

    Attributes:
        left: left edge of the box, as a ratio of the frame's width.
        top: top edge of the box, as a ratio of the frame's height.
        width: width of the box, as a ratio of the frame's width.
        height: height of the box, as a ratio of the frame's height.
        confidence: 0..100.
        pitch: degrees, -180..180; above 0 is up.
        roll: degrees, -180..180; above 0 is clockwise.
        yaw: degrees, -180..180; above 0 is to the viewer's right.
        brightness: 0..100.
        sharpness: 0..100.
        landmarks: x and y of each of LANDMARK_TYPES, as ratios of the frame's width and height.
    """

    left: float
    top: float
    width: float
    height: float
    confidence: float
    pitch: float
    roll: float
    yaw: float
    brightness: float
    sharpness: float
    landmarks: tuple[float, ...]


class PersonDetection(NamedTuple):
    """One person at one sampled time.

    Attributes:
        timestamp_ms: time since the beginning of the video.
        person_index: the person's number within the job.
        left: left edge of the box, as a ratio of the frame's width.
        top: top edge of the box, as a ratio of the frame's height.
        width: width of the box, as a ratio of the frame's width.
        height: height of the box, as a ratio of the frame's height.
        face: the person's face, or None if no face was detected.
    """

    timestamp_ms: int
    person_index: int
    left: float
    top: float
    width: float
    height: float
    face: FaceDetail | None = None

    def to_api(self) -> dict[str, Any]:
        """Returns the API's PersonDetection structure."""
        person: dict[str, Any] = {"Index": self.person_index, "BoundingBox": _bounding_box(self)}
        if self.face is not None:
            person["Face"] = _face(self.face)
        return {"Timestamp": self.timestamp_ms, "Person": person}

    def to_json(self) -> str:
        """Returns what `to_api` returns as JSON without spaces, in a fraction of the time.

        Numbers are finite.
        """
        timestamp_ms, person_index, left, top, width, height, face = self
        if face is None:
            return _WITHOUT_FACE % (timestamp_ms, person_index, *map(_number, (width, height, left, top)))
        # Numbers of faces hardly repeat. The text of a float is its shortest exact one, as in JSON.
        return _WITH_FACE % (
            timestamp_ms,
            person_index,
            width,
            height,
            left,
            top,
            face.width,
            face.height,
            face.left,
            face.top,
            *face.landmarks,
            face.roll,
            face.yaw,
            face.pitch,
            face.brightness,
            face.sharpness,
            face.confidence,
        )


@lru_cache(maxsize=2**14)
def _number(value: float) -> str:
    """Returns a finite number as JSON.

    Boxes are whole pixels divided by the size of the frame, so many numbers repeat.
    """
    # -0.0 equals 0.0, so the cache has one text for both. Adding zero makes it the same text in any order.
    return repr(value + 0.0)


def _bounding_box(of: PersonDetection | FaceDetail) -> dict[str, float]:
    return {"Width": of.width, "Height": of.height, "Left": of.left, "Top": of.top}


def _face(face: FaceDetail) -> dict[str, Any]:
    # GetPersonTracking returned only the default attributes of FaceDetail.
    points = zip(LANDMARK_TYPES, face.landmarks[::2], face.landmarks[1::2], strict=True)
    return {
        "BoundingBox": _bounding_box(face),
        "Landmarks": [{"Type": name, "X": x, "Y": y} for name, x, y in points],
        "Pose": {"Roll": face.roll, "Yaw": face.yaw, "Pitch": face.pitch},
        "Quality": {"Brightness": face.brightness, "Sharpness": face.sharpness},
        "Confidence": face.confidence,
    }
