"""Counts results again when their zones file has changed, if there are few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from people_pathing.common.zones_objects import SUFFIX, ZONES_PREFIX, applying_key, zones_keys
from people_pathing.pipeline.counting.result_analysis import ResultAnalyzer
from people_pathing.pipeline.event_handling import handle_each
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.settings import RecountSetting
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
        analyzer = self.analyzer
        known = zones_keys(analyzer.client, bucket)
        pages = analyzer.client.get_paginator("list_objects_v2").paginate(
            Bucket=analyzer.results_bucket, Prefix=key.removeprefix(ZONES_PREFIX).removesuffix(SUFFIX)
        )
        for number, page in enumerate(pages, 1):
            if number > MAX_LISTED_PAGES:
                raise TooManyResultsError(f"it applies to more than {MAX_LISTED_PAGES * 1000:,} objects")
            for entry in page.get("Contents", []):
                prefix, _, name = entry["Key"].rpartition("/")
                # The prefix is the video's key and version.
                if name == job_summary.NAME and applying_key(known, prefix.rpartition("/")[0]) == key:
                    yield prefix + "/"
