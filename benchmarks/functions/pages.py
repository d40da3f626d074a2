"""Pages of a long result, made when they are requested. Boxes are whole pixels of 1080p, as in real ones."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
from botocore.awsrequest import AWSPreparedRequest
from numpy.typing import NDArray

from benchmarks.functions.recorded_calls import Answer
from people_pathing.service.result_pages.from_tracks import FACE
from people_pathing.service.result_pages.person import PersonDetection

PAGE_SIZE = 1000
SIZE_PX = (1920, 1080)
METADATA = {
    "Codec": "h264",
    "DurationMillis": 60_000,
    "Format": "QuickTime / MOV",
    "FrameRate": 29.970029830932617,
    "FrameHeight": SIZE_PX[1],
    "FrameWidth": SIZE_PX[0],
}
DIFFERENT_PATHS = 8
FRAME_MS = 66


@cache
def path(number: int) -> NDArray[np.float32]:
    """Returns (PAGE_SIZE, 4) float32: the boxes of a person who walks through the picture, in ratios."""
    chance = np.random.default_rng(number)
    steps = chance.integers(-4, 5, (PAGE_SIZE, 4)).cumsum(axis=0) + np.array([900, 500, 60, 160])
    pixels = np.clip(steps, 1, np.array([1800, 900, 110, 170]))
    ratios: NDArray[np.float32] = (pixels / np.array(SIZE_PX * 2)).astype(np.float32)
    return ratios


def faces(boxes: NDArray[np.float32]) -> NDArray[np.void]:
    """Returns (N,) of FACE: faces in the upper parts of these (N, 4) boxes. No number occurs twice."""
    chance = np.random.default_rng(0)
    found = np.zeros(len(boxes), FACE)
    found["box"] = boxes * np.array([1, 1, 0.5, 0.2]) + chance.random((len(boxes), 4)) / 100
    found["confidence"] = chance.uniform(50, 100, len(boxes))
    found["pose"] = chance.uniform(-90, 90, (len(boxes), 3))
    found["quality"] = chance.uniform(0, 100, (len(boxes), 2))
    found["landmarks"] = found["box"][:, None, :2] + chance.random((len(boxes), 5, 2)) / 100
    return found


@cache
def _persons(number: int, count: int) -> str:
    boxes = path(number)[:count].astype(float).tolist()
    people = (PersonDetection(FRAME_MS * at, 0, *box) for at, box in enumerate(boxes))
    return ",".join(person.to_json() for person in people)


def page(number: int, count: int, video_version: str, observation_count: int = PAGE_SIZE) -> bytes:
    """Returns the body of a page of GetPersonTracking: one person, who has the number of the page."""
    persons = _persons(number % DIFFERENT_PATHS, observation_count).replace(
        '"Index":0,', f'"Index":{number},'
    )
    video = {"S3Object": {"Bucket": "videos", "Name": "a.mp4", "Version": video_version}}
    reply = {"JobStatus": "SUCCEEDED", "VideoMetadata": METADATA, "JobId": "job", "Video": video}
    token = f',"NextToken":"{number + 1}"' if number + 1 < count else ""
    return f'{json.dumps(reply)[:-1]},"Persons":[{persons}]{token}}}'.encode()


def answer(request: AWSPreparedRequest, count: int, video_version: str) -> Answer:
    """Answers a request of GetPersonTracking for a result of `count` pages."""
    body: Any = request.body
    number = int(json.loads(body).get("NextToken") or 0)
    return Answer(page(number, count, video_version), {"content-type": "application/x-amz-json-1.1"})
