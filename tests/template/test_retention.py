"""Checks that nothing in a stack is lost, public, or kept forever."""

import json
from datetime import date

import pytest

from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.erasure import stored_names
from people_pathing.pipeline.results_bucket import chunks_prefix
from people_pathing.pipeline.video import BY_VIDEO_ID, RESERVED_PREFIXES, Video
from people_pathing.results import file_names
from people_pathing.service import artifacts
from people_pathing.service.job import RESULTS_KEPT_S
from people_pathing.service.job_store import ITEM_KEPT_S
from tests.template.deployments import DEPLOYMENTS, OWN_SERVICE, as_list, functions
from tests.template.test_rights import statements
from tests.template.translated import REPOSITORY, Json, deployed, of_type


@DEPLOYMENTS
def test_every_bucket_is_private_encrypted_and_for_tls_only(template: dict[str, Json]) -> None:
    policies = of_type(template, "AWS::S3::BucketPolicy").values()
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert bucket["BucketEncryption"], name
        assert template["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate", name
        [policy] = [policy for policy in policies if policy["Bucket"] == {"Ref": name}]
        [statement] = policy["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny", name
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
        assert {"Fn::GetAtt": [name, "Arn"]} in statement["Resource"], name


@DEPLOYMENTS
def test_a_bucket_and_its_policy_outlive_the_stack_together(template: dict[str, Json]) -> None:
    resources = template["Resources"]
    policies = of_type(template, "AWS::S3::BucketPolicy")
    assert {policy["Bucket"]["Ref"] for policy in policies.values()} == of_type(
        template, "AWS::S3::Bucket"
    ).keys()
    for name, policy in policies.items():
        bucket = policy["Bucket"]["Ref"]
        for rule in ("DeletionPolicy", "UpdateReplacePolicy"):
            assert resources[name][rule] == resources[bucket][rule] != "Delete", name


@DEPLOYMENTS
def test_videos_and_results_are_versioned(template: dict[str, Json]) -> None:
    buckets = of_type(template, "AWS::S3::Bucket")
    for name in ("VideoBucket", "ResultsBucket"):
        assert buckets[name]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_artifacts_expire_one_day_after_their_seven_days() -> None:
    rules = of_type(OWN_SERVICE, "AWS::S3::Bucket")["ArtifactBucket"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    assert expiring == {"jobs/": 8}
    assert expiring["jobs/"] * 24 * 3600 == RESULTS_KEPT_S + 24 * 3600


def test_items_of_the_job_store_outlive_their_jobs_and_are_deleted() -> None:
    table = of_type(OWN_SERVICE, "AWS::DynamoDB::Table")["JobStoreTable"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert ITEM_KEPT_S == 15 * 24 * 3600
    longest_job_s = json.loads((REPOSITORY / "statemachine/track_people.asl.json").read_text())[
        "TimeoutSeconds"
    ]
    assert longest_job_s + RESULTS_KEPT_S < ITEM_KEPT_S


def test_marks_of_erased_videos_expire_from_the_job_table() -> None:
    table = of_type(OWN_SERVICE, "AWS::DynamoDB::Table")["JobTable"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


@pytest.mark.parametrize(
    ("bucket", "parameter", "rule_id"),
    [("VideoBucket", "VideoDays", "videos"), ("ResultsBucket", "ResultDays", "results")],
)
def test_retention_is_a_parameter_and_delete_markers_are_removed(
    bucket: str, parameter: str, rule_id: str
) -> None:
    def rules(**parameters: str) -> dict[str, Json]:
        properties = of_type(deployed(**parameters), "AWS::S3::Bucket")[bucket]
        return {rule["Id"]: rule for rule in properties["LifecycleConfiguration"]["Rules"]}

    by_default = rules()
    assert by_default["old-versions"] == {
        "Id": "old-versions",
        "Status": "Enabled",
        "NoncurrentVersionExpiration": {"NoncurrentDays": {"Ref": "OldVersionDays"}},
        "ExpiredObjectDeleteMarker": True,
    }
    assert rule_id not in by_default
    expiring = rules(**{parameter: "90"})
    assert expiring[rule_id] == {"Id": rule_id, "Status": "Enabled", "ExpirationInDays": {"Ref": parameter}}


def result_keys() -> list[str]:
    """Returns a key of everything that the pipeline stores, with each form of prefix that it uses."""
    videos = [
        Video("videos", key, "version", "version")
        for key in ("cam7/street.mp4", "k" * 1020, *(f"{prefix}street.mp4" for prefix in RESERVED_PREFIXES))
    ]
    keys = [video.results_prefix + name for video in videos for name in stored_names()]
    keys += [f"{chunks_prefix(video.video_id)}000000/{name}" for video in videos for name in file_names()]
    return [*keys, *(key for video in videos for key in table_keys(video.video_id, date(2026, 1, 31)))]


def test_the_keys_of_results_have_every_prefix_that_is_reserved() -> None:
    for prefix in (*RESERVED_PREFIXES, BY_VIDEO_ID, "cam7/"):
        assert any(key.startswith(prefix) for key in result_keys()), prefix


def test_everything_in_the_artifact_bucket_expires() -> None:
    rules = of_type(OWN_SERVICE, "AWS::S3::Bucket")["ArtifactBucket"]["LifecycleConfiguration"]["Rules"]
    keys = [make("job") for make in (artifacts.plan_key, artifacts.observations_key)]
    keys += [make("job", 0) for make in (artifacts.segment_key, artifacts.window_key)]
    makers = {name for name in vars(artifacts) if name.endswith("_key")}
    assert makers == {"plan_key", "observations_key", "segment_key", "window_key"}, "add the new key here"
    for key in keys:
        assert any(key.startswith(rule["Prefix"]) for rule in rules if "ExpirationInDays" in rule), key


@pytest.mark.parametrize("prefix", sorted({key.rpartition("/")[0] + "/" for key in result_keys()}))
def test_everything_in_the_results_bucket_expires_with_the_results(prefix: str) -> None:
    bucket = of_type(deployed(ResultDays="90"), "AWS::S3::Bucket")["ResultsBucket"]
    rules = [
        rule
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if prefix.startswith(rule.get("Prefix", "")) and rule["Status"] == "Enabled"
    ]

    # Chunks are results that are not complete. They expire earlier.
    earlier_days = [7] if prefix.startswith(chunks_prefix("")[:-1]) else []
    expiring_days = [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule]
    assert expiring_days == [{"Ref": "ResultDays"}, *earlier_days]
    assert [one for one in rules if "NoncurrentVersionExpiration" in one]
    assert [one for one in rules if "AbortIncompleteMultipartUpload" in one]


@DEPLOYMENTS
def test_tables_queues_and_notices_are_encrypted(template: dict[str, Json]) -> None:
    tables = of_type(template, "AWS::DynamoDB::Table")
    for table in tables.values():
        assert table["SSESpecification"] == {"SSEEnabled": True}
    assert tables["JobTable"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    for queue in of_type(template, "AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
    assert of_type(template, "AWS::SNS::Topic")["CompletionTopic"]["KmsMasterKeyId"] == "alias/aws/sns"


def test_the_completion_topics_name_is_covered_by_rekognitions_managed_policy() -> None:
    topic = of_type(OWN_SERVICE, "AWS::SNS::Topic")["CompletionTopic"]
    assert topic["TopicName"]["Fn::Sub"].startswith("AmazonRekognition")


@DEPLOYMENTS
def test_every_function_that_receives_events_sends_failed_ones_to_a_queue(
    template: dict[str, Json],
) -> None:
    kept = {
        name: configuration["DestinationConfig"]["OnFailure"]["Destination"]
        for name, configuration in invoke_configurations(template).items()
        if configuration["DestinationConfig"]
    }
    # The other functions receive events of schedules only, see below.
    assert kept == {
        name: {"Fn::GetAtt": ["FailedEvents", "Arn"]}
        for name in ("StartTracking", "CollectResults", "AnalyzeResults")
    }
    may_send = {
        name for name, statement in statements(template) if "sqs:SendMessage" in as_list(statement["Action"])
    }
    assert may_send == {"StartTrackingRole", "CollectResultsRole", "AnalyzeResultsRole"}


@DEPLOYMENTS
def test_missed_events_of_a_minute_are_neither_kept_nor_repeated(template: dict[str, Json]) -> None:
    rules = of_type(template, "AWS::Events::Rule")
    scheduled = {
        target["Arn"]["Fn::GetAtt"][0]: target
        for rule in rules.values()
        if rule.get("ScheduleExpression") == "rate(1 minute)"
        for target in rule["Targets"]
    }
    assert scheduled.keys() == {"ReconcileJobs", "SweepJobs"} & functions(template).keys()
    for name, target in scheduled.items():
        configuration = invoke_configurations(template)[name]
        assert configuration["MaximumRetryAttempts"] == 0
        assert configuration["MaximumEventAgeInSeconds"] == 60
        assert configuration["DestinationConfig"] == {}
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
        assert "DeadLetterConfig" not in target


def invoke_configurations(template: dict[str, Json]) -> dict[str, Json]:
    """Returns how each function that receives events handles those that fail."""
    configurations = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    return {configuration["FunctionName"]["Ref"]: configuration for configuration in configurations}
