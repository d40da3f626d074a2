"""Each outcome of the checks of who may do what with a stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from people_pathing.cli.doctor import check_access
from people_pathing.client_routing.installed_sdk import SentRequest
from people_pathing.common.finding import Outcome
from people_pathing.service.role_trust import trust_statement
from people_pathing.smoke_test.api_calls import Api, forged
from tests.unit.cli.doctor.stubs import OUTPUTS, PARAMETERS, REGION, ROLES, URL, StubbedAws

KEY = f"arn:aws:kms:{REGION}:123456789012:key/1"


class FakeApi(BaseHTTPRequestHandler):
    """Answers each request with a prepared status and body, and keeps its signature."""

    status = 403
    body = b""
    signature: str | None = None

    def do_POST(self) -> None:
        type(self).signature = self.headers.get("Authorization")
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def aws() -> StubbedAws:
    return StubbedAws()


@pytest.fixture
def api_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an API, which is also that of the stack."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeApi)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setattr(check_access, "api_of", lambda _: Api(url, REGION, "lambda"))
    yield url
    server.shutdown()
    server.server_close()


def answer(monkeypatch: pytest.MonkeyPatch, status: int, **members: str) -> None:
    monkeypatch.setattr(FakeApi, "status", status)
    monkeypatch.setattr(FakeApi, "body", json.dumps(members).encode())


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(403, Outcome.OK), (200, Outcome.FAILED), (400, Outcome.FAILED), (502, Outcome.FAILED)],
)
@pytest.mark.usefixtures("api_url")
def test_the_function_url_must_refuse_unsigned_requests(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch, status: int, outcome: Outcome
) -> None:
    answer(monkeypatch, status, Message="text")

    finding = check_access.check_api_refuses(aws.stack())

    assert finding.outcome is outcome
    assert FakeApi.signature is None
    assert bool(finding.advice) is (outcome is Outcome.FAILED)


@pytest.mark.usefixtures("api_url")
def test_an_endpoint_of_another_service_only_has_to_answer(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, 400)

    assert check_access.check_api_refuses(aws.stack(without="ArtifactBucketName")).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("status", "error", "outcome", "says"),
    [
        (400, "ResourceNotFoundException", Outcome.OK, "answers the caller"),
        (403, "AccessDeniedException", Outcome.FAILED, "refused the caller"),
        (500, "InternalServerError", Outcome.FAILED, "HTTP 500 InternalServerError"),
    ],
)
@pytest.mark.usefixtures("api_url")
def test_the_callers_signed_request_must_be_answered(
    aws: StubbedAws,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    error: str,
    outcome: Outcome,
    says: str,
) -> None:
    answer(monkeypatch, status, __type=error)

    finding = check_access.check_caller(aws.stack())

    assert finding.outcome is outcome
    assert says in finding.message
    assert f"/{REGION}/lambda/aws4_request" in str(FakeApi.signature)
    assert status != 403 or OUTPUTS["CallTrackingPolicyArn"] in finding.advice


def test_forged_credentials_keep_the_access_key_only(aws: StubbedAws) -> None:
    real = aws.account().credentials

    assert forged(real).access_key == real.access_key
    assert forged(real).secret_key != real.secret_key


def test_rights_that_the_caller_lacks_are_named_with_their_resource(aws: StubbedAws) -> None:
    for _ in range(4):
        aws.caller()
    aws.simulation(s3_PutObject="allowed").simulation(s3_GetObject="implicitDeny")
    aws.simulation(dynamodb_GetItem="allowed").simulation(dynamodb_Query="allowed")

    finding = check_access.check_rights_to_use(aws.stack())

    assert finding.outcome is Outcome.WARNING
    assert "s3:GetObject on arn:aws:s3:::results/*" in finding.message
    assert "PutObject" not in finding.message


def test_a_caller_with_all_rights_may_use_the_stack(aws: StubbedAws) -> None:
    for action in ("s3_PutObject", "s3_GetObject", "dynamodb_GetItem", "dynamodb_Query"):
        aws.caller().simulation(**{action: "allowed"})

    assert check_access.check_rights_to_use(aws.stack()).outcome is Outcome.OK


def role(name: str, *statements: dict[str, Any]) -> dict[str, str]:
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROA0123456789012345",
        "Arn": f"{ROLES}/{name}",
        "CreateDate": "2026-01-01",
        "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    }


TRUST = trust_statement(OUTPUTS["ServiceRoleArns"].split(","))


def test_the_completion_role_must_trust_the_service_and_publish(aws: StubbedAws) -> None:
    aws.answer("iam", "get_role", Role=role("completion", TRUST)).simulation(sns_Publish="allowed")

    assert check_access.check_notification_roles(aws.stack()).outcome is Outcome.OK
    aws.assert_all_called()


def test_a_named_role_without_trust_fails_with_the_command_that_explains_it(aws: StubbedAws) -> None:
    aws.answer("iam", "get_role", Role=role("completion", TRUST)).simulation(sns_Publish="allowed")
    aws.answer("iam", "get_role", Role=role("mine"))
    parameters = {**PARAMETERS, "OtherNotificationRoleArns": f"{ROLES}/mine"}

    finding = check_access.check_notification_roles(aws.stack(parameters=parameters))

    assert finding.outcome is Outcome.FAILED
    assert f"{ROLES}/mine: {ROLES}/api may not assume it: no statement allows it" in finding.message
    assert finding.advice == f"people-pathing check-role {ROLES}/mine --stack-name people"


def test_a_named_role_that_does_not_exist_fails(aws: StubbedAws) -> None:
    aws.refuse("iam", "get_role", "NoSuchEntity")

    finding = check_access.check_notification_roles(aws.stack())

    assert finding.outcome is Outcome.FAILED
    assert "completion does not exist" in finding.message


def test_the_roles_of_another_service_are_not_checked(aws: StubbedAws) -> None:
    finding = check_access.check_notification_roles(aws.stack(without="ServiceRoleArns"))

    assert finding.outcome is Outcome.NOT_CHECKED


def encrypt(aws: StubbedAws, algorithm: str, key: str | None = None) -> None:
    default = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    aws.answer("s3", "get_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": rules})


def test_a_bucket_without_a_key_of_its_owner_needs_no_rights(aws: StubbedAws) -> None:
    encrypt(aws, "AES256")

    assert check_access.check_video_key(aws.stack()).outcome is Outcome.OK


@pytest.mark.parametrize(("decision", "outcome"), [("allowed", Outcome.OK), ("implicitDeny", Outcome.FAILED)])
def test_the_worker_must_be_allowed_to_decrypt(aws: StubbedAws, decision: str, outcome: Outcome) -> None:
    encrypt(aws, "aws:kms", KEY)
    for name in ("plan", "detect"):
        aws.answer("lambda", "get_function_configuration", Role=f"{ROLES}/{name}")
        aws.simulation(kms_Decrypt=decision)

    finding = check_access.check_video_key(aws.stack())

    assert finding.outcome is outcome
    assert KEY in finding.message
    assert outcome is Outcome.OK or f"{ROLES}/plan, {ROLES}/detect" in finding.message


def test_a_key_that_is_not_named_by_its_arn_is_not_checked(aws: StubbedAws) -> None:
    encrypt(aws, "aws:kms")

    finding = check_access.check_video_key(aws.stack())

    assert finding.outcome is Outcome.NOT_CHECKED
    assert "is not named by its ARN" in finding.message


@pytest.mark.parametrize(
    ("sent", "outcome", "says"),
    [
        (SentRequest(URL, f"{REGION}/lambda"), Outcome.OK, "go to the stack"),
        (SentRequest(URL, f"{REGION}/rekognition"), Outcome.FAILED, "signed for eu-west-1/rekognition"),
        (
            SentRequest("https://rekognition.eu-west-1.amazonaws.com/", f"{REGION}/rekognition"),
            Outcome.WARNING,
            "which retired them",
        ),
        (SentRequest("http://127.0.0.1:4566/", f"{REGION}/lambda"), Outcome.FAILED, "http://127.0.0.1:4566/"),
    ],
)
def test_calls_on_this_machine_should_go_to_the_stack(
    aws: StubbedAws,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    sent: SentRequest,
    outcome: Outcome,
    says: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("people_pathing.client_routing.installed_sdk.request_of_a_call", lambda *_: sent)

    finding = check_access.check_routing(aws.stack())

    assert finding.outcome is outcome
    assert says in finding.message


def test_data_files_of_another_stack_fail(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from people_pathing.cli.call_routing import route_of
    from people_pathing.client_routing.data_files import data_files
    from people_pathing.client_routing.data_folder import DataFolder
    from people_pathing.client_routing.installed_sdk import installed_source

    monkeypatch.setenv("HOME", str(tmp_path))
    other = route_of(OUTPUTS, REGION, "other")
    DataFolder(tmp_path / ".aws" / "models").write(data_files(installed_source(), [other]))

    finding = check_access.check_routing(aws.stack())

    assert finding.outcome is Outcome.FAILED
    assert "connects eu-west-1 to the stack other" in finding.message
