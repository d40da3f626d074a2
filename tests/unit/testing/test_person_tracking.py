"""What only the testing helper does: outcomes, requested errors, and its place beside moto."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from people_pathing.service.protocol.api_model import model
from people_pathing.testing import Outcome, person_tracking
from tests.unit.cli.programs import ROOT

if TYPE_CHECKING:
    from types_boto3_rekognition.client import RekognitionClient

REGION = "us-east-1"
VIDEO: Any = {"S3Object": {"Bucket": "videos", "Name": "street.mp4"}}
ERRORS = [(name, error) for name in model()["operations"] for error in model()["operations"][name]["errors"]]

# One session for all tests, because reading the models of AWS's services takes longer than most tests.
SESSION = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
# A client of before the context, as a module of an application has it.
EARLY = SESSION.client("rekognition")


def rekognition(region: str = REGION, **settings: Any) -> RekognitionClient:
    return SESSION.client("rekognition", region_name=region, **settings)


def put_video(region: str = REGION, bucket: str = "videos", name: str = "street.mp4") -> None:
    s3 = SESSION.client("s3", region_name=region)
    place: Any = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **place)
    s3.put_object(Bucket=bucket, Key=name, Body=b"a video")


def start(client: RekognitionClient, **parameters: Any) -> str:
    return client.start_person_tracking(**{"Video": VIDEO, **parameters})["JobId"]


def status(client: RekognitionClient, job_id: str) -> str:
    return client.get_person_tracking(JobId=job_id)["JobStatus"]


def call(client: RekognitionClient, operation: str) -> Any:
    if operation == "StartPersonTracking":
        return client.start_person_tracking(Video=VIDEO)
    return client.get_person_tracking(JobId=start(client))


# ---- outcomes


def test_by_default_a_job_has_succeeded_with_two_people_when_it_is_started() -> None:
    with person_tracking():
        put_video()
        reply = rekognition().get_person_tracking(JobId=start(rekognition()))

    assert reply["JobStatus"] == "SUCCEEDED"
    assert {person["Person"]["Index"] for person in reply["Persons"]} == {0, 1}


@pytest.mark.parametrize("polls", [0, 1, 3])
def test_a_job_is_in_progress_for_the_first_polls(polls: int) -> None:
    with person_tracking(Outcome(polls_in_progress=polls)):
        put_video()
        client = rekognition()
        job_id = start(client)
        found = [status(client, job_id) for _ in range(polls + 2)]

    assert found == ["IN_PROGRESS"] * polls + ["SUCCEEDED"] * 2


def test_the_polls_of_each_job_are_counted() -> None:
    with person_tracking(Outcome(polls_in_progress=1)):
        put_video()
        client = rekognition()
        first, second = start(client), start(client)
        assert status(client, first) == "IN_PROGRESS"
        assert status(client, second) == "IN_PROGRESS"
        assert status(client, first) == "SUCCEEDED"


def test_a_video_may_have_an_outcome_of_its_own() -> None:
    with person_tracking(videos={"street.mp4": Outcome(failure="Unsupported codec")}):
        put_video()
        put_video(bucket="others", name="yard.mov")
        client = rekognition()
        failed = client.get_person_tracking(JobId=start(client))
        other = start(client, Video={"S3Object": {"Bucket": "others", "Name": "yard.mov"}})
        assert status(client, other) == "SUCCEEDED"

    assert (failed["JobStatus"], failed["StatusMessage"]) == ("FAILED", "Unsupported codec")


def test_jobs_can_be_ended_without_polls() -> None:
    with person_tracking(Outcome(polls_in_progress=1000)) as tracking:
        put_video()
        client = rekognition()
        job_ids = (start(client), start(client))
        assert tracking.job_ids == job_ids
        tracking.finish_jobs()
        assert [status(client, job_id) for job_id in job_ids] == ["SUCCEEDED"] * 2


def test_a_result_without_people_has_one_empty_page() -> None:
    with person_tracking(Outcome(persons=[])):
        put_video()
        reply = rekognition().get_person_tracking(JobId=start(rekognition()))

    assert (reply["JobStatus"], reply["Persons"]) == ("SUCCEEDED", [])
    assert "NextToken" not in reply


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"failure": ""}, "failure is empty"),
        ({"polls_in_progress": -1}, "polls_in_progress is -1; give 0 or more"),
        ({"persons": [{"Timestamp": 0}]}, r"persons\[0\] is not a PersonDetection .*KeyError: 'Person'"),
        ({"persons": [{"Timestamp": 0, "Person": {"Index": 0}}]}, "KeyError: 'BoundingBox'"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Outcome(**values)


# ---- errors on request


@pytest.mark.parametrize(("operation", "error"), ERRORS)
def test_every_error_of_the_api_can_be_requested(operation: str, error: str) -> None:
    with person_tracking() as tracking:
        put_video()
        client = rekognition(config=Config(retries={"total_max_attempts": 1}))
        tracking.fail_next(operation, error, message="as the test wants it")

        with pytest.raises(ClientError) as raised:
            call(client, operation)
        call(client, operation)

    assert raised.value.response["Error"]["Code"] == error
    assert raised.value.response["Error"]["Message"] == "as the test wants it"
    assert type(raised.value).__name__ in (error, "ClientError")
    expected = 500 if error == "InternalServerError" else 400
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == expected


def test_a_retry_of_the_sdk_uses_up_a_requested_error() -> None:
    with person_tracking() as tracking:
        put_video()
        client = rekognition(config=Config(retries={"total_max_attempts": 2, "mode": "standard"}))
        tracking.fail_next("StartPersonTracking", "ThrottlingException")
        start(client)
        tracking.fail_next("StartPersonTracking", "ThrottlingException", times=2)
        with pytest.raises(ClientError, match="ThrottlingException"):
            start(client)
        assert len(tracking.job_ids) == 1


@pytest.mark.parametrize(
    ("operation", "error", "message"),
    [
        (
            "DetectLabels",
            "ThrottlingException",
            "no operation 'DetectLabels'; choose from StartPersonTracking,",
        ),
        ("GetPersonTracking", "LimitExceededException", "no error 'LimitExceededException'; choose from Acc"),
    ],
)
def test_an_error_that_the_api_does_not_have_is_refused(operation: str, error: str, message: str) -> None:
    with person_tracking() as tracking, pytest.raises(ValueError, match=message):
        tracking.fail_next(operation, error)


def test_an_invalid_request_is_refused_before_a_requested_error() -> None:
    with person_tracking() as tracking:
        tracking.fail_next("StartPersonTracking", "LimitExceededException")
        client = rekognition(config=Config(parameter_validation=False))
        with pytest.raises(ClientError, match="InvalidParameterException"):
            client.start_person_tracking()  # type: ignore[call-arg]


# ---- beside moto


def test_a_client_that_is_older_than_the_context_is_answered() -> None:
    with person_tracking():
        put_video()
        assert status(EARLY, start(EARLY)) == "SUCCEEDED"


def test_a_client_that_is_older_than_moto_is_answered(tmp_path: Path) -> None:
    program = """
import boto3
client = boto3.client("rekognition", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
s3 = boto3.client("s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
import sys
assert "moto" not in sys.modules
from people_pathing.testing import person_tracking
assert "moto" not in sys.modules
with person_tracking():
    s3.create_bucket(Bucket="videos")
    s3.put_object(Bucket="videos", Key="street.mp4", Body=b"a video")
    job = client.start_person_tracking(Video={"S3Object": {"Bucket": "videos", "Name": "street.mp4"}})
    print(client.get_person_tracking(JobId=job["JobId"])["JobStatus"])
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "functions")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)

    assert (done.stdout, done.returncode) == ("SUCCEEDED\n", 0), done.stderr


def test_a_client_with_the_address_of_a_stack_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", "https://abc.lambda-url.eu-west-1.on.aws/")
    with person_tracking():
        put_video("eu-west-1")
        client = rekognition("eu-west-1")
        client.meta.events.register(
            "before-sign.rekognition",
            lambda request, **_: request.context.setdefault("signing", {}).update(signing_name="lambda"),
        )
        job_id = start(client)
        assert status(client, job_id) == "SUCCEEDED"
        monkeypatch.delenv("AWS_ENDPOINT_URL_REKOGNITION")
        assert status(rekognition("eu-west-1"), job_id) == "SUCCEEDED"


class Page(BaseHTTPRequestHandler):
    """Answers every request."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("x-served-by", "a test")
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def web_server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_service_that_moto_does_not_know_is_still_reached(web_server: str) -> None:
    with person_tracking():
        reply = SESSION.client("s3", endpoint_url=web_server).list_buckets()

    assert reply["ResponseMetadata"]["HTTPHeaders"]["x-served-by"] == "a test"


def test_moto_in_another_process_is_refused(tmp_path: Path, web_server: str) -> None:
    program = "from people_pathing.testing import person_tracking; person_tracking().__enter__()"
    settings = {"TEST_SERVER_MODE": "true", "TEST_SERVER_MODE_ENDPOINT": web_server}
    environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT / "functions")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)

    assert done.stderr.splitlines()[-1] == (
        "RuntimeError: person_tracking() needs moto in this process; "
        "unset TEST_SERVER_MODE and TEST_PROXY_MODE"
    )


def test_each_region_has_its_own_jobs() -> None:
    with person_tracking() as tracking:
        put_video()
        here, there = rekognition(), rekognition("eu-west-1")
        job_ids = start(here, ClientRequestToken="one"), start(there, ClientRequestToken="one")

        assert set(tracking.job_ids) == set(job_ids)
        assert len(set(job_ids)) == 2
        assert status(there, job_ids[1]) == "SUCCEEDED"
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            status(here, job_ids[1])


def test_another_account_cannot_see_a_job_and_does_not_count_as_a_poll() -> None:
    with person_tracking(Outcome(polls_in_progress=1)):
        put_video()
        job_id = start(rekognition())
        sts = SESSION.client("sts")
        role = "arn:aws:iam::111122223333:role/other"
        keys = sts.assume_role(RoleArn=role, RoleSessionName="other")["Credentials"]
        other = rekognition(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        for _ in range(3):
            with pytest.raises(ClientError, match="ResourceNotFoundException"):
                status(other, job_id)
        assert status(rekognition(), job_id) == "IN_PROGRESS"


def test_moto_answers_the_other_operations() -> None:
    with person_tracking():
        assert rekognition().detect_labels(Image={"Bytes": b"image"})["Labels"][0]["Name"] == "Mobile Phone"
        assert len(rekognition().start_face_search(Video=VIDEO, CollectionId="c")["JobId"]) == 64


def test_after_the_context_moto_is_as_before() -> None:
    with mock_aws():
        with person_tracking():
            put_video()
            start(rekognition())
        assert SESSION.client("s3").list_objects_v2(Bucket="videos")["KeyCount"] == 1
        with pytest.raises(NotImplementedError, match="start_person_tracking"):
            start(rekognition())


def test_a_mock_of_your_own_may_be_inside() -> None:
    with person_tracking():
        put_video()
        with mock_aws():
            assert status(rekognition(), start(rekognition())) == "SUCCEEDED"


@mock_aws
@person_tracking()
def test_it_is_a_decorator_inside_of_that_of_moto() -> None:
    put_video()
    assert status(rekognition(), start(rekognition())) == "SUCCEEDED"


@person_tracking(Outcome(failure="Unsupported codec"))
@mock_aws
def test_it_is_a_decorator_outside_of_that_of_moto() -> None:
    put_video()
    assert status(rekognition(), start(rekognition())) == "FAILED"


async def _coroutine() -> None:
    raise NotImplementedError


def _generator() -> Iterator[None]:
    yield


async def _asynchronous_generator() -> AsyncIterator[None]:
    yield


class _Class:
    pass


@pytest.mark.parametrize("decorated", [_coroutine, _generator, _asynchronous_generator, _Class])
def test_what_would_run_after_the_context_is_not_decorated(decorated: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=f"inside {decorated.__qualname__}$"):
        person_tracking()(decorated)


def test_inside_another_one_the_inner_one_answers() -> None:
    with person_tracking(Outcome(failure="outer")) as outer:
        put_video()
        with person_tracking() as inner:
            assert status(rekognition(), start(rekognition())) == "SUCCEEDED"
        assert status(rekognition(), start(rekognition())) == "FAILED"
        assert (len(outer.job_ids), len(inner.job_ids)) == (1, 1)


def test_it_has_no_jobs_and_no_requested_errors_when_it_is_entered_again() -> None:
    tracking = person_tracking()
    with tracking:
        put_video()
        start(rekognition())
        tracking.fail_next("StartPersonTracking", "LimitExceededException")
    with tracking:
        put_video()
        assert tracking.job_ids == ()
        start(rekognition())


def test_it_cannot_be_entered_twice_at_the_same_time() -> None:
    tracking = person_tracking()
    with tracking, pytest.raises(RuntimeError, match="is active already; create another one"), tracking:
        pass
    with mock_aws(), pytest.raises(NotImplementedError):
        start(rekognition())


def test_threads_may_start_jobs_at_the_same_time() -> None:
    with person_tracking(max_concurrent_jobs=100) as tracking:
        put_video()
        client = rekognition()
        with ThreadPoolExecutor(8) as threads:
            job_ids = list(threads.map(lambda _: start(client), range(24)))

    assert len(set(job_ids)) == 24
    assert set(tracking.job_ids) == set(job_ids)


def test_a_notice_that_cannot_be_published_is_a_warning() -> None:
    topic = f"arn:aws:sns:{REGION}:123456789012:missing"
    channel = {"SNSTopicArn": topic, "RoleArn": "arn:aws:iam::123456789012:role/Completion"}
    with person_tracking():
        put_video()
        with pytest.warns(UserWarning, match=f"could not be published to {topic}"):
            job_id = start(rekognition(), NotificationChannel=channel)
        assert status(rekognition(), job_id) == "SUCCEEDED"


def test_a_test_has_no_output_of_the_service(capfd: pytest.CaptureFixture[str]) -> None:
    with person_tracking():
        put_video()
        start(rekognition())
        with pytest.raises(ClientError):
            status(rekognition(), "another")

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("missing", ["moto", "boto3", "aws_lambda_powertools"])
def test_without_its_extra_the_error_names_it(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; "
        "from people_pathing.testing import person_tracking; person_tracking()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "functions")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert done.stderr.splitlines()[-1] == (
        f"ModuleNotFoundError: people_pathing.testing needs the testing extra ({missing} is missing): "
        "pip install './people-pathing[testing]'"
    )
