"""GetPersonTracking: a job's status and its people, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import PersonDetectionTypeDef

MAX_RESULTS = 1000


@dataclass(frozen=True, slots=True)
class Observation:
    """One person at one moment.

    foot   the middle of the box's lower edge, where the person stands: x and y as ratios of the frame;
           None where the service saw the person but gives no box
    line   the observation as the API gives it, in one line of JSON
    """

    timestamp_ms: int
    person_index: int
    foot: tuple[float, float] | None
    line: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One reply. `metadata` is VideoMetadata as the API gives it; `next_token` is None on the last page."""

    status: str
    status_message: str | None
    metadata: Mapping[str, Any]
    observations: tuple[Observation, ...]
    next_token: str | None


def get_page(client: RekognitionClient, job_id: str, next_token: str | None) -> PersonPage:
    """One page, sorted by person and then by time. Raises botocore's ClientError as the service gives it."""
    more = {"NextToken": next_token} if next_token else {}
    reply = client.get_person_tracking(JobId=job_id, MaxResults=MAX_RESULTS, SortBy="INDEX", **more)
    return PersonPage(
        status=reply["JobStatus"],
        status_message=reply.get("StatusMessage"),
        metadata=reply.get("VideoMetadata", {}),
        observations=tuple(observations_in(reply.get("Persons", []))),
        next_token=reply.get("NextToken") or None,
    )


def observations_in(persons: Iterable[PersonDetectionTypeDef]) -> Iterator[Observation]:
    """Observations from the members of Persons."""
    for person in persons:
        detail = person["Person"]
        box = detail.get("BoundingBox")
        yield Observation(
            timestamp_ms=person["Timestamp"],
            person_index=detail["Index"],
            foot=(box["Left"] + box["Width"] / 2, box["Top"] + box["Height"]) if box else None,
            line=json.dumps({"Timestamp": person["Timestamp"], "Person": detail}, separators=(",", ":")),
        )
