"""Calls the deployed stack's endpoint and buckets with and without permission."""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
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
FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
BODY = json.dumps({"JobId": "0" * 64}).encode()


@pytest.fixture(scope="module")
def new_user(stack: LocalStack) -> Iterator[Callable[..., boto3.Session]]:
    """A function that creates users who have only the given policies."""
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
    """A user with the policy that the stack offers to callers."""
    return new_user("caller", stack.outputs["CallTrackingPolicyArn"])


def test_a_caller_with_the_policy_of_the_stack_reaches_the_service(
    stack: LocalStack, caller: boto3.Session
) -> None:
    status, body = post(stack, signed(stack, caller))
    assert (status, body["__type"]) == (400, "ResourceNotFoundException")


def test_an_unsigned_request_is_rejected(stack: LocalStack) -> None:
    assert post(stack, {}) == (403, FORBIDDEN)


@pytest.mark.parametrize("path", ["", "more/parts"])
def test_a_refusal_has_the_headers_of_a_function_url(
    stack: LocalStack, caller: boto3.Session, path: str
) -> None:
    for headers, error in (
        ({}, "AccessDeniedException"),
        (signed(stack, caller, service="rekognition"), "InvalidSignatureException"),
    ):
        response = exchange(stack, headers, path=path)
        assert response.status == 403
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-amzn-errortype"] == error
        assert uuid.UUID(response.headers["x-amzn-requestid"]).version == 4
        assert abs(parsedate_to_datetime(response.headers["date"]).timestamp() - time.time()) < 60


def test_a_reply_of_the_service_has_the_request_id_in_its_header_and_its_body(
    stack: LocalStack, caller: boto3.Session
) -> None:
    response = exchange(stack, signed(stack, caller))

    assert json.loads(response.body)["Logref"]
    assert response.headers["x-amzn-requestid"]
    assert response.headers["date"]


def test_an_unknown_function_url_is_refused_with_a_request_id(stack: LocalStack) -> None:
    response = exchange(stack, {}, url=f"{stack.endpoint_url}/_aws/lambda-url/{'0' * 32}/")

    assert 400 <= response.status < 500
    assert response.headers["x-amzn-requestid"]
    assert response.headers["date"]


def test_a_request_signed_with_another_secret_is_rejected(stack: LocalStack, caller: boto3.Session) -> None:
    key = caller.get_credentials()
    assert key is not None
    forged = boto3.Session(key.access_key, "not the secret of this key", region_name=REGION)
    status, body = post(stack, signed(stack, forged))
    assert status == 403
    assert "signature we calculated does not match" in body["message"]


def test_a_request_whose_body_changed_after_signing_is_rejected(
    stack: LocalStack, caller: boto3.Session
) -> None:
    status, body = post(stack, signed(stack, caller), BODY.replace(b"0", b"1"))
    assert status == 403
    assert "signature we calculated does not match" in body["message"]


def test_a_request_signed_for_another_service_is_rejected(stack: LocalStack, caller: boto3.Session) -> None:
    status, body = post(stack, signed(stack, caller, service="rekognition"))
    assert status == 403
    assert body == {"message": "Credential should be scoped to correct service: 'lambda'. "}


def test_an_unknown_access_key_is_rejected(stack: LocalStack) -> None:
    unknown = boto3.Session("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    assert post(stack, signed(stack, unknown))[0] == 403


@pytest.mark.parametrize("well_known", ["test", "000000000000", "123456789012"])
def test_the_local_stack_rejects_the_well_known_keys_of_ministack(stack: LocalStack, well_known: str) -> None:
    session: Any = boto3.Session(well_known, "test", region_name=REGION)
    for service, operation in (("s3", "list_buckets"), ("dynamodb", "list_tables")):
        client = session.client(service, endpoint_url=stack.endpoint_url)
        with pytest.raises(ClientError) as rejection:
            getattr(client, operation)()
        assert rejection.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("path", ["/", "/_ministack/reset", "/people-pathing-videos-000000000000-us-east-1"])
def test_the_local_stack_rejects_unsigned_requests_to_any_path(stack: LocalStack, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(stack.endpoint_url).port, timeout=30)
    try:
        connection.request("POST", path, b"")
        assert connection.getresponse().status == 403
    finally:
        connection.close()


def test_a_user_of_the_account_without_the_policy_is_rejected(
    stack: LocalStack, new_user: Callable[..., boto3.Session]
) -> None:
    assert post(stack, signed(stack, new_user("other-user"))) == (403, FORBIDDEN)


@pytest.mark.parametrize("bucket", ["VideoBucketName", "ResultsBucketName", "ArtifactBucketName"])
def test_the_policy_for_callers_gives_no_access_to_a_bucket(
    stack: LocalStack, caller: boto3.Session, bucket: str
) -> None:
    s3: Any = caller.client("s3", endpoint_url=stack.endpoint_url)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=stack.outputs[bucket])


def test_only_the_service_can_assume_the_completion_role(stack: LocalStack) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        stack.client("sts").assume_role(
            RoleArn=stack.outputs["CompletionRoleArn"], RoleSessionName="another-user"
        )


def test_the_service_reads_no_bucket_that_the_template_does_not_name(
    stack: LocalStack,
) -> None:
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="other-owner")
    s3.put_object(Bucket="other-owner", Key="private.mp4", Body=b"secret")
    tracking = rekognition_client(stack)
    with pytest.raises(ClientError) as rejection:
        tracking.start_person_tracking(Video={"S3Object": {"Bucket": "other-owner", "Name": "private.mp4"}})
    assert rejection.value.response["Error"]["Code"] == "InvalidS3ObjectException"
    assert "does not serve" in rejection.value.response["Error"]["Message"]


def test_a_caller_can_start_jobs_for_the_other_buckets_that_the_template_names(
    stack: LocalStack, caller: boto3.Session, clip: Path
) -> None:
    bucket = OTHER_VIDEO_BUCKETS[1]
    stack.client("s3").create_bucket(Bucket=bucket)
    stack.client("s3").upload_file(str(clip), bucket, "old/clip.mp4")
    tracking = rekognition_client(stack, caller)
    job = tracking.start_person_tracking(Video={"S3Object": {"Bucket": bucket, "Name": "old/clip.mp4"}})
    deadline = time.monotonic() + 120
    while (reply := tracking.get_person_tracking(JobId=job["JobId"]))["JobStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline, "the job did not end in 120 s"
        time.sleep(0.5)
    assert (reply["JobStatus"], reply.get("StatusMessage")) == ("SUCCEEDED", None)
    assert {person["Person"]["Index"] for person in reply["Persons"]} >= {0, 1}


def test_the_service_publishes_to_no_topic_that_the_template_does_not_allow(stack: LocalStack) -> None:
    topic = stack.client("sns").create_topic(Name="other-owner")["TopicArn"]
    bucket = stack.outputs["VideoBucketName"]
    stack.client("s3").put_object(Bucket=bucket, Key="notes.txt", Body=b"not a video, but it exists")
    tracking = rekognition_client(stack)
    with pytest.raises(ClientError) as rejection:
        tracking.start_person_tracking(
            Video={"S3Object": {"Bucket": bucket, "Name": "notes.txt"}},
            NotificationChannel={
                "SNSTopicArn": topic,
                "RoleArn": "arn:aws:iam::000000000000:role/other-owner",
            },
        )
    assert rejection.value.response["Error"]["Code"] == "AccessDeniedException"


def signed(stack: LocalStack, session: boto3.Session, service: str = "lambda") -> dict[str, str]:
    """Signs a GetPersonTracking request and returns its headers."""
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
    response = exchange(stack, headers, body)
    return response.status, json.loads(response.body)


@dataclass(frozen=True)
class Response:
    status: int
    headers: Message
    body: bytes


def exchange(
    stack: LocalStack, headers: dict[str, str], body: bytes = BODY, *, url: str = "", path: str = ""
) -> Response:
    """Posts a request to the endpoint of the service, or to another address."""
    address = urlsplit(url or stack.outputs["RekognitionEndpointUrl"])
    assert address.hostname == "127.0.0.1"
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    try:
        connection.request("POST", address.path + path, body, {"X-Amz-Target": TARGET, **headers})
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())
    finally:
        connection.close()
