"""What is stored about a video's people, and how it gets into the results bucket.

`observations.jsonl.gz` is written in chunks of pages, each a gzip member of its own (RFC 1952, 2.2), and
`people.json` in the same chunks of plain text. Where a chunk ends depends on the pages alone, so a collector
that goes on from another's last chunk ends with the same bytes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.pipeline.job_record import JobRecord, OpenPerson, Progress
from people_pathing.pipeline.person_pages import Observation
from people_pathing.pipeline.video import RESERVED_PREFIX

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

OBSERVATIONS = "observations.jsonl.gz"
PEOPLE = "people.json"
JOB = "job.json"
CONTENT_TYPES = {OBSERVATIONS: "application/gzip", PEOPLE: "application/json", JOB: "application/json"}

# A person not seen for longer than this was away meanwhile, and that time is not counted as dwelling.
LONGEST_GAP_MS = 1000
# S3 takes no smaller parts, but for the last.
PART_BYTES = 5 * 1024 * 1024
_GZIP_WBITS = 16 + zlib.MAX_WBITS


class PageOrderError(ValueError):
    """Pages that are not sorted by person and then by time."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of each of the two files, by its name."""

    pieces: Mapping[str, bytes]


class ChunkWriter:
    """Turns observations, sorted by person and then by time, into the next chunk of both files."""

    def __init__(self, progress: Progress | None) -> None:
        self._chunk_count = progress.chunk_count if progress else 0
        self._observation_count = progress.observation_count if progress else 0
        self._people_count = progress.people_count if progress else 0
        self._person = progress.person if progress else None
        self._compressor = zlib.compressobj(wbits=_GZIP_WBITS)
        self._persons: list[bytes] = []
        self._people: list[str] = [] if progress else ["["]

    @property
    def observation_count(self) -> int:
        return self._observation_count

    @property
    def people_count(self) -> int:
        return self._people_count

    def add(self, observations: Iterable[Observation]) -> None:
        """Raise PageOrderError where an observation belongs before one that was added already."""
        lines = []
        for observation in observations:
            lines.append(observation.line + "\n")
            self._add_to_path(observation)
        self._observation_count += len(lines)
        self._persons.append(self._compressor.compress("".join(lines).encode()))

    def cut(self, next_token: str) -> tuple[Chunk, Progress]:
        """The chunk as it stands, and where the next one begins. The writer is used up."""
        progress = Progress(
            next_token=next_token,
            chunk_count=self._chunk_count + 1,
            observation_count=self._observation_count,
            people_count=self._people_count,
            person=self._person,
        )
        return self._chunk(), progress

    def end(self) -> Chunk:
        """The last chunk. The writer is used up."""
        self._close_person()
        self._people.append("\n]\n")
        return self._chunk()

    def _chunk(self) -> Chunk:
        self._persons.append(self._compressor.flush())
        return Chunk({OBSERVATIONS: b"".join(self._persons), PEOPLE: "".join(self._people).encode()})

    def _add_to_path(self, observation: Observation) -> None:
        person, now_ms = self._person, observation.timestamp_ms
        if person is None or observation.person_index != person.index:
            if person is not None and observation.person_index < person.index:
                raise PageOrderError(f"person {observation.person_index} comes after person {person.index}")
            self._close_person()
            person = self._open_person(observation)
        elif now_ms < person.last_seen_ms:
            raise PageOrderError(f"person {person.index} at {now_ms} ms comes after {person.last_seen_ms} ms")
        gap_ms = now_ms - person.last_seen_ms
        if observation.foot is not None:
            x, y = observation.foot
            self._people.append(f"{',' if person.point_count else ''}[{now_ms},{round(x, 5)},{round(y, 5)}]")
        self._person = replace(
            person,
            last_seen_ms=now_ms,
            dwell_ms=person.dwell_ms + (gap_ms if gap_ms <= LONGEST_GAP_MS else 0),
            point_count=person.point_count + (observation.foot is not None),
        )

    def _open_person(self, observation: Observation) -> OpenPerson:
        separator = ",\n" if self._people_count else "\n"
        self._people_count += 1
        index, now_ms = observation.person_index, observation.timestamp_ms
        self._people.append(f'{separator}{{"index":{index},"first_seen_ms":{now_ms},"path":[')
        return OpenPerson(index, first_seen_ms=now_ms, last_seen_ms=now_ms, dwell_ms=0, point_count=0)

    def _close_person(self) -> None:
        if self._person is not None:
            self._people.append(
                f'],"last_seen_ms":{self._person.last_seen_ms},"dwell_ms":{self._person.dwell_ms}}}'
            )


@dataclass(frozen=True, slots=True)
class ResultsBucket:
    """The results bucket. Errors are botocore's."""

    client: S3Client
    bucket: str

    def put_chunk(self, video_id: str, number: int, chunk: Chunk) -> None:
        for name, piece in chunk.pieces.items():
            self.client.put_object(Bucket=self.bucket, Key=_chunk_key(video_id, number, name), Body=piece)

    def publish(
        self,
        record: JobRecord,
        chunk_count: int,
        last: Chunk,
        job: Mapping[str, Any],
        on_part: Callable[[], None],
    ) -> None:
        """Put the files together from the stored chunks and the last one; job.json comes after the others."""
        for name, piece in last.pieces.items():
            stored = (self._read(_chunk_key(record.video_id, number, name)) for number in range(chunk_count))
            self._put(record.results_prefix + name, CONTENT_TYPES[name], _chain(stored, piece), on_part)
        self.client.put_object(
            Bucket=self.bucket,
            Key=record.results_prefix + JOB,
            Body=(json.dumps(job, indent=2, ensure_ascii=False) + "\n").encode(),
            ContentType=CONTENT_TYPES[JOB],
        )

    def discard_chunks(self, video_id: str, chunk_count: int) -> None:
        keys = [
            _chunk_key(video_id, number, name)
            for number in range(chunk_count)
            for name in (OBSERVATIONS, PEOPLE)
        ]
        for start in range(0, len(keys), 1000):
            self.client.delete_objects(
                Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in keys[start : start + 1000]]}
            )

    def _read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def _put(self, key: str, content_type: str, pieces: Iterable[bytes], on_part: Callable[[], None]) -> None:
        """One object from pieces of any size, of which one part is held at a time."""
        held, upload_id = bytearray(), None
        parts: list[CompletedPartTypeDef] = []
        try:
            for piece in pieces:
                if len(held) >= PART_BYTES:
                    upload_id = upload_id or self._begin_parts(key, content_type)
                    parts.append(self._put_part(key, upload_id, len(parts) + 1, bytes(held)))
                    held.clear()
                    on_part()
                held += piece
            if upload_id is None:
                self.client.put_object(
                    Bucket=self.bucket, Key=key, Body=bytes(held), ContentType=content_type
                )
                return
            parts.append(self._put_part(key, upload_id, len(parts) + 1, bytes(held)))
            self.client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
        except BaseException:
            if upload_id is not None:
                with suppress(ClientError, BotoCoreError):
                    self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)
            raise

    def _begin_parts(self, key: str, content_type: str) -> str:
        reply = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, ContentType=content_type)
        return reply["UploadId"]

    def _put_part(self, key: str, upload_id: str, number: int, body: bytes) -> CompletedPartTypeDef:
        reply = self.client.upload_part(
            Bucket=self.bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
        )
        return {"PartNumber": number, "ETag": reply["ETag"]}


def chunks_prefix(video_id: str) -> str:
    """Where the chunks of a job lie until its files are put together."""
    return f"{RESERVED_PREFIX}collecting/{video_id}/"


def _chunk_key(video_id: str, number: int, name: str) -> str:
    return f"{chunks_prefix(video_id)}{number:06}/{name}"


def _chain(stored: Iterator[bytes], last: bytes) -> Iterator[bytes]:
    yield from stored
    yield last
