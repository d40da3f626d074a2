"""Erases people from the results of one video in the results bucket.

The order of the steps makes it final, and lets it be repeated after an interruption:

1. A marker is stored that an erasure has begun. It is among the chunks of the video, because these are erased
   with it. New files of observations and people replace the stored ones, if those are still the ones that
   were read. From now on, job.json says more observations than there are, so readers refuse the results.
2. The job record changes. A program that annotates the video compares it, and discards its copy then.
3. Everything that was made from the earlier observations is erased with all versions. So are the old versions
   of the result files. A check makes sure that nothing wrote in between.
4. The new job.json is stored. It completes the results, and says that people were erased. Its old versions
   are erased, and then the marker.

AnalyzeResults is notified of it, and makes the tables, counts and report again. It compares job.json before
and after its work, so that an invocation that has read earlier observations discards what it made of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import NOT_FOUND_CODES, error_code
from people_pathing.common.clock import utc_time
from people_pathing.common.s3_erasure import erase_versions
from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.erasure import stored_names
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.results_bucket import chunks_prefix, erase_files
from people_pathing.pipeline.video import NO_VERSION
from people_pathing.results import file_names, result_files
from people_pathing.results.person_removal import MARKER

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CONFLICT_CODES = ("PreconditionFailed", "ConditionalRequestConflict", *NOT_FOUND_CODES)
"""What S3 answers if an object is not, or may not be, the one that was read."""


@dataclass(frozen=True, slots=True)
class _StoredVersion:
    """A version or a delete marker. `is_current` tells whether it is the newest one of its key."""

    key: str
    version: str
    is_current: bool


class ResultsChangedError(Exception):
    """The results changed while people were erased from them. The message says what to do."""


@dataclass(frozen=True, slots=True)
class PersonEraser:
    """Erases people from stored results. Errors of AWS are botocore's.

    Attributes:
        s3: a boto3 client of S3.
        table: the job table.
        results_bucket: the name of the results bucket.
        export_names: names of files that a user may have stored beside the results.
    """

    s3: S3Client
    table: JobTable
    results_bucket: str
    export_names: Set[str]

    def fetch(self, record: JobRecord, folder: Path) -> Mapping[str, str]:
        """Downloads the result files.

        Args:
            record: the job of the video.
            folder: where the files go. It exists.

        Returns:
            The ETag of each file.
        """
        etags = {}
        # If an erasure ends after this, the files change, and that is noticed. So the marker comes first.
        self._fetch_marker(record, folder)
        for name in file_names():
            reply = self.s3.get_object(Bucket=self.results_bucket, Key=record.results_prefix + name)
            with (folder / name).open("wb") as file:
                shutil.copyfileobj(reply["Body"], file)
            etags[name] = reply["ETag"]
        return etags

    def _fetch_marker(self, record: JobRecord, folder: Path) -> None:
        """Downloads the marker of an interrupted erasure, if there is one."""
        try:
            reply = self.s3.get_object(Bucket=self.results_bucket, Key=_marker_key(record))
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return
            raise
        (folder / MARKER).write_bytes(reply["Body"].read())

    def beside(self, record: JobRecord) -> Iterator[str]:
        """Yields the names of all files that are stored beside each other for the video, known or not."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.results_bucket, Prefix=record.results_prefix, Delimiter="/"
        )
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"].removeprefix(record.results_prefix)

    def tables(self, record: JobRecord) -> Iterator[str]:
        """Yields the keys of the video's tables."""
        for key in sorted(table_keys(record.video_id, utc_time(record.uploaded_ms).date())):
            reply = self.s3.list_objects_v2(Bucket=self.results_bucket, Prefix=key)
            yield from (entry["Key"] for entry in reply.get("Contents", []))

    def made_from_tracks(self) -> Set[str]:
        """Returns the names of the files that are erased, because they were made from the observations."""
        return (frozenset(stored_names()) | self.export_names) - frozenset(file_names())

    def replace(self, record: JobRecord, folder: Path, etags: Mapping[str, str]) -> int:
        """Replaces the results, and erases everything else that was made from the earlier observations.

        Args:
            record: the job of the video.
            folder: has the new result files.
            etags: what `fetch` returned for the files that the new ones were made from.

        Returns:
            How many versions and delete markers were erased.

        Raises:
            ResultsChangedError: something else changed the results or the record. Erasing can be repeated.
        """
        *tracks, job_summary = result_files()
        self.s3.put_object(
            Bucket=self.results_bucket, Key=_marker_key(record), Body=(folder / MARKER).read_bytes()
        )
        kept = {
            record.results_prefix + file.NAME: self._put(record, file.NAME, file.CONTENT_TYPE, folder, etags)
            for file in tracks
        }
        if self.table.replace(record, record) is None:
            raise _changed(record)
        count = self._erase_made_from_tracks(record)
        summary_key = record.results_prefix + job_summary.NAME
        count += self._erase_older(record, kept)
        kept[summary_key] = self._put(record, job_summary.NAME, job_summary.CONTENT_TYPE, folder, etags)
        # Older versions of job.json say how many people there were, and nothing about them.
        count += self._erase_older(record, kept)
        # The marker is no result, so it is not counted.
        erase_versions(self.s3, self.results_bucket, _marker_key(record))
        return count

    def _put(
        self, record: JobRecord, name: str, content_type: str, folder: Path, etags: Mapping[str, str]
    ) -> str:
        """Stores a file over the one that was read. Returns its version."""
        try:
            with (folder / name).open("rb") as file:
                reply = self.s3.put_object(
                    Bucket=self.results_bucket,
                    Key=record.results_prefix + name,
                    Body=file,
                    ContentType=content_type,
                    IfMatch=etags[name],
                )
        except ClientError as error:
            if error_code(error) in CONFLICT_CODES:
                raise _changed(record) from error
            raise
        return reply.get("VersionId", NO_VERSION)

    def _erase_made_from_tracks(self, record: JobRecord) -> int:
        prefix = record.results_prefix
        count = self._erase_files(prefix, {prefix + name for name in self.made_from_tracks()})
        for key in table_keys(record.video_id, utc_time(record.uploaded_ms).date()):
            count += self._erase_files(key, {key})
        marker_key = _marker_key(record)
        return count + erase_versions(
            self.s3, self.results_bucket, chunks_prefix(record.video_id), lambda key: key != marker_key
        )

    def _erase_files(self, prefix: str, keys: Set[str]) -> int:
        return erase_files(self.s3, self.results_bucket, prefix, keys)

    def _erase_older(self, record: JobRecord, kept: Mapping[str, str]) -> int:
        """Erases all versions of some keys but one.

        Args:
            record: the job of the video.
            kept: the version of each key that stays.

        Raises:
            ResultsChangedError: another version of a key is the current one. Nothing was erased.
        """
        found = list(self._versions(record.results_prefix, kept.keys()))
        if {one.key: one.version for one in found if one.is_current} != kept:
            raise _changed(record)
        older = [one for one in found if one.version != kept[one.key]]
        for one in older:
            self.s3.delete_object(Bucket=self.results_bucket, Key=one.key, VersionId=one.version)
        return len(older)

    def _versions(self, prefix: str, keys: Set[str]) -> Iterator[_StoredVersion]:
        """Yields the versions and delete markers of some keys."""
        pages = self.s3.get_paginator("list_object_versions").paginate(
            Bucket=self.results_bucket, Prefix=prefix
        )
        for page in pages:
            for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                if entry["Key"] in keys:
                    yield _StoredVersion(entry["Key"], entry["VersionId"], entry["IsLatest"])


def _marker_key(record: JobRecord) -> str:
    return chunks_prefix(record.video_id) + MARKER


def _changed(record: JobRecord) -> ResultsChangedError:
    return ResultsChangedError(
        f"the results of s3://{record.bucket}/{record.key} changed in the meantime; run the command again"
    )
