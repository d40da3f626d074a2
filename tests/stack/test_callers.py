"""Who gets in: the deployed stack's front door and buckets, asked by callers with and without a right to."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from devstack.clients import REGION
from devstack.stack import LocalStack, rekognition_client
from tests.conftest import OTHER_VIDEO_BUCKETS

pytestmark = pytest.mark.stack

TARGET = "RekognitionService.GetPersonTracking"
BODY = json.dumps({"JobId": "0" * 64}).encode()


@pytest.fixture(scope="module")
def new_user(stack: LocalStack) -> Iterator[Callable[..., boto3.Session]]:
    """Makes users who may do nothing but what the given policies allow."""
    iam = stack.client("iam")
    names: list[str] = []

    def make(name: str, *policy_arns: str) -> boto3.Session:
        iam.create_user(UserName=name)
        names.append(name)
        for arn in policy_arns:
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)

    yield make
    for name in names:
        for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
            iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName=name)


@pytest.fixture(scope="module")
def caller(stack: LocalStack, new_user: Callable[..., boto3.Session]) -> boto3.Session:
    """Somebody with the policy that the stack offers to callers."""
    return new_user("caller", stack.outputs["CallTrackingPolicyArn"])


def test_a_caller_with_the_stacks_policy_gets_an_answer_of_the_service(
    stack: LocalStack, caller: boto3.Session
) -> None:
    status, body = post(stack, signed(stack, caller))
    assert (status, body["__type"]) == (400, "ResourceNotFoundException")


def test_an_unsigned_request_is_refused(stack: LocalStack) -> None:
    assert post(stack, {}) == (403, {"Message": "Forbidden"})


def test_a_request_signed_with_another_secret_is_refused(stack: LocalStack, caller: boto3.Session) -> None:
    key = caller.get_credentials()
    assert key is not None
    forged = boto3.Session(key.access_key, "not the secret of this key", region_name=REGION)
    status, body = post(stack, signed(stack, forged))
    assert status == 403
    assert "signature we calculated does not match" in body["Message"]


def test_a_request_whose_body_was_changed_after_signing_is_refused(
    stack: LocalStack, caller: boto3.Session
) -> None:
    status, body = post(stack, signed(stack, caller), BODY.replace(b"0", b"1"))
    assert status == 403
    assert "signature we calculated does not match" in body["Message"]


def test_a_request_signed_for_another_service_is_refused(stack: LocalStack, caller: boto3.Session) -> None:
    status, body = post(stack, signed(stack, caller, service="rekognition"))
    assert status == 403
    assert "lambda" in body["Message"]


def test_a_key_that_nobody_has_is_refused(stack: LocalStack) -> None:
    stranger = boto3.Session("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    assert post(stack, signed(stack, stranger))[0] == 403


@pytest.mark.parametrize("well_known", ["test", "000000000000", "123456789012"])
def test_well_known_keys_open_nothing_in_the_local_stack(stack: LocalStack, well_known: str) -> None:
    guest: Any = boto3.Session(well_known, "test", region_name=REGION)
    for service, operation in (("s3", "list_buckets"), ("dynamodb", "list_tables")):
        client = guest.client(service, endpoint_url=stack.endpoint_url)
        with pytest.raises(ClientError) as refusal:
            getattr(client, operation)()
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("path", ["/", "/_ministack/reset", "/people-pathing-videos-000000000000-us-east-1"])
def test_an_unsigned_request_opens_nothing_in_the_local_stack(stack: LocalStack, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(stack.endpoint_url).port, timeout=30)
    try:
        connection.request("POST", path, b"")
        assert connection.getresponse().status == 403
    finally:
        connection.close()


def test_a_user_of_the_account_without_the_policy_is_refused(
    stack: LocalStack, new_user: Callable[..., boto3.Session]
) -> None:
    assert post(stack, signed(stack, new_user("bystander")))[0] == 403


@pytest.mark.parametrize("bucket", ["VideoBucketName", "ResultsBucketName", "ArtifactBucketName"])
def test_a_caller_of_the_service_sees_no_bucket(
    stack: LocalStack, caller: boto3.Session, bucket: str
) -> None:
    s3: Any = caller.client("s3", endpoint_url=stack.endpoint_url)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=stack.outputs[bucket])


def test_nobody_but_the_service_takes_on_the_completion_role(stack: LocalStack) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        stack.client("sts").assume_role(
            RoleArn=stack.outputs["CompletionRoleArn"], RoleSessionName="somebody-else"
        )


def test_a_caller_cannot_have_the_service_read_a_bucket_that_its_owner_did_not_name(
    stack: LocalStack,
) -> None:
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="somebody-elses")
    s3.put_object(Bucket="somebody-elses", Key="private.mp4", Body=b"secret")
    tracking = rekognition_client(stack)
    with pytest.raises(ClientError) as refusal:
        tracking.start_person_tracking(
            Video={"S3Object": {"Bucket": "somebody-elses", "Name": "private.mp4"}}
        )
    assert refusal.value.response["Error"]["Code"] == "InvalidS3ObjectException"
    assert "may not read" in refusal.value.response["Error"]["Message"]


def test_a_caller_may_name_the_other_buckets_of_the_stacks_owner(
    stack: LocalStack, caller: boto3.Session, clip: Path
) -> None:
    bucket = OTHER_VIDEO_BUCKETS[1]
    stack.client("s3").create_bucket(Bucket=bucket)
    stack.client("s3").upload_file(str(clip), bucket, "old/clip.mp4")
    tracking = rekognition_client(stack, caller)
    job = tracking.start_person_tracking(Video={"S3Object": {"Bucket": bucket, "Name": "old/clip.mp4"}})
    deadline = time.monotonic() + 120
    while (reply := tracking.get_person_tracking(JobId=job["JobId"]))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, "the job came to no end"
        time.sleep(0.5)
    assert (reply["JobStatus"], reply.get("StatusMessage")) == ("SUCCEEDED", None)
    assert {person["Person"]["Index"] for person in reply["Persons"]} >= {0, 1}


def test_a_caller_cannot_have_the_service_publish_where_its_owner_did_not_allow_it(stack: LocalStack) -> None:
    topic = stack.client("sns").create_topic(Name="somebody-elses")["TopicArn"]
    bucket = stack.outputs["VideoBucketName"]
    stack.client("s3").put_object(Bucket=bucket, Key="notes.txt", Body=b"no video, but there")
    tracking = rekognition_client(stack)
    with pytest.raises(ClientError) as refusal:
        tracking.start_person_tracking(
            Video={"S3Object": {"Bucket": bucket, "Name": "notes.txt"}},
            NotificationChannel={
                "SNSTopicArn": topic,
                "RoleArn": "arn:aws:iam::000000000000:role/somebody-elses",
            },
        )
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"


def signed(stack: LocalStack, session: boto3.Session, service: str = "lambda") -> dict[str, str]:
    """The headers of a GetPersonTracking request by this caller."""
    key = session.get_credentials()
    assert key is not None
    request = AWSRequest(
        method="POST",
        url=stack.outputs["RekognitionEndpointUrl"],
        data=BODY,
        headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET},
    )
    SigV4Auth(Credentials(key.access_key, key.secret_key), service, REGION).add_auth(request)
    return dict(request.headers.items())


def post(stack: LocalStack, headers: dict[str, str], body: bytes = BODY) -> tuple[int, Any]:
    url = urlsplit(stack.outputs["RekognitionEndpointUrl"])
    assert url.hostname == "127.0.0.1"
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        connection.request("POST", url.path, body, {"X-Amz-Target": TARGET, **headers})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
