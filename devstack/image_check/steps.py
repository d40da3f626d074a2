"""Runs the steps of a job inside the worker's image, through the image's own entry point.

This program runs in a container without a network. So it brings what a function needs: the Runtime API, and
moto's S3 and DynamoDB. Each function runs in a process of its own, which gets only what Lambda would give it.
The program prints one line per step. The exit status is 1 if a step fails or logs a warning. The worker logs
one if it does not find a model.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from devstack.image_check.cloud import (
    ARTIFACT_BUCKET,
    JOB_ID,
    JOB_STORE_TABLE,
    REGION,
    RESULTS_BUCKET,
    VIDEO_BUCKET,
    Cloud,
    NoResultError,
    store_result_files,
    store_running_job,
    stored_result,
)
from devstack.image_check.function_run import StepFailedError, function, run_step

HANDLERS = "people_pathing.service.handlers.worker"
ANALYSIS_HANDLER = "people_pathing.pipeline.handlers.analyze_results.handler"
# The clip of five seconds then has three segments, so people are linked across their borders.
SEGMENT_S = "2"


def run_job(cloud: Cloud, changes: Mapping[str, str]) -> None:
    """Runs plan, detect, associate and link for the stored job, as the state machine does.

    Args:
        cloud: where the job is stored.
        changes: environment variables of the functions that differ from the template's defaults.

    Raises:
        StepFailedError: a step failed.
    """
    settings = {
        "POWERTOOLS_SERVICE_NAME": "service",
        "POWERTOOLS_METRICS_NAMESPACE": "PeoplePathing/check",
        "ARTIFACT_BUCKET": ARTIFACT_BUCKET,
        "JOB_STORE_TABLE": JOB_STORE_TABLE,
        "SAMPLE_FPS": "default",
        "SEGMENT_S": SEGMENT_S,
        "TRACKING_MODEL": "",
        "DETECTOR": "auto",
        "INPUT_PX": "default",
        "FACE_MODEL": "",
        "REIDENTIFICATION_MODEL": "",
        **changes,
    }
    plan, detect, associate, link = (
        function(name, f"{HANDLERS}.{name}", cloud.endpoint, settings)
        for name in ("plan", "detect", "associate", "link")
    )
    planned = run_step(plan, {"job_id": JOB_ID})
    for segment in planned["segments"]:
        run_step(detect, {"job_id": JOB_ID, "segment": segment})
    for window in planned["windows"]:
        run_step(associate, {"job_id": JOB_ID, "window": window})
    ended = run_step(link, {"job_id": JOB_ID})
    if ended.get("status") != "SUCCEEDED":
        raise StepFailedError(f"link ended the job with {ended}")


def run_analysis(cloud: Cloud, job_json_key: str) -> None:
    """Runs AnalyzeResults, which writes tables and a report of the stored result files.

    Raises:
        StepFailedError: the function failed, or stored no table or no report.
    """
    settings = {
        "POWERTOOLS_SERVICE_NAME": "pipeline",
        "POWERTOOLS_METRICS_NAMESPACE": "PeoplePathing/check",
        "RESULTS_BUCKET": RESULTS_BUCKET,
        "VIDEO_BUCKETS": VIDEO_BUCKET,
        "RECOUNT_ON_ZONES_CHANGE": "none",
    }
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-11-26T12:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "awsRegion": REGION,
        "s3": {
            "bucket": {"name": RESULTS_BUCKET},
            "object": {"key": job_json_key, "size": 1, "eTag": "0" * 32, "sequencer": "0055AED6DCD90281E5"},
        },
    }
    run_step(function("analyze", ANALYSIS_HANDLER, cloud.endpoint, settings), {"Records": [record]})
    listed = cloud.s3.list_objects_v2(Bucket=RESULTS_BUCKET).get("Contents", [])
    endings = {Path(found["Key"]).suffix for found in listed}
    if missing := {".parquet", ".html"} - endings:
        raise StepFailedError(f"AnalyzeResults stored no file that ends with {' or '.join(sorted(missing))}")


def main() -> int:
    """Runs the check. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clip", type=Path, help="a video of people")
    parser.add_argument("people", type=int, help="how many they are")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable of the functions",
    )
    arguments = parser.parse_args()
    cloud = Cloud.start()
    store_running_job(cloud, arguments.clip)
    try:
        run_job(cloud, dict(pair.split("=", 1) for pair in arguments.set))
        header, observations = stored_result(cloud)
        people = {observation.person_index for observation in observations}
        print(f"{len(people)} people, {header.observation_count} observations", flush=True)
        if len(people) != arguments.people:
            raise StepFailedError(f"the clip shows {arguments.people} people")
        run_analysis(cloud, store_result_files(cloud, header, observations))
    except (StepFailedError, NoResultError) as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
