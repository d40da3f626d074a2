"""The functions' one logger: its lines carry the video and the job they are about."""

from contextlib import AbstractContextManager

from aws_lambda_powertools import Logger

from people_pathing.pipeline.job_record import JobRecord

logger = Logger(service="pipeline")


def about(record: JobRecord) -> AbstractContextManager[None]:
    """Lines logged inside name the video and its job."""
    return logger.append_context_keys(
        video={"bucket": record.bucket, "key": record.key, "version": record.version},
        video_id=record.video_id,
        job_id=record.job_id,
    )
