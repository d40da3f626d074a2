"""ENTRY: a job's last steps: publish its end, and before that, if need be, record its failure."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from typing import Any, NamedTuple

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import ClientError

from people_pathing.service.artifacts import ArtifactStore, job_key
from people_pathing.service.failure import outcome_of
from people_pathing.service.job import Job, NotificationChannel
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import CallerRoles, notice
from people_pathing.service.settings import FinishSettings

logger = Logger(service="service")
metrics = Metrics(namespace="PeoplePathing", service="service")
tracer = Tracer(service="service")

CLIENT_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})


class Composition(NamedTuple):
    """What the steps work with."""

    session: boto3.Session
    store: ArtifactStore


@cache
def compose() -> Composition:
    """This function's settings and clients."""
    settings = FinishSettings.from_environment(os.environ)
    session = boto3.Session()
    return Composition(
        session, ArtifactStore(session.client("s3", config=CLIENT_CONFIG), settings.artifact_bucket)
    )


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def fail(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id", "error": {"Error", "Cause"}} → {"job_id", "status", "message"}."""
    job_id = event["job_id"]
    store = compose().store
    logger.append_keys(job_id=job_id)
    if store.exists(job_key(job_id, "observations.bin")):
        # Linking died after its result was there: whoever asked has been told of success already.
        return {"job_id": job_id, "status": "SUCCEEDED"}
    outcome = outcome_of(event["error"], int(time.time() * 1000))
    store.write(job_key(job_id, "job.json"), outcome.to_json())
    logger.warning("failed", error=event["error"])
    return {"job_id": job_id, "status": outcome.status, "message": outcome.message}


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def publish(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """{"job_id", "status", "message"?} → the same, once the job's place is free and its notice is out."""
    session, store = compose()
    job_id, status = event["job_id"], event["status"]
    job = Job.from_json(store.read_existing(job_key(job_id, "request.json")))
    logger.append_keys(job_id=job_id, video=job.video.uri)
    # First the place: whoever hears of the end may start the next job at once.
    JobSlots(store).release(job_id)
    if job.channel is not None:
        _notify(session, job, job.channel, notice(job, status, event.get("message"), int(time.time() * 1000)))
    metrics.add_metric(f"Job{status.capitalize()}", MetricUnit.Count, 1)
    logger.info("ended", status=status)
    return event


def _notify(session: boto3.Session, job: Job, channel: NotificationChannel, message: dict[str, Any]) -> None:
    try:
        credentials = CallerRoles(session.client("sts", config=CLIENT_CONFIG)).credentials(
            channel, job.job_id
        )
        sns = session.client(
            "sns",
            config=CLIENT_CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        sns.publish(TopicArn=channel.topic_arn, Message=json.dumps(message))
    except ClientError:
        metrics.add_metric("NoticeRefused", MetricUnit.Count, 1)
        raise
