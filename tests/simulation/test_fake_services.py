"""The fakes of S3, Step Functions, STS and SNS answer as moto and AWS do: results, codes and details."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from tests.simulation.both_clients import MACHINE_ARN, REGION, ROLE_ARN, TOPIC_ARN, code_of

# The parameter "account" replays the marked tests with the real services.
S3 = pytest.mark.aws_belief(
    source="GetObject, HeadObject, PutObject, ListObjectVersions and others in the Amazon S3 API Reference",
    used_by="functions/people_pathing/service/artifacts.py, functions/people_pathing/common/s3_erasure.py, "
    "functions/people_pathing/pipeline/results_bucket.py, functions/people_pathing/common/aws_errors.py",
)
STEP_FUNCTIONS = pytest.mark.aws_belief(
    source="StartExecution and DescribeExecution in the AWS Step Functions API Reference",
    used_by="functions/people_pathing/service/executions.py",
)

# AWS lists executions with a delay and reads session policies; see tests/aws_beliefs.
ONLY_FAKES = pytest.mark.parametrize("aws", ["fakes", "moto"], indirect=True)

# ---- S3


@S3
def test_an_object_that_does_not_exist(aws: SimpleNamespace) -> None:
    key = {"Bucket": "plain", "Key": "missing"}
    assert code_of(aws.s3.get_object, **key) == "NoSuchKey"
    assert code_of(aws.s3.head_object, **key) == "404"
    assert code_of(aws.s3.get_object, Bucket="unknown-bucket", Key="a") == "NoSuchBucket"
    aws.s3.delete_object(**key)


@S3
def test_reads_return_body_etag_and_length(aws: SimpleNamespace) -> None:
    etag = aws.s3.put_object(Bucket="plain", Key="a", Body=b"0123456789")["ETag"]
    found = aws.s3.get_object(Bucket="plain", Key="a")
    assert (found["Body"].read(), found["ETag"], found["ContentLength"]) == (b"0123456789", etag, 10)
    assert aws.s3.get_object(Bucket="plain", Key="a", Range="bytes=2-4")["Body"].read() == b"234"
    assert aws.s3.get_object(Bucket="plain", Key="a", Range="bytes=8-99")["Body"].read() == b"89"
    assert code_of(aws.s3.get_object, Bucket="plain", Key="a", Range="bytes=10-19") == "InvalidRange"
    head = aws.s3.head_object(Bucket="plain", Key="a")
    assert (head["ETag"], head["ContentLength"], head["Metadata"]) == (etag, 10, {})
    assert "VersionId" not in head


@S3
def test_reads_can_require_an_etag(aws: SimpleNamespace) -> None:
    etag = aws.s3.put_object(Bucket="plain", Key="a", Body=b"1")["ETag"]
    assert aws.s3.get_object(Bucket="plain", Key="a", IfMatch=etag)["Body"].read() == b"1"
    assert code_of(aws.s3.get_object, Bucket="plain", Key="a", IfMatch='"0"') == "PreconditionFailed"
    assert code_of(aws.s3.head_object, Bucket="plain", Key="a", IfMatch='"0"') == "412"


@S3
def test_writes_can_require_that_there_is_no_object(aws: SimpleNamespace) -> None:
    aws.s3.put_object(Bucket="plain", Key="a", Body=b"1", IfNoneMatch="*")
    again = {"Bucket": "plain", "Key": "a", "Body": b"2", "IfNoneMatch": "*"}
    assert code_of(aws.s3.put_object, **again) == "PreconditionFailed"
    assert aws.s3.get_object(Bucket="plain", Key="a")["Body"].read() == b"1"


@S3
def test_an_overwrite_keeps_the_old_version(aws: SimpleNamespace) -> None:
    first, second = (
        aws.s3.put_object(Bucket="versioned", Key="a", Body=body)["VersionId"] for body in (b"1", b"2")
    )
    assert aws.s3.get_object(Bucket="versioned", Key="a")["VersionId"] == second
    old = aws.s3.get_object(Bucket="versioned", Key="a", VersionId=first)
    assert old["Body"].read() == b"1"
    listed = aws.s3.list_object_versions(Bucket="versioned", Prefix="a")["Versions"]
    assert [entry["VersionId"] for entry in listed] == [second, first]


@S3
def test_a_delete_marker_hides_an_object_until_it_is_deleted(aws: SimpleNamespace) -> None:
    version = aws.s3.put_object(Bucket="versioned", Key="a", Body=b"1")["VersionId"]
    marker = aws.s3.delete_object(Bucket="versioned", Key="a")["VersionId"]
    assert code_of(aws.s3.get_object, Bucket="versioned", Key="a") == "NoSuchKey"
    assert code_of(aws.s3.head_object, Bucket="versioned", Key="a") == "404"
    assert aws.s3.get_object(Bucket="versioned", Key="a", VersionId=version)["Body"].read() == b"1"
    listed = aws.s3.list_object_versions(Bucket="versioned")
    assert [entry["VersionId"] for entry in listed["DeleteMarkers"]] == [marker]
    aws.s3.delete_object(Bucket="versioned", Key="a", VersionId=marker)
    assert aws.s3.head_object(Bucket="versioned", Key="a")["VersionId"] == version
    aws.s3.delete_object(Bucket="versioned", Key="a", VersionId=version)
    assert "Versions" not in aws.s3.list_object_versions(Bucket="versioned")


@S3
def test_objects_are_listed_by_prefix_and_folder(aws: SimpleNamespace) -> None:
    for key in ("jobs/2/a", "jobs/1/a", "jobs/1/b", "other"):
        aws.s3.put_object(Bucket="plain", Key=key, Body=b"1")
    found = aws.s3.list_objects_v2(Bucket="plain", Prefix="jobs/1/")["Contents"]
    assert [entry["Key"] for entry in found] == ["jobs/1/a", "jobs/1/b"]
    [page] = aws.s3.get_paginator("list_objects_v2").paginate(Bucket="plain", Prefix="jobs/", Delimiter="/")
    assert [entry["Prefix"] for entry in page["CommonPrefixes"]] == ["jobs/1/", "jobs/2/"]
    assert "Contents" not in aws.s3.list_objects_v2(Bucket="plain", Prefix="none/")


@S3
def test_several_objects_are_deleted_at_once(aws: SimpleNamespace) -> None:
    aws.s3.put_object(Bucket="plain", Key="a", Body=b"1")
    aws.s3.delete_objects(Bucket="plain", Delete={"Objects": [{"Key": "a"}, {"Key": "missing"}]})
    assert code_of(aws.s3.head_object, Bucket="plain", Key="a") == "404"


@S3
def test_a_multipart_upload_appears_when_it_is_completed(aws: SimpleNamespace) -> None:
    key = {"Bucket": "plain", "Key": "a"}
    upload = aws.s3.create_multipart_upload(**key)["UploadId"]
    [listed] = aws.s3.list_multipart_uploads(Bucket="plain", Prefix="a")["Uploads"]
    assert (listed["Key"], listed["UploadId"]) == ("a", upload)
    part = aws.s3.upload_part(**key, UploadId=upload, PartNumber=1, Body=b"1")
    assert code_of(aws.s3.head_object, **key) == "404"
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    aws.s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload=parts)
    assert aws.s3.get_object(**key)["Body"].read() == b"1"
    assert not aws.s3.list_multipart_uploads(Bucket="plain", Prefix="a").get("Uploads")


@S3
def test_an_aborted_multipart_upload_is_gone(aws: SimpleNamespace) -> None:
    key = {"Bucket": "plain", "Key": "a"}
    upload = aws.s3.create_multipart_upload(**key)["UploadId"]
    aws.s3.abort_multipart_upload(**key, UploadId=upload)
    assert code_of(aws.s3.abort_multipart_upload, **key, UploadId=upload) == "NoSuchUpload"


@S3
def test_a_stream_is_uploaded_as_a_whole(aws: SimpleNamespace) -> None:
    aws.s3.upload_fileobj(io.BytesIO(b"123"), "plain", "a")
    assert aws.s3.get_object(Bucket="plain", Key="a")["Body"].read() == b"123"


# ---- Step Functions


def execution_arn(name: str) -> str:
    return MACHINE_ARN.replace("stateMachine", "execution") + f":{name}"


@ONLY_FAKES
def test_an_execution_is_started_described_and_listed(aws: SimpleNamespace) -> None:
    states = aws.stepfunctions
    started = states.start_execution(stateMachineArn=MACHINE_ARN, name="one", input="{}")
    assert started["executionArn"] == execution_arn("one")
    assert states.describe_execution(executionArn=execution_arn("one"))["status"] == "RUNNING"
    [page] = states.get_paginator("list_executions").paginate(
        stateMachineArn=MACHINE_ARN, statusFilter="RUNNING"
    )
    assert [execution["name"] for execution in page["executions"]] == ["one"]


@pytest.mark.aws_belief(
    **STEP_FUNCTIONS.kwargs, differs_locally="MiniStack refuses the name also while the execution runs"
)
def test_a_repeated_start_is_accepted_and_another_input_is_not(aws: SimpleNamespace) -> None:
    start_execution = aws.stepfunctions.start_execution
    first = start_execution(stateMachineArn=MACHINE_ARN, name="one", input="{}")
    again = start_execution(stateMachineArn=MACHINE_ARN, name="one", input="{}")
    assert again["executionArn"] == first["executionArn"]
    with pytest.raises(aws.stepfunctions.exceptions.ExecutionAlreadyExists):
        start_execution(stateMachineArn=MACHINE_ARN, name="one", input='{"a": 1}')


@STEP_FUNCTIONS
def test_an_execution_that_does_not_exist(aws: SimpleNamespace) -> None:
    with pytest.raises(aws.stepfunctions.exceptions.ExecutionDoesNotExist):
        aws.stepfunctions.describe_execution(executionArn=execution_arn("missing"))


# ---- STS and SNS


@ONLY_FAKES
def test_a_role_is_assumed(aws: SimpleNamespace) -> None:
    assert aws.sts.meta.region_name == REGION
    reply = aws.sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName="name", DurationSeconds=900, Policy="{}")
    assert {"AccessKeyId", "SecretAccessKey", "SessionToken"} <= reply["Credentials"].keys()


@pytest.mark.aws_belief(
    source="Publish in the Amazon SNS API Reference",
    used_by="functions/people_pathing/service/notification.py",
)
def test_a_message_is_published_to_a_topic_that_exists(aws: SimpleNamespace) -> None:
    assert aws.sns.publish(TopicArn=TOPIC_ARN, Message="text")["MessageId"]
    assert code_of(aws.sns.publish, TopicArn=f"{TOPIC_ARN}-other", Message="text") == "NotFound"
