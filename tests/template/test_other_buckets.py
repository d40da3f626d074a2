"""Checks that uploads to another owner's bucket reach StartTracking, as those to the own bucket do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from people_pathing.common.smoke_clips import SCHEDULED_PREFIX, SMOKE_PREFIX
from people_pathing.pipeline.events.envelopes import records_in
from people_pathing.pipeline.events.s3_events import Skipped, parse_record
from tests.fakes.pipeline import event
from tests.template.deployments import EVERYTHING_GIVEN, as_list
from tests.template.test_rights import resource_text, statements
from tests.template.translated import Json, deployed, of_type

TRACKED = EVERYTHING_GIVEN
NOT_TRACKED = deployed(OtherVideoBuckets="one,two")


def test_uploads_to_the_named_buckets_are_sent_to_start_tracking_and_kept_if_they_do_not_arrive() -> None:
    rule = of_type(TRACKED, "AWS::Events::Rule")["OtherVideoUploaded"]
    [target] = rule["Targets"]

    assert rule["EventPattern"]["detail"]["bucket"] == {"name": {"Ref": "OtherVideoBuckets"}}
    assert target["Arn"] == {"Fn::GetAtt": ["StartTracking", "Arn"]}
    queue = target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
    source = {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["OtherVideoUploaded", "Arn"]}}}
    [policy] = of_type(TRACKED, "AWS::SQS::QueuePolicy").values()
    assert policy["Queues"] == [{"Ref": queue}]
    assert [one["Condition"] for one in policy["PolicyDocument"]["Statement"]][1:] == [source]


def test_the_rule_matches_the_sample_event_which_start_tracking_understands() -> None:
    sample = event("s3-put-through-eventbridge")
    pattern = of_type(TRACKED, "AWS::Events::Rule")["OtherVideoUploaded"]["EventPattern"]

    assert sample["source"] in pattern["source"]
    assert sample["detail-type"] in pattern["detail-type"]
    [record] = records_in(sample)
    assert not isinstance(parse_record(record), Skipped)


@pytest.mark.parametrize(
    ("key", "is_sent"),
    [
        ("cam7/door.mp4", True),
        ("people-pathing-smoke.mp4", True),
        (f"{SCHEDULED_PREFIX}5ad4d514-cddf-4192-918c-d6db6ca3714a.mp4", False),
        (f"{SMOKE_PREFIX}1.mp4", False),
    ],
)
def test_the_clips_of_another_stacks_smoke_test_are_left_alone(key: str, is_sent: bool) -> None:
    pattern = of_type(TRACKED, "AWS::Events::Rule")["OtherVideoUploaded"]["EventPattern"]
    pattern = {**pattern, "detail": {**pattern["detail"], "bucket": {"name": ["one"]}}}
    sent: Any = event("s3-put-through-eventbridge")
    sent["detail"]["bucket"]["name"] = "one"
    sent["detail"]["object"]["key"] = key

    assert EventPattern.load(json.dumps(pattern)).matches_event(sent) is is_sent


def test_the_pipeline_may_look_at_the_videos_of_other_buckets_only_if_it_tracks_them() -> None:
    def readable(template: dict[str, Json]) -> set[tuple[str, str]]:
        return {
            (action, resource_text(resource).partition(":::")[2])
            for name, statement in statements(template)
            if name == "PipelineFunctionPolicy"
            for action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
            if action.startswith("s3:")
        }

    assert readable(TRACKED) - readable(NOT_TRACKED) == {
        ("s3:GetObject", "${Names}/*"),
        ("s3:GetObjectVersion", "${Names}/*"),
        ("s3:ListBucket", "${Names}"),
    }


def test_other_buckets_send_nothing_unless_they_are_tracked() -> None:
    names = [name for name in NOT_TRACKED["Resources"] if name.startswith("OtherVideo")]

    assert names == []
    [policy] = of_type(NOT_TRACKED, "AWS::SQS::QueuePolicy").values()
    assert len(policy["PolicyDocument"]["Statement"]) == 1
