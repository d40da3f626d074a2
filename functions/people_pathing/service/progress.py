"""How much of a job is done, estimated from the artifacts that its steps have stored so far."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.service.artifacts import job_prefix, observations_key, plan_key

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

# Detection takes nearly all of a job's time. The rest is planning, linking, and collecting the results.
PLANNED_RATIO = 0.02
DETECTED_RATIO = 0.94
LINKED_RATIO = 0.97


def job_progress(s3: S3Client, artifact_bucket: str, job_id: str) -> float:
    """Returns the ratio of a running job's work that is done, 0..LINKED_RATIO."""
    try:
        body = s3.get_object(Bucket=artifact_bucket, Key=plan_key(job_id))["Body"].read()
    except ClientError:
        # The job is not planned yet, or the caller may not see the artifacts.
        return 0.0
    # The count is read without JobPlan, which needs the engine: the zip files do not contain it.
    segment_count = len(json.loads(body)["segments"])
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=artifact_bucket, Prefix=job_prefix(job_id))
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    if observations_key(job_id) in keys:
        return LINKED_RATIO
    detected_count = sum(1 for key in keys if key.startswith(f"{job_prefix(job_id)}segments/"))
    return PLANNED_RATIO + (DETECTED_RATIO - PLANNED_RATIO) * detected_count / segment_count
