"""Analyzes the stored results of one video: writes its tables and its report, and counts people in zones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from people_pathing.analysis.count_files import COUNT_NAMES
from people_pathing.common.aws_errors import NOT_FOUND_CODES, error_code
from people_pathing.common.s3_erasure import erase_versions
from people_pathing.common.smoke_clips import is_smoke_clip
from people_pathing.common.zones_objects import ZonesObject, find_zones
from people_pathing.pipeline.counting import analysis_report
from people_pathing.pipeline.counting.analysis_report import AnalysisReport
from people_pathing.pipeline.counting.result_counts import NotCountableError, valid_zones_text, write_counts
from people_pathing.pipeline.counting.stored_names import CONTENT_TYPES, STORED_NAMES
from people_pathing.pipeline.counting.table_files import erase_tables, erase_tables_of_any_date, table_key
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.video import video_id_of_results
from people_pathing.report import page_file
from people_pathing.results import file_names, person_removal
from people_pathing.results.files import job_summary
from people_pathing.results.stored_result import StoredResult, open_stored_result
from people_pathing.tables.columns import EVENTS, OBSERVATIONS, PEOPLE, Table
from people_pathing.tables.parquet import file_name, write_table
from people_pathing.tables.rows import Row, event_rows, observation_rows, people_rows

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class OpenedResult:
    """The result files of one video in a folder.

    Attributes:
        stored: the files, with the video id of the job record.
        prefix: where they are in the results bucket, with the slash at the end.
        uploaded_on: the date of the video's upload in UTC; None if job.json does not say it.
        zones: the zones file that applies to the video; None if there is none.
    """

    stored: StoredResult
    prefix: str
    uploaded_on: date | None
    zones: ZonesObject | None


@dataclass(frozen=True, slots=True)
class ResultAnalyzer:
    """Analyzes stored results. Errors of S3 are botocore's.

    Attributes:
        client: a boto3 client of S3.
        results_bucket: the bucket of the results.
        video_buckets: the buckets of videos that may have zones files.
        job_metrics: counts the videos that were counted.
    """

    client: S3Client
    results_bucket: str
    video_buckets: frozenset[str]
    job_metrics: JobMetrics

    def analyze(self, prefix: str) -> None:
        """Writes the tables and the report of one video, and counts its people if a zones file applies to it.

        Doing it again does no harm.

        Args:
            prefix: of the result files, with the slash at the end.

        Raises:
            StoredResultError, ObservationsError: the result files are damaged.
        """
        if summary := self._summary_to_analyze(prefix):
            self._analyze(prefix, summary, self._applying_zones(summary), self._all_steps)

    def analyze_with_new_zones(self, prefix: str) -> None:
        """Counts the people of one video again, unless the current zones file was used for it already.

        The report gets the new zones, too.
        """
        summary = self._summary_to_analyze(prefix)
        if summary is None:
            return
        # The version that is compared is the one that is used, so they are not read in between.
        zones = self._applying_zones(summary)
        if zones and (zones.version is None or zones.version != self._counted_version(prefix, zones)):
            self._analyze(prefix, summary, zones, self._zones_steps)

    def _summary_to_analyze(self, prefix: str) -> Any | None:
        """Returns the content of job.json, or None if the results are gone or the video is elsewhere."""
        summary = self.summary(prefix)
        if summary is None:
            self._discard_gone(prefix)
            return None
        video = summary["video"]
        if video.get("bucket") not in self.video_buckets:
            logger.info("not analyzed", reason="the stack may not read zones where the video is", video=video)
            return None
        return summary

    def _applying_zones(self, summary: Mapping[str, Any]) -> ZonesObject | None:
        return find_zones(self.client, summary["video"]["bucket"], summary["video"]["key"])

    def _analyze(
        self,
        prefix: str,
        summary: Mapping[str, Any],
        zones: ZonesObject | None,
        steps: Sequence[Callable[[OpenedResult], None]],
    ) -> None:
        if person_removal.ERASED in summary.get("provenance", {}):
            # An invocation that had read earlier observations may have died and left versions made of them.
            self._discard(prefix, summary)
            steps = self._all_steps
        with tempfile.TemporaryDirectory() as folder:
            if not self._download(prefix, Path(folder)):
                self._discard_gone(prefix, summary)
                return
            video_id = video_id_of_results(prefix, summary["video"]["bucket"])
            stored = replace(open_stored_result(Path(folder)), video_id=video_id)
            opened = OpenedResult(stored, prefix, _uploaded_on(summary), zones)
            for step in steps:
                step(opened)
        current = self.summary(prefix)
        if current is None:
            # The video was erased in the meantime, perhaps before the files were stored.
            self._discard_gone(prefix, summary)
        elif current != summary:
            # People were erased in the meantime, and the files that were stored may be about them.
            logger.info("analyzed again", reason="the results have changed")
            self._discard(prefix, summary)
            self.analyze(prefix)
        elif (newer := self._applying_zones(summary)) not in (zones, None):
            # Another invocation may have stored its counts with them already, and this one has replaced them.
            logger.info("counted again", reason="the zones file has changed")
            self._analyze(prefix, summary, newer, self._zones_steps)

    def _counted_version(self, prefix: str, zones: ZonesObject) -> str | None:
        """Returns the version of a zones file that was used last, or None if it was another file."""
        report = self._json(prefix + analysis_report.NAME)
        if report is None:
            return None
        used = report["zones"]
        return used["version"] if (used["bucket"], used["key"]) == (zones.bucket, zones.key) else None

    def summary(self, prefix: str) -> Any | None:
        """Returns the content of job.json, or None if there is no job.json any more."""
        return self._json(prefix + job_summary.NAME)

    def _json(self, key: str) -> Any | None:
        try:
            reply = self.client.get_object(Bucket=self.results_bucket, Key=key)
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return None
            raise
        return json.loads(reply["Body"].read())

    def _download(self, prefix: str, folder: Path) -> bool:
        """Downloads the result files. Returns False if they have been erased in the meantime."""
        try:
            for name in file_names():
                self.client.download_file(self.results_bucket, prefix + name, str(folder / name))
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES and self.summary(prefix) is None:
                return False
            raise
        return True

    def _store_result_tables(self, opened: OpenedResult) -> None:
        if opened.uploaded_on is None:
            logger.info("no tables", reason="job.json is of an earlier version and has no uploaded_at")
        self._store_table(opened, PEOPLE, people_rows(opened.stored))
        self._store_table(opened, OBSERVATIONS, observation_rows(opened.stored))

    def _store_table(self, opened: OpenedResult, table: Table, rows: Iterable[Row]) -> None:
        # The drawn people of a smoke test must not be among those that users query.
        if opened.uploaded_on is None or is_smoke_clip(opened.stored.key):
            return
        key = table_key(table, opened.stored.video_id, opened.uploaded_on)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, file_name(table))
            write_table(table, rows, path)
            self._upload(path, key)

    def _count(self, opened: OpenedResult) -> None:
        zones = opened.zones
        if zones is None:
            logger.info("not counted", reason="no zones file applies to the video")
            return
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            try:
                counts = write_counts(opened.stored, zones, folder)
            except NotCountableError as error:
                logger.warning("the people could not be counted", reason=str(error))
                self.job_metrics.not_countable()
                report = AnalysisReport.of(zones, str(error))
            else:
                self.job_metrics.counted()
                report = AnalysisReport.of(zones)
                self._store_table(opened, EVENTS, event_rows(opened.stored, counts))
                self._erase_outdated(opened.prefix, folder)
            (folder / analysis_report.NAME).write_bytes(report.content())
            self._store(opened.prefix, folder)
        logger.info("the counts are stored", results_prefix=opened.prefix, status=report.status)

    def _erase_outdated(self, prefix: str, folder: Path) -> None:
        """Erases what an earlier zones file gave and this one does not, for example positions in metres."""
        kept = {analysis_report.NAME, *(path.name for path in folder.iterdir())}
        outdated = {prefix + name for name in COUNT_NAMES if name not in kept}
        erase_versions(self.client, self.results_bucket, prefix, outdated.__contains__)

    def _store(self, prefix: str, folder: Path) -> None:
        for name in COUNT_NAMES:
            if (folder / name).exists():
                self._upload(folder / name, prefix + name)

    def _store_report(self, opened: OpenedResult) -> None:
        """Stores report.html. If the zones file is not valid, the report counts in the whole picture only."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, page_file.NAME)
            zones = valid_zones_text(opened.zones) if opened.zones else None
            page_file.write_report(opened.stored.folder, path, zones_text=zones)
            self._upload(path, opened.prefix + page_file.NAME)

    def _upload(self, path: Path, key: str) -> None:
        content_type = {"ContentType": CONTENT_TYPES[path.suffix]}
        self.client.upload_file(str(path), self.results_bucket, key, ExtraArgs=content_type)

    @property
    def _all_steps(self) -> Sequence[Callable[[OpenedResult], None]]:
        return self._store_result_tables, *self._zones_steps

    @property
    def _zones_steps(self) -> Sequence[Callable[[OpenedResult], None]]:
        # analysis.json is the last file of the last step. A retry does nothing once it names the zones file.
        return self._store_report, self._count

    def _discard_gone(self, prefix: str, summary: Mapping[str, Any] | None = None) -> None:
        logger.info("not analyzed", reason="the results are gone", erased=self._discard(prefix, summary))

    def _discard(self, prefix: str, summary: Mapping[str, Any] | None) -> int:
        """Erases all versions of the stored files. Returns how many there were.

        Args:
            prefix: of the result files.
            summary: the content of job.json; None if it is not known. Then all tables have to be searched.
        """
        names = {prefix + name for name in STORED_NAMES}
        count = erase_versions(self.client, self.results_bucket, prefix, names.__contains__)
        if summary is not None:
            uploaded_on = _uploaded_on(summary)
            if uploaded_on is None:
                return count
            video_id = video_id_of_results(prefix, summary["video"]["bucket"])
            return count + erase_tables(self.client, self.results_bucket, video_id, uploaded_on)
        video_ids = {video_id_of_results(prefix, bucket) for bucket in self.video_buckets}
        return count + erase_tables_of_any_date(self.client, self.results_bucket, video_ids)


def _uploaded_on(summary: Mapping[str, Any]) -> date | None:
    uploaded_at = summary.get("uploaded_at")
    return datetime.fromisoformat(uploaded_at).astimezone(UTC).date() if uploaded_at else None
