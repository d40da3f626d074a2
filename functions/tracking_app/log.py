"""The functions' one logger: its lines carry the video and the job they are about."""

from contextlib import AbstractContextManager

from aws_lambda_powertools import Logger

from tracking_app.job_record import JobRecord

logger = Logger(service="tracking-app")


def about(record: JobRecord) -> AbstractContextManager[None]:
    """Lines logged inside name the video and its job."""
    return logger.append_context_keys(
        video={"bucket": record.bucket, "key": record.key, "version": record.version},
        token=record.token,
        job_id=record.job_id,
    )
