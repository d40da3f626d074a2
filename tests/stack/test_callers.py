"""Calls the deployed stack's endpoint and buckets with and without permission."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.conftest import OTHER_VIDEO_BUCKETS
from tests.stack.users import Users, wait_until
from tests.stack_under_test import StackUnderTest

if TYPE_CHECKING:
    from devstack.stack import LocalStack

pytestmark = pytest.mark.stack

TARGET = "RekognitionService.GetPersonTracking"
FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
BODY = json.dumps({"JobId": "0" * 64}).encode()
REFUSALS = pytest.mark.aws_belief(
    source="Control access to Lambda function URLs in the AWS Lambda Developer Guide; seen in replies",
    used_by="functions/people_pathing/service/protocol/wire.py, devstack/server/refusals.py",
)


@pytest.fixture(scope="module")
def users(deployed: StackUnderTest, own_name: str) -> Iterator[Users]:
    with Users(deployed, own_name) as users:
        yield users


@pytest.fixture(scope="module")
def caller(deployed: StackUnderTest, users: Users) -> boto3.Session:
    """A user with the policy that the stack offers to callers."""
    session = users.new("caller", deployed.outputs["CallTrackingPolicyArn"])
    wait_until(lambda: exchange(deployed, signed(deployed, session)).status == 400)
    return session


@REFUSALS
def test_a_caller_with_the_policy_of_the_stack_reaches_the_service(
    deployed: StackUnderTest, caller: boto3.Session
) -> None:
    status, body = post(deployed, signed(deployed, caller))
    assert (status, body["__type"]) == (400, "ResourceNotFoundException")


@REFUSALS
def test_an_unsigned_request_is_rejected(deployed: StackUnderTest) -> None:
    assert post(deployed, {}) == (403, FORBIDDEN)


@REFUSALS
@pytest.mark.parametrize("path", ["", "more/parts"])
def test_a_refusal_has_the_headers_of_a_function_url(
    deployed: StackUnderTest, caller: boto3.Session, path: str
) -> None:
    for headers, error in (
        ({}, "AccessDeniedException"),
        (signed(deployed, caller, service="rekognition"), "InvalidSignatureException"),
    ):
        response = exchange(deployed, headers, path=path)
        assert response.status == 403
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-amzn-errortype"] == error
        assert uuid.UUID(response.headers["x-amzn-requestid"]).version == 4
        assert abs(parsedate_to_datetime(response.headers["date"]).timestamp() - time.time()) < 60


@REFUSALS
def test_a_reply_of_the_service_has_the_request_id_in_its_header_and_its_body(
    deployed: StackUnderTest, caller: boto3.Session
) -> None:
    response = exchange(deployed, signed(deployed, caller))

    assert json.loads(response.body)["Logref"]
    assert response.headers["x-amzn-requestid"]
    assert response.headers["date"]


@pytest.mark.local_only("asks the local server for a function that does not exist")
def test_an_unknown_function_url_is_refused_with_a_request_id(deployed: StackUnderTest) -> None:
    response = exchange(deployed, {}, url=f"{deployed.endpoint_url}/_aws/lambda-url/{'0' * 32}/")

    assert 400 <= response.status < 500
    assert response.headers["x-amzn-requestid"]
    assert response.headers["date"]


@REFUSALS
def test_a_request_signed_with_another_secret_is_rejected(
    deployed: StackUnderTest, caller: boto3.Session
) -> None:
    key = caller.get_credentials()
    assert key is not None
    forged = boto3.Session(key.access_key, "not the secret of this key", region_name=deployed.region)
    status, body = post(deployed, signed(deployed, forged))
    assert status == 403
    assert "signature we calculated does not match" in body["message"]


@REFUSALS
def test_a_request_whose_body_changed_after_signing_is_rejected(
    deployed: StackUnderTest, caller: boto3.Session
) -> None:
    status, body = post(deployed, signed(deployed, caller), BODY.replace(b"0", b"1"))
    assert status == 403
    assert "signature we calculated does not match" in body["message"]


@REFUSALS
def test_a_request_signed_for_another_service_is_rejected(
    deployed: StackUnderTest, caller: boto3.Session
) -> None:
    status, body = post(deployed, signed(deployed, caller, service="rekognition"))
    assert status == 403
    assert body == {"message": "Credential should be scoped to correct service: 'lambda'. "}


@REFUSALS
def test_an_unknown_access_key_is_rejected(deployed: StackUnderTest) -> None:
    unknown = boto3.Session("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    assert post(deployed, signed(deployed, unknown))[0] == 403


@pytest.mark.local_only("tests the local server")
@pytest.mark.parametrize("well_known", ["test", "000000000000", "123456789012"])
def test_the_local_stack_rejects_the_well_known_keys_of_ministack(stack: LocalStack, well_known: str) -> None:
    session: Any = boto3.Session(well_known, "test", region_name="us-east-1")
    for service, operation in (("s3", "list_buckets"), ("dynamodb", "list_tables")):
        client = session.client(service, endpoint_url=stack.endpoint_url)
        with pytest.raises(ClientError) as rejection:
            getattr(client, operation)()
        assert rejection.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.local_only("tests the local server")
@pytest.mark.parametrize("path", ["/", "/_ministack/reset", "/people-pathing-videos-000000000000-us-east-1"])
def test_the_local_stack_rejects_unsigned_requests_to_any_path(stack: LocalStack, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(stack.endpoint_url).port, timeout=30)
    try:
        connection.request("POST", path, b"")
        assert connection.getresponse().status == 403
    finally:
        connection.close()


@REFUSALS
def test_a_user_of_the_account_without_the_policy_is_rejected(deployed: StackUnderTest, users: Users) -> None:
    other = users.new("other-user")
    wait_until(lambda: post(deployed, signed(deployed, other)) == (403, FORBIDDEN))


@pytest.mark.parametrize("bucket", ["VideoBucketName", "ResultsBucketName", "ArtifactBucketName"])
def test_the_policy_for_callers_gives_no_access_to_a_bucket(
    deployed: StackUnderTest, caller: boto3.Session, bucket: str
) -> None:
    s3 = deployed.client("s3", caller)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=deployed.outputs[bucket])


@pytest.fixture
def unnamed_bucket(deployed: StackUnderTest, own_name: str) -> Iterator[str]:
    """A bucket that the stack does not know."""
    s3, name = deployed.client("s3"), f"{own_name}-unnamed"
    where = {"CreateBucketConfiguration": {"LocationConstraint": deployed.region}}
    s3.create_bucket(Bucket=name, **({} if deployed.region == "us-east-1" else where))
    yield name
    for entry in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=entry["Key"])
    s3.delete_bucket(Bucket=name)


@REFUSALS
def test_only_the_service_can_assume_the_completion_role(deployed: StackUnderTest) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        deployed.client("sts").assume_role(
            RoleArn=deployed.outputs["CompletionRoleArn"], RoleSessionName="another-user"
        )


def test_the_service_reads_no_bucket_that_the_template_does_not_name(
    deployed: StackUnderTest, unnamed_bucket: str
) -> None:
    deployed.client("s3").put_object(Bucket=unnamed_bucket, Key="private.mp4", Body=b"secret")
    with pytest.raises(ClientError) as rejection:
        deployed.service().start_person_tracking(
            Video={"S3Object": {"Bucket": unnamed_bucket, "Name": "private.mp4"}}
        )
    assert rejection.value.response["Error"]["Code"] == "InvalidS3ObjectException"
    assert "does not serve" in rejection.value.response["Error"]["Message"]


@pytest.mark.local_only("needs a stack with OtherVideoBuckets")
def test_a_caller_can_start_jobs_for_the_other_buckets_that_the_template_names(
    deployed: StackUnderTest, caller: boto3.Session, clip: Path
) -> None:
    bucket = OTHER_VIDEO_BUCKETS[1]
    deployed.client("s3").create_bucket(Bucket=bucket)
    deployed.client("s3").upload_file(str(clip), bucket, "old/clip.mp4")
    tracking = deployed.service(caller)
    job = tracking.start_person_tracking(Video={"S3Object": {"Bucket": bucket, "Name": "old/clip.mp4"}})
    deadline = time.monotonic() + 120
    while (reply := tracking.get_person_tracking(JobId=job["JobId"]))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, "the job did not end in 120 s"
        time.sleep(0.5)
    assert (reply["JobStatus"], reply.get("StatusMessage")) == ("SUCCEEDED", None)
    assert {person["Person"]["Index"] for person in reply["Persons"]} >= {0, 1}


def test_the_service_publishes_to_no_topic_that_the_template_does_not_allow(
    deployed: StackUnderTest, own: str
) -> None:
    # Both names are legal, and it does not matter whether they exist.
    channel = {
        "SNSTopicArn": f"arn:aws:sns:{deployed.region}:{deployed.account}:other-owner",
        "RoleArn": f"arn:aws:iam::{deployed.account}:role/other-owner",
    }
    bucket = deployed.outputs["VideoBucketName"]
    deployed.client("s3").put_object(Bucket=bucket, Key=f"{own}notes.txt", Body=b"not a video, but it exists")
    with pytest.raises(ClientError) as rejection:
        deployed.service().start_person_tracking(
            Video={"S3Object": {"Bucket": bucket, "Name": f"{own}notes.txt"}}, NotificationChannel=channel
        )
    assert rejection.value.response["Error"]["Code"] == "AccessDeniedException"


def signed(deployed: StackUnderTest, session: boto3.Session, service: str = "lambda") -> dict[str, str]:
    """Signs a GetPersonTracking request and returns its headers."""
    key = session.get_credentials()
    assert key is not None
    request = AWSRequest(
        method="POST",
        url=deployed.outputs["RekognitionEndpointUrl"],
        data=BODY,
        headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET},
    )
    credentials = Credentials(key.access_key, key.secret_key, key.token)
    SigV4Auth(credentials, service, deployed.region).add_auth(request)
    return dict(request.headers.items())


def post(deployed: StackUnderTest, headers: dict[str, str], body: bytes = BODY) -> tuple[int, Any]:
    response = exchange(deployed, headers, body)
    return response.status, json.loads(response.body)


@dataclass(frozen=True)
class Response:
    status: int
    headers: Message
    body: bytes


def exchange(
    deployed: StackUnderTest, headers: dict[str, str], body: bytes = BODY, *, url: str = "", path: str = ""
) -> Response:
    """Posts a request to the endpoint of the service, or to another address."""
    address = urlsplit(url or deployed.outputs["RekognitionEndpointUrl"])
    assert address.hostname is not None
    has_tls = address.scheme == "https"
    connect = http.client.HTTPSConnection if has_tls else http.client.HTTPConnection
    connection = connect(address.hostname, address.port, timeout=30)
    try:
        connection.request("POST", address.path + path, body, {"X-Amz-Target": TARGET, **headers})
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())
    finally:
        connection.close()
