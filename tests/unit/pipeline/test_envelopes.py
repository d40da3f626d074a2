"""S3 events that arrive through SNS, SQS or EventBridge."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from people_pathing.pipeline.events.envelopes import BrokenEnvelope, InvalidEventError, records_in
from people_pathing.pipeline.events.s3_events import Skipped, UploadedVideo, parse_record
from people_pathing.pipeline.job_record import JobState
from tests.fakes.pipeline import FakePipeline, event, upload_event

THROUGH = ("sns", "sqs", "sns-and-sqs", "eventbridge")
TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "videos"}
KEY = "Café Süd/red flower + [Tür 1] 100%.mp4"

Envelope = Callable[[Any], dict[str, Any]]


def _by_sns(message: Any) -> dict[str, Any]:
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(message)}}]}


def _by_sqs(message: Any) -> dict[str, Any]:
    return {"Records": [{"eventSource": "aws:sqs", "body": json.dumps(message)}]}


def _by_sns_and_sqs(message: Any) -> dict[str, Any]:
    return _by_sqs({"Type": "Notification", "Message": json.dumps(message)})


def _event_bridge(key: str = "a.mp4", version: str | None = "v1", **changes: Any) -> dict[str, Any]:
    whole = event("s3-put-through-eventbridge")
    whole["detail"]["object"] |= {"key": key, "version-id": version, "etag": "e1", "sequencer": "01"}
    return whole | changes


ENVELOPES: list[Envelope] = [_by_sns, _by_sqs, _by_sns_and_sqs]


def _only(whole: object) -> UploadedVideo | Skipped:
    (record,) = records_in(whole)
    return parse_record(record)


@pytest.mark.parametrize("through", THROUGH)
def test_a_wrapped_event_gives_the_same_video_as_the_event_of_s3(through: str) -> None:
    assert _only(event(f"s3-put-through-{through}")) == _only(event("s3-put"))


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_keys_are_decoded_once_in_every_envelope(envelope: Envelope) -> None:
    for wrapped in (upload_event(KEY, "v1", 1), _event_bridge(KEY)):
        upload = _only(envelope(wrapped))
        assert isinstance(upload, UploadedVideo)
        assert upload.video.key == KEY


@pytest.mark.parametrize("version", [None, "null"])
def test_without_versions_eventbridge_gives_the_same_video_id_as_s3(version: str | None) -> None:
    direct = upload_event("a.mp4", None, 1, etag="e1")
    direct["Records"][0]["s3"]["object"]["sequencer"] = "01"
    direct["Records"][0]["s3"]["bucket"]["name"] = "people-pathing-videos"
    by_s3, by_event_bridge = _only(direct), _only(_event_bridge(version=version))
    assert isinstance(by_s3, UploadedVideo)
    assert isinstance(by_event_bridge, UploadedVideo)
    assert by_s3.video.video_id == by_event_bridge.video.video_id


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_all_records_of_all_messages_are_returned(envelope: Envelope) -> None:
    two = {"Records": [upload_event(key, "v1", 1)["Records"][0] for key in ("a.mp4", "b.mp4")]}
    batch = {"Records": envelope(two)["Records"] + envelope(two)["Records"]}
    assert len(list(records_in(batch))) == 4


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_the_test_event_of_s3_has_no_records_in_any_envelope(envelope: Envelope) -> None:
    assert list(records_in(envelope(TEST_EVENT))) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"Sns": None},
        {"Sns": {}},
        {"Sns": {"Message": "not JSON"}},
        {"Sns": {"Message": json.dumps({"Hello": "world"})}},
        {"Sns": {"Message": "[" * 100_000}},
        {"eventSource": "aws:sqs"},
        {"eventSource": "aws:sqs", "body": 7},
        {"eventSource": "aws:sqs", "body": "{}"},
        {"eventSource": "aws:sqs", "body": json.dumps({"Type": "Notification", "Message": None})},
    ],
)
def test_a_broken_envelope_is_refused_and_says_what_it_must_contain(broken: dict[str, Any]) -> None:
    (record,) = records_in({"Records": [broken]})
    assert isinstance(record, BrokenEnvelope)
    with pytest.raises(InvalidEventError, match=r"from S[NQ]S must contain an S3 event as JSON"):
        parse_record(record)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"source": "aws.ec2"}, "source is 'aws.ec2'; it must be aws.s3"),
        ({"source": None}, "source"),
        ({"detail": None}, "detail.bucket.name"),
        ({"detail": {"bucket": {"name": "b"}, "object": {"key": "k" * 1025}}}, "detail.object.key"),
        ({"detail": {"bucket": {"name": "b"}, "object": {"key": "a.mp4"}}}, "detail.object.size"),
        ({"time": "yesterday"}, "time is 'yesterday'"),
    ],
)
def test_the_error_for_a_malformed_event_of_eventbridge_names_the_field(
    changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidEventError, match=named):
        _only(_event_bridge(**changes))


def test_other_events_of_s3_through_eventbridge_are_skipped() -> None:
    assert _only(_event_bridge(**{"detail-type": "Object Deleted"})) == Skipped(
        "Object Deleted does not create an object"
    )


def test_a_broken_message_does_not_keep_the_others_of_its_batch_from_starting(pipeline: FakePipeline) -> None:
    good = _by_sqs(pipeline.upload("a.mp4"))["Records"]
    bad = [{"eventSource": "aws:sqs", "body": "broken"}]
    with pytest.RaisesGroup(InvalidEventError):
        pipeline.on_upload({"Records": bad + good})
    assert pipeline.record().state is JobState.IN_PROGRESS


def test_one_upload_that_arrives_in_every_way_is_one_job(pipeline: FakePipeline) -> None:
    upload = pipeline.upload("a.mp4")
    s3_object = upload["Records"][0]["s3"]["object"]
    bridged = _event_bridge("a.mp4", s3_object["versionId"])
    for arrived in (upload, *(envelope(upload) for envelope in ENVELOPES), bridged):
        pipeline.on_upload(arrived)
    assert len(pipeline.records()) == 1
    assert pipeline.job_metrics.counts["uploaded"] == 5
