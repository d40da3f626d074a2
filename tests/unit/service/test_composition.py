"""Which models the worker loads for its settings, and how the functions' clients are set up."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Barrier, Thread, current_thread
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from moto import mock_aws

from people_pathing.service.composition import finish, worker
from people_pathing.service.job import NotificationChannel
from people_pathing.service.steps.context import Models
from people_pathing.service.worker_settings import WorkerSettings
from tests import omniscale_like


def composed(monkeypatch: pytest.MonkeyPatch, reidentification_model: str | None) -> Models:
    settings = WorkerSettings("a", "t", 60, None, None, "hog", None, None, reidentification_model)
    monkeypatch.setattr(worker, "compose_worker", lambda: SimpleNamespace(settings=settings))
    models: Models = worker.compose_models.__wrapped__()
    return models


def test_the_worker_describes_people_with_the_model_of_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = omniscale_like.write_model(tmp_path / "mine.onnx")
    models = composed(monkeypatch, str(model))
    assert models.reidentifier is not None
    assert models.reidentifier.name == "omniscale (mine.onnx)"
    assert models.warnings == ()


def test_none_turns_re_identification_off(monkeypatch: pytest.MonkeyPatch) -> None:
    models = composed(monkeypatch, "none")
    assert models.reidentifier is None
    assert models.warnings == ()


def test_an_image_without_the_model_links_by_colours_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of models in the image is not writable; here, a file is in its place."""
    monkeypatch.delenv("REIDENTIFICATION_MODEL", raising=False)
    (tmp_path / "models").write_text("")
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path / "models"))
    models = composed(monkeypatch, None)
    assert models.reidentifier is None
    [warning] = models.warnings
    assert "colours" in warning


class AddressSeenError(Exception):
    """Ends a request before it is sent."""


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_the_worker_reads_videos_at_the_address_of_its_region(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A VPC's endpoint is for one region, and a DNS firewall may know the names of that region only."""
    for name, value in {
        **{"AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        **{"ARTIFACT_BUCKET": "artifacts", "JOB_STORE_TABLE": "jobs", "SEGMENT_S": "60"},
        **{"DETECTOR": "hog", "SAMPLE_FPS": "default", "INPUT_PX": "default"},
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    addresses: list[str] = []

    def note_address(request: Any, **_: object) -> None:
        addresses.append(request.url)
        raise AddressSeenError

    s3: Any = worker.compose_worker.__wrapped__().s3
    # Without an endpoint in a VPC, each attempt would take a minute.
    assert s3.meta.config.connect_timeout == 5
    s3.meta.events.register("before-send.s3", note_address)
    with pytest.raises(AddressSeenError):
        s3.head_object(Bucket="videos-of-the-yard", Key="door.mp4")

    assert addresses == [f"https://videos-of-the-yard.s3.{region}.amazonaws.com/door.mp4"]


@mock_aws
def test_each_notice_is_signed_as_its_callers_role_by_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "own")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assumed: list[str] = []
    signed: list[str] = []
    clients: list[str] = []

    def note_role(parsed: Any, **_: Any) -> None:
        assumed.append(parsed["Credentials"]["AccessKeyId"])

    def note_signature(request: AWSPreparedRequest, **_: Any) -> None:
        signed.extend(re.findall(r"Credential=(\w+)/", str(request.headers["Authorization"])))

    class Session(boto3.Session):
        def client(self, *arguments: Any, **more: Any) -> Any:
            clients.append(arguments[0])
            client = super().client(*arguments, **more)
            client.meta.events.register("after-call.sts", note_role)
            client.meta.events.register_first("before-send.sns", note_signature)
            return client

    topic_arn = boto3.client("sns").create_topic(Name="t")["TopicArn"]
    channel = NotificationChannel(topic_arn, "arn:aws:iam::123456789012:role/r")
    publisher = finish.compose_publisher(Session())

    publisher.publish(channel, "one", "notice")
    publisher.publish(channel, "two", "notice")

    assert signed == assumed
    assert len(set(signed)) == 2
    assert sorted(clients) == ["sns", "sts"]


@mock_aws
def test_notices_that_threads_publish_at_once_are_signed_as_their_own_roles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "own")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    signed: dict[str, str] = {}
    assumed: dict[str, str] = {}
    both_have_a_client = Barrier(2)

    def note_role(parsed: Any, **_: Any) -> None:
        assumed[current_thread().name] = parsed["Credentials"]["AccessKeyId"]

    def wait_for_the_other(**_: Any) -> None:
        both_have_a_client.wait(20)

    def note_signature(request: AWSPreparedRequest, **_: Any) -> None:
        [key] = re.findall(r"Credential=(\w+)/", str(request.headers["Authorization"]))
        signed[current_thread().name] = key

    class Session(boto3.Session):
        def client(self, *arguments: Any, **more: Any) -> Any:
            client = super().client(*arguments, **more)
            client.meta.events.register("after-call.sts", note_role)
            client.meta.events.register("before-call.sns", wait_for_the_other)
            client.meta.events.register_first("before-send.sns", note_signature)
            return client

    topic_arn = boto3.client("sns").create_topic(Name="t")["TopicArn"]
    channel = NotificationChannel(topic_arn, "arn:aws:iam::123456789012:role/r")
    publisher = finish.compose_publisher(Session())
    threads = [Thread(target=publisher.publish, args=(channel, "job", "notice")) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert signed == assumed
    assert len(set(signed.values())) == 2
