"""Creates what AnalyzeResults needs, once per process, from the environment.

This is apart from the composition of the other functions, because only the worker's image has the analysis.
"""

from __future__ import annotations

import os
from functools import cache

import boto3

from people_pathing.pipeline.composition import STORAGE_CONFIG
from people_pathing.pipeline.counting.recount import Recounter
from people_pathing.pipeline.counting.result_analysis import ResultAnalyzer
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.settings import AnalysisSettings


@cache
def recounter() -> Recounter:
    """Returns this process's analyzer, and what counts again with it.

    The first call reads the environment and creates the client.
    """
    settings = AnalysisSettings.from_environment(os.environ)
    client = boto3.Session().client("s3", config=STORAGE_CONFIG)
    analyzer = ResultAnalyzer(client, settings.results_bucket, settings.video_buckets, JobMetrics())
    return Recounter(analyzer, settings.recount_on_zones_change)
