"""Counts the people in the stored results of one video, and stores the counts beside them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from people_pathing.analysis import count_files
from people_pathing.analysis.count_files import counts_document
from people_pathing.analysis.count_folder import write_count_files
from people_pathing.analysis.path_points import stored_path_points
from people_pathing.analysis.summaries.intervals import DEFAULT_INTERVAL_MINUTES, Recording
from people_pathing.analysis.video_counts import count_video
from people_pathing.analysis.zones_file.members import ZonesFileError
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.common.aws_errors import NOT_FOUND_CODES, error_code
from people_pathing.common.zones_objects import ZonesContentError, ZonesObject, find_zones, zones_text
from people_pathing.pipeline.counting import analysis_report
from people_pathing.pipeline.counting.analysis_report import AnalysisReport
from people_pathing.pipeline.counting.stored_names import CONTENT_TYPES, STORED_NAMES
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.results_bucket import erase_versions
from people_pathing.results import file_names
from people_pathing.results.files import job_summary, observations
from people_pathing.results.stored_result import open_stored_result

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class ResultAnalyzer:
    """Counts the people in stored results. Errors of S3 are botocore's.

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
        """Counts the people of one video, if a zones file applies to it. Doing it again does no harm.

        Args:
            prefix: of the result files, with the slash at the end.

        Raises:
            StoredResultError, ObservationsError: the result files are damaged.
        """
        video = self._video(prefix)
        if video is None:
            self._discard(prefix)
            return
        if not self._is_ours(video):
            logger.info("not counted", reason="the stack may not read zones where the video is", video=video)
            return
        zones = find_zones(self.client, video["bucket"], video["key"])
        if zones is None:
            logger.info("not counted", reason="no zones file applies to the video")
            return
        with tempfile.TemporaryDirectory() as scratch:
            results, counts = Path(scratch, "results"), Path(scratch, "counts")
            report = self._count(prefix, zones, results, counts)
            if report is None:
                self._discard(prefix)
                return
            self._store(prefix, counts, report)
        if self._video(prefix) is None:
            # The video was erased in the meantime, perhaps before the files were stored.
            self._discard(prefix)

    def analyze_with_new_zones(self, prefix: str) -> None:
        """Counts the people of one video again, unless the current zones file was used for it already."""
        video = self._video(prefix) or {}
        zones = find_zones(self.client, video["bucket"], video["key"]) if self._is_ours(video) else None
        if zones is None or zones.version is None or zones.version != self._counted_version(prefix, zones):
            self.analyze(prefix)

    def _is_ours(self, video: Mapping[str, Any]) -> bool:
        return video.get("bucket") in self.video_buckets

    def _counted_version(self, prefix: str, zones: ZonesObject) -> str | None:
        """Returns the version of a zones file that was used last, or None if it was another file."""
        key = prefix + analysis_report.NAME
        try:
            reply = self.client.get_object(Bucket=self.results_bucket, Key=key)
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return None
            raise
        used = json.loads(reply["Body"].read())["zones"]
        return used["version"] if (used["bucket"], used["key"]) == (zones.bucket, zones.key) else None

    def _video(self, prefix: str) -> Any | None:
        """Returns what job.json says about the video, or None if there is no job.json any more."""
        try:
            reply = self.client.get_object(Bucket=self.results_bucket, Key=prefix + job_summary.NAME)
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return None
            raise
        return json.loads(reply["Body"].read())["video"]

    def _count(self, prefix: str, zones: ZonesObject, results: Path, counts: Path) -> AnalysisReport | None:
        """Counts into a folder. Returns None if the results have been erased in the meantime."""
        results.mkdir()
        counts.mkdir()
        try:
            zones_file = read_zones(zones_text(zones))
        except (ZonesFileError, ZonesContentError) as error:
            return self._rejected(zones, f"{zones.uri}: {error}")
        try:
            for name in file_names():
                self.client.download_file(self.results_bucket, prefix + name, str(results / name))
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES and self._video(prefix) is None:
                return None
            raise
        stored = open_stored_result(results)
        if min(stored.frame_width_px, stored.frame_height_px) <= 0:
            return self._rejected(zones, "the service did not report the size of the video's frames")
        found = count_video(
            stored_path_points(stored),
            zones_file,
            aspect_ratio=stored.frame_width_px / stored.frame_height_px,
            recording=Recording(stored.duration_ms, stored.recorded_at_ms),
            interval_minutes=DEFAULT_INTERVAL_MINUTES,
        )
        document = counts_document(
            found,
            stored.video,
            DEFAULT_INTERVAL_MINUTES,
            recorded_at_source=stored.recorded_at_source,
            provenance=stored.provenance,
        )
        write_count_files(found, document, results / observations.NAME, counts)
        self.job_metrics.counted()
        return AnalysisReport.of(zones)

    def _rejected(self, zones: ZonesObject, reason: str) -> AnalysisReport:
        logger.warning("the people could not be counted", reason=reason)
        self.job_metrics.not_countable()
        return AnalysisReport.of(zones, reason)

    def _store(self, prefix: str, counts: Path, report: AnalysisReport) -> None:
        for path in sorted(counts.iterdir()):
            self.client.upload_file(
                str(path),
                self.results_bucket,
                prefix + path.name,
                ExtraArgs={"ContentType": CONTENT_TYPES[path.suffix]},
            )
        if report.reason is None:
            # An earlier zones file may have had a calibration.
            outdated = {prefix + name for name in count_files.ALL_NAMES if not (counts / name).exists()}
            erase_versions(self.client, self.results_bucket, prefix, outdated.__contains__)
        # The last file, so that it tells whether the others are complete.
        self.client.put_object(
            Bucket=self.results_bucket,
            Key=prefix + analysis_report.NAME,
            Body=report.content(),
            ContentType=CONTENT_TYPES[Path(analysis_report.NAME).suffix],
        )
        logger.info("the counts are stored", results_prefix=prefix, status=report.status)

    def _discard(self, prefix: str) -> None:
        """Erases all versions of the stored files, because the results are gone."""
        names = {prefix + name for name in STORED_NAMES}
        count = erase_versions(self.client, self.results_bucket, prefix, names.__contains__)
        logger.info("not counted", reason="the results are gone", erased=count)
