"""S3: error codes, and the events of uploads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from botocore.exceptions import ClientError

from people_pathing.pipeline.events.s3_events import UploadedVideo, parse_record
from people_pathing.pipeline.video import Video
from people_pathing.service.videos.access import access_problem
from tests.aws_beliefs.function import Function, once_rights_apply
from tests.aws_beliefs.queues import Queue
from tests.simulation.both_clients import error_of
from tests.stack_under_test import StackUnderTest

pytestmark = pytest.mark.stack

ACCESS = "functions/people_pathing/service/videos/access.py"
ERRORS = "Error responses in the Amazon S3 API Reference"
KEY = "früh + spät/[1] 100%.mp4"


@pytest.mark.aws_belief(source=ERRORS, used_by=ACCESS)
def test_a_version_that_does_not_exist_is_no_such_version(account: StackUnderTest, bucket: str) -> None:
    s3 = account.client("s3")
    first = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="a", VersionId=first)
    refused = error_of(s3.get_object, Bucket=bucket, Key="a", VersionId=first)
    assert refused["Error"]["Code"] == "NoSuchVersion"


@pytest.mark.aws_belief(
    source=ERRORS, used_by=ACCESS, differs_locally="MiniStack answers NoSuchVersion for any version"
)
def test_a_malformed_version_is_an_invalid_argument(account: StackUnderTest, bucket: str) -> None:
    s3 = account.client("s3")
    s3.put_object(Bucket=bucket, Key="malformed", Body=b"1")
    refused = error_of(s3.get_object, Bucket=bucket, Key="malformed", VersionId="no version")
    assert (refused["Error"]["Code"], status_of(refused)) == ("InvalidArgument", 400)


@pytest.mark.aws_belief(source="Working with delete markers in the Amazon S3 User Guide", used_by=ACCESS)
def test_a_delete_marker_cannot_be_read(account: StackUnderTest, bucket: str) -> None:
    s3 = account.client("s3")
    s3.put_object(Bucket=bucket, Key="marked", Body=b"1")
    marker = s3.delete_object(Bucket=bucket, Key="marked")["VersionId"]
    refused = error_of(s3.get_object, Bucket=bucket, Key="marked", VersionId=marker)
    assert (refused["Error"]["Code"], status_of(refused)) == ("MethodNotAllowed", 405)


@pytest.mark.aws_belief(
    source="Working with delete markers in the Amazon S3 User Guide",
    used_by="functions/people_pathing/pipeline/video_bucket.py",
)
def test_a_deleted_object_is_404_with_the_header_of_a_delete_marker(
    account: StackUnderTest, bucket: str
) -> None:
    s3 = account.client("s3")
    s3.put_object(Bucket=bucket, Key="deleted", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="deleted")
    refused = error_of(s3.head_object, Bucket=bucket, Key="deleted")
    headers = refused["ResponseMetadata"]["HTTPHeaders"]
    assert (status_of(refused), headers.get("x-amz-delete-marker")) == (404, "true")


@pytest.mark.aws_belief(
    source="Naming Amazon S3 objects in the Amazon S3 User Guide",
    used_by=ACCESS,
    differs_locally="MiniStack does not limit the length of keys",
)
def test_a_key_of_more_than_1024_bytes_is_too_long(account: StackUnderTest, bucket: str) -> None:
    refused = error_of(account.client("s3").get_object, Bucket=bucket, Key="ü" * 513)
    assert (refused["Error"]["Code"], status_of(refused)) == ("KeyTooLongError", 400)


@pytest.mark.aws_belief(source=ERRORS, used_by=ACCESS)
def test_a_bucket_that_does_not_exist_is_not_the_fault_of_the_video(
    account: StackUnderTest, new_name: Callable[[str], str]
) -> None:
    with pytest.raises(ClientError) as caught:
        account.client("s3").get_object(Bucket=new_name("missing"), Key="a")
    problem = access_problem(caught.value)
    assert problem is not None
    assert (problem.is_final, problem.reason) == (False, "is in a bucket that does not exist")


@pytest.mark.aws_belief(
    source="Amazon S3 multipart upload limits in the Amazon S3 User Guide",
    used_by="functions/people_pathing/pipeline/results_bucket.py",
    differs_locally="MiniStack does not limit the size of parts",
)
def test_a_part_before_the_last_must_have_five_mebibytes(account: StackUnderTest, bucket: str) -> None:
    s3, key = account.client("s3"), {"Bucket": bucket, "Key": "parts"}
    upload = {**key, "UploadId": s3.create_multipart_upload(**key)["UploadId"]}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=b"1")["ETag"]}
        for number in (1, 2)
    ]
    refused = error_of(s3.complete_multipart_upload, **upload, MultipartUpload={"Parts": parts})
    assert refused["Error"]["Code"] == "EntityTooSmall"


@pytest.mark.aws_belief(
    source="Event message structure in the Amazon S3 User Guide",
    used_by="functions/people_pathing/pipeline/events/s3_events.py",
)
def test_an_upload_invokes_a_function_with_the_version_and_an_encoded_key(
    account: StackUnderTest, bucket: str, function: Function
) -> None:
    s3 = account.client("s3")
    function.allow("s3.amazonaws.com", f"arn:aws:s3:::{bucket}")
    notify = {"LambdaFunctionArn": function.arn, "Events": ["s3:ObjectCreated:*"]}
    # S3 checks the permission.
    once_rights_apply(
        lambda: s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [notify]}
        )
    )
    try:
        versions = [s3.put_object(Bucket=bucket, Key=KEY, Body=b"1")["VersionId"]]
        failed = function.failed.wait_for(
            lambda message: "s3" in message["requestPayload"].get("Records", [{}])[0],
            lambda: versions.append(s3.put_object(Bucket=bucket, Key=KEY, Body=b"1")["VersionId"]),
        )
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    [record] = failed["requestPayload"]["Records"]
    assert record["eventSource"] == "aws:s3"
    assert record["s3"]["object"]["sequencer"]
    assert parsed(record) in [Video(bucket, KEY, version, version) for version in versions]
    assert record["s3"]["object"]["key"] == "fr%C3%BCh+%2B+sp%C3%A4t/%5B1%5D+100%25.mp4"


@pytest.mark.aws_belief(
    source="EventBridge event message structure in the Amazon S3 User Guide",
    used_by="functions/people_pathing/pipeline/events/s3_events.py, template.yaml",
    differs_locally="MiniStack's event has no version-id",
)
def test_an_upload_reaches_eventbridge_with_the_version_and_a_plain_key(
    account: StackUnderTest,
    bucket: str,
    new_queue: Callable[..., Queue],
    new_name: Callable[[str], str],
) -> None:
    s3, events, rule = account.client("s3"), account.client("events"), new_name("uploads")
    queue = new_queue("uploads", "events.amazonaws.com")
    pattern = f'{{"source": ["aws.s3"], "detail": {{"bucket": {{"name": ["{bucket}"]}}}}}}'
    events.put_rule(Name=rule, EventPattern=pattern)
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue.arn}])
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    try:
        versions = [s3.put_object(Bucket=bucket, Key=KEY, Body=b"1")["VersionId"]]
        event = queue.wait_for(
            lambda message: message["detail-type"] == "Object Created",
            lambda: versions.append(s3.put_object(Bucket=bucket, Key=KEY, Body=b"1")["VersionId"]),
        )
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        events.remove_targets(Rule=rule, Ids=["queue"])
        events.delete_rule(Name=rule)
    assert PurePosixPath(event["detail"]["object"]["key"]) == PurePosixPath(KEY)
    assert parsed(event) in [Video(bucket, KEY, version, version) for version in versions]


def parsed(record: object) -> Video:
    upload = parse_record(record)
    assert isinstance(upload, UploadedVideo)
    return upload.video


def status_of(response: dict[str, dict[str, int]]) -> int:
    return response["ResponseMetadata"]["HTTPStatusCode"]
