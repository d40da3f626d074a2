"""Counts results again when their zones file has changed, if there are few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from people_pathing.common.zones_objects import SUFFIX, ZONES_PREFIX, applying_key, zones_keys
from people_pathing.pipeline.counting.result_analysis import ResultAnalyzer
from people_pathing.pipeline.event_handling import handle_each
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.settings import RecountSetting
from people_pathing.pipeline.video import BY_VIDEO_ID
from people_pathing.results.files import job_summary

MAX_LISTED_PAGES = 100
"""How many pages of 1,000 keys are listed. A zones file that applies to so many results is not for this."""


class TooManyResultsError(Exception):
    """A zones file applies to more results than may be counted again at once."""


@dataclass(frozen=True, slots=True)
class Recounter:
    """Counts the results again that a changed zones file applies to. Errors of S3 are botocore's.

    Attributes:
        analyzer: counts one result.
        setting: how many results may be counted again at once.
    """

    analyzer: ResultAnalyzer
    setting: RecountSetting

    def zones_changed(self, bucket: str, key: str) -> None:
        """Counts again with a zones file. Doing it again skips the results that it was used for.

        Args:
            bucket: the bucket of the videos.
            key: the key of the zones file.

        Raises:
            ExceptionGroup: some results could not be counted.
        """
        limit = self.setting.max_results
        try:
            prefixes = list(islice(self._prefixes(bucket, key), limit + 1))
            if len(prefixes) > limit:
                raise TooManyResultsError(f"it applies to more than {limit} results")
        except TooManyResultsError as error:
            logger.warning("nothing is counted again", zones=key, reason=str(error))
            self.analyzer.job_metrics.recount_refused()
            return
        logger.info(
            "results to count again", zones=key, count=len(prefixes), is_dry_run=self.setting.is_dry_run
        )
        if not self.setting.is_dry_run:
            handle_each(prefixes, self.analyzer.analyze_with_new_zones)

    def _prefixes(self, bucket: str, key: str) -> Iterator[str]:
        """Yields the prefixes of the results that a zones file applies to, and no other zones file."""
        known = zones_keys(self.analyzer.client, bucket)
        start = key.removeprefix(ZONES_PREFIX).removesuffix(SUFFIX)
        for prefix in self._result_prefixes(start):
            video_key = self._video_key(prefix, bucket)
            if video_key is not None and applying_key(known, video_key) == key:
                yield prefix

    def _result_prefixes(self, start: str) -> Iterator[str]:
        """Yields the prefixes of results that begin with a text, and of results under a video id."""
        pages = self.analyzer.client.get_paginator("list_objects_v2").paginate
        bucket = self.analyzer.results_bucket
        listed = chain(pages(Bucket=bucket, Prefix=start), pages(Bucket=bucket, Prefix=BY_VIDEO_ID))
        seen = set()
        for number, page in enumerate(listed, 1):
            if number > MAX_LISTED_PAGES:
                raise TooManyResultsError(f"it applies to more than {MAX_LISTED_PAGES * 1000:,} objects")
            for entry in page.get("Contents", []):
                prefix, _, name = entry["Key"].rpartition("/")
                if name == job_summary.NAME and prefix not in seen:
                    seen.add(prefix)
                    yield prefix + "/"

    def _video_key(self, prefix: str, bucket: str) -> str | None:
        """Returns the key of the video whose results are under a prefix, or None if it is in another bucket.

        A key that is in the prefix may be one of another bucket: `ResultAnalyzer` finds out.
        """
        if not prefix.startswith(BY_VIDEO_ID):
            # The prefix is the video's key and version.
            return prefix.rsplit("/", 2)[0]
        video = (self.analyzer.summary(prefix) or {}).get("video", {})
        return str(video["key"]) if video.get("bucket") == bucket else None
