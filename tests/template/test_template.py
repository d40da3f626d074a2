"""Checks that template.yaml fits together, fits the code, and grants no more than needed."""

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from devstack.sam import IMAGE_FUNCTIONS
from people_pathing.engine.registries import DETECTORS, FACE_DETECTORS, known_face_models
from people_pathing.engine.selection import AUTOMATIC
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import STATE_INDEX
from people_pathing.pipeline.observability import metrics
from people_pathing.pipeline.settings import Settings
from people_pathing.pipeline.video import Video
from people_pathing.service.artifacts import JOB_SLOTS_KEY
from people_pathing.service.settings import ApiSettings, FinishSettings
from people_pathing.service.worker_settings import WorkerSettings
from tests.template.translated import REPOSITORY, Json, deployed, of_type, references, source

OWN_SERVICE = deployed()
EXISTING_SERVICE = deployed(RekognitionEndpointUrl="https://tracking.example")
EVERYTHING_GIVEN = deployed(
    VideoBucketName="my-videos",
    ResultsBucketName="my-results",
    OtherVideoBuckets="one,two",
    OtherNotificationRoleArns="arn:aws:iam::123456789012:role/other",
    AlarmEmail="me@example.com",
)
DEPLOYMENTS = pytest.mark.parametrize(
    "template",
    [OWN_SERVICE, EXISTING_SERVICE, EVERYTHING_GIVEN],
    ids=["own service", "existing service", "everything given"],
)
# AWS defines no resources for these.
WITHOUT_RESOURCES = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "rekognition:StartPersonTracking",
    "rekognition:GetPersonTracking",
}
# The objects of one bucket, or the executions of one state machine: a reference precedes the only wildcard.
PARTS_OF_ONE_RESOURCE = re.compile(r"^[^*]*\$\{(?!AWS::)[^}*]+\}[^*]*[/:]\*$")
# Environment variables that AWS's own libraries read.
READ_BY_LIBRARIES = re.compile(r"POWERTOOLS_|AWS_")
SETTINGS: dict[str, Any] = {
    "people_pathing.pipeline.handlers": Settings,
    "people_pathing.service.handlers.api": ApiSettings,
    "people_pathing.service.handlers.worker": WorkerSettings,
    "people_pathing.service.handlers.finish": FinishSettings,
}


def functions(template: dict[str, Json]) -> dict[str, Json]:
    return of_type(template, "AWS::Lambda::Function")


def handler(function: Json) -> str:
    return str(function["ImageConfig"]["Command"][0] if "ImageConfig" in function else function["Handler"])


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def statements(template: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yields every statement of a role's policies, with the name of the resource that contains it."""
    documents = [
        *((name, role["PolicyDocument"]) for name, role in of_type(template, "AWS::IAM::Policy").items()),
        *(
            (name, role["PolicyDocument"])
            for name, role in of_type(template, "AWS::IAM::ManagedPolicy").items()
        ),
        *(
            (name, policy["PolicyDocument"])
            for name, role in of_type(template, "AWS::IAM::Role").items()
            for policy in role.get("Policies", [])
        ),
    ]
    for name, document in documents:
        for statement in document["Statement"]:
            yield name, statement


# ---- the parts fit together


@DEPLOYMENTS
def test_every_reference_has_a_target(template: dict[str, Json]) -> None:
    known = template["Resources"].keys() | template["Parameters"].keys()
    named = set(references({"Resources": template["Resources"], "Outputs": template["Outputs"]}))
    assert {name for name in named if not name.startswith("AWS::")} <= known


def test_an_existing_endpoint_omits_the_stacks_own_service() -> None:
    ours = OWN_SERVICE["Resources"].keys() - EXISTING_SERVICE["Resources"].keys()
    assert {"TrackingApi", "TrackingApiUrl", "TrackPeople", "ArtifactBucket", *IMAGE_FUNCTIONS} <= ours
    assert set(functions(EXISTING_SERVICE)) == {"StartTracking", "CollectResults", "ReconcileJobs"}
    for function in functions(EXISTING_SERVICE).values():
        environment = function["Environment"]["Variables"]
        assert environment["AWS_ENDPOINT_URL_REKOGNITION"] == {"Ref": "RekognitionEndpointUrl"}
        assert environment["SIGNING_NAME"] == "rekognition"


def test_each_functions_environment_equals_its_settings() -> None:
    for name, function in functions(OWN_SERVICE).items():
        module = handler(function).rpartition(".")[0]
        settings = next(cls for prefix, cls in SETTINGS.items() if module.startswith(prefix))
        variables = function["Environment"]["Variables"]
        recorder = Recorder({key: stand_in(key, value) for key, value in variables.items()})
        settings.from_environment(recorder)
        own = {key for key in variables if not READ_BY_LIBRARIES.match(key)}
        assert recorder.names == own, name


class Recorder(dict[str, str]):
    """An environment that records which variables were read."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def stand_in(name: str, value: Json) -> str:
    """Returns the value that a deployment with default parameters has."""
    if isinstance(value, str):
        return value
    parameter = source()["Parameters"].get(value.get("Ref"), {})
    return str(parameter.get("Default", f"a {name}"))


def test_every_handler_exists() -> None:
    for name, function in functions(OWN_SERVICE).items():
        module, _, attribute = handler(function).rpartition(".")
        assert callable(getattr(importlib.import_module(module), attribute)), name


def test_every_state_runs_its_own_function_of_the_template() -> None:
    definition = (REPOSITORY / "statemachine" / "track_people.asl.json").read_text()
    [machine] = of_type(OWN_SERVICE, "AWS::StepFunctions::StateMachine").values()
    substitutions = machine["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == substitutions.keys()
    steps = {value["Fn::GetAtt"][0] for value in substitutions.values()}
    assert {f"{step}Arn" for step in steps} == substitutions.keys()
    assert {handler(functions(OWN_SERVICE)[step]) for step in steps} == {
        "people_pathing.service.handlers.worker.plan",
        "people_pathing.service.handlers.worker.detect",
        "people_pathing.service.handlers.worker.associate",
        "people_pathing.service.handlers.worker.link",
        "people_pathing.service.handlers.finish.publish",
        "people_pathing.service.handlers.finish.fail",
    }
    [allowed] = [
        statement
        for name, statement in statements(OWN_SERVICE)
        if name == "TrackPeopleRole" and statement["Action"] == "lambda:InvokeFunction"
    ]
    assert {resource["Fn::GetAtt"][0] for resource in allowed["Resource"]} == steps


def test_the_local_stack_knows_which_functions_are_images() -> None:
    images = {
        name for name, function in functions(OWN_SERVICE).items() if function.get("PackageType") == "Image"
    }
    assert images == set(IMAGE_FUNCTIONS)


def test_every_zip_function_and_the_layer_has_a_rule_that_builds_it() -> None:
    makefile = (REPOSITORY / "functions" / "Makefile").read_text()
    rules = {name for line in makefile.splitlines() for name in re.findall(r"\bbuild-(\w+)(?=.*:$)", line)}
    zips = set(functions(OWN_SERVICE)) - set(IMAGE_FUNCTIONS)
    assert rules == {*zips, "Dependencies"}


def test_the_table_has_the_index_that_the_pipeline_queries() -> None:
    [table] = of_type(OWN_SERVICE, "AWS::DynamoDB::Table").values()
    [index] = table["GlobalSecondaryIndexes"]
    keys = {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}
    assert (index["IndexName"], keys) == (STATE_INDEX, {"HASH": "state", "RANGE": "uploaded_ms"})
    assert table["KeySchema"] == [{"AttributeName": "video_id", "KeyType": "HASH"}]


def test_alarms_and_dashboard_use_metrics_that_the_pipeline_writes() -> None:
    written = metrics_of_the_pipeline()
    shown = {
        alarm["MetricName"]
        for alarm in of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == metrics.namespace
    }
    assert shown
    assert shown <= written
    [dashboard] = of_type(OWN_SERVICE, "AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    names = {row[1] for widget in widgets for row in widget["properties"]["metrics"] if row[0] != "..."}
    ours = names - {"ApproximateNumberOfMessagesVisible", "Errors"}
    assert ours
    assert ours <= written


def metrics_of_the_pipeline() -> set[str]:
    record = JobRecord.of(Video("bucket", "key", "1", "1"), uploaded_ms=0, now_ms=0)
    job_metrics = JobMetrics()
    job_metrics.uploaded(1)
    job_metrics.started()
    job_metrics.deferred()
    job_metrics.finished(record.succeeded(1))
    job_metrics.finished(record.failed("reason", 1))
    job_metrics.waiting(1, 1)
    names = set(metrics.metric_set)
    metrics.clear_metrics()
    assert {JobState.SUCCEEDED, JobState.FAILED} <= set(JobState)
    return names


# ---- no right is wider than needed


@DEPLOYMENTS
def test_no_policy_has_a_wildcard_in_place_of_a_name(template: dict[str, Json]) -> None:
    for name, statement in statements(template):
        assert statement["Effect"] == "Allow", name
        assert "NotAction" not in statement, name
        assert "NotResource" not in statement, name
        actions = as_list(statement["Action"])
        assert not any("*" in action for action in actions), (name, actions)
        for resource in as_list(statement["Resource"]):
            if resource == "*":
                assert set(actions) <= WITHOUT_RESOURCES, (name, actions)
            else:
                text = resource_text(resource)
                assert "*" not in text or PARTS_OF_ONE_RESOURCE.search(text), (name, text)


def resource_text(resource: Json) -> str:
    """Returns the text of a resource, or that of its Fn::Sub or Fn::Split."""
    if isinstance(resource, str):
        return resource
    [(function, argument)] = resource.items()
    if function == "Fn::Split":
        return resource_text(argument[1])
    if function == "Fn::Sub":
        return str(argument[0] if isinstance(argument, list) else argument)
    return json.dumps(argument)


@DEPLOYMENTS
def test_every_function_has_a_role_of_its_own(template: dict[str, Json]) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions(template).values()]
    assert len(roles) == len(set(roles))


@DEPLOYMENTS
def test_every_role_trusts_named_principals_only(template: dict[str, Json]) -> None:
    for name, role in of_type(template, "AWS::IAM::Role").items():
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        principals = [value for kind in statement["Principal"].values() for value in as_list(kind)]
        assert "*" not in json.dumps(principals), name
        if principals != ["lambda.amazonaws.com"] and "Service" in statement["Principal"]:
            # Only this account may have an AWS service assume the role.
            assert statement["Condition"] == {
                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
            }, name


def test_the_completion_role_can_only_publish_to_the_completion_topic() -> None:
    role = of_type(OWN_SERVICE, "AWS::IAM::Role")["CompletionRole"]
    [policy] = role["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", {"Ref": "CompletionTopic"})
    assert "ManagedPolicyArns" not in role
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    trusted = {principal["Fn::GetAtt"][0] for principal in trust["Principal"]["AWS"]}
    assert trusted == {"TrackingApiRole", "PublishCompletionRole"}


def test_the_function_url_requires_a_signature() -> None:
    [url] = of_type(OWN_SERVICE, "AWS::Lambda::Url").values()
    assert url["AuthType"] == "AWS_IAM"
    for permission in of_type(OWN_SERVICE, "AWS::Lambda::Permission").values():
        assert permission["Principal"] != "*"


# ---- nothing is lost, public, or kept forever


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
def test_videos_and_results_are_versioned(template: dict[str, Json]) -> None:
    buckets = of_type(template, "AWS::S3::Bucket")
    for name in ("VideoBucket", "ResultsBucket"):
        assert buckets[name]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_artifacts_expire_one_day_after_their_seven_days() -> None:
    rules = of_type(OWN_SERVICE, "AWS::S3::Bucket")["ArtifactBucket"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    assert expiring == {"jobs/": 8, "tokens/": 8}
    assert not JOB_SLOTS_KEY.startswith(tuple(expiring))


@DEPLOYMENTS
def test_table_queues_and_notices_are_encrypted(template: dict[str, Json]) -> None:
    [table] = of_type(template, "AWS::DynamoDB::Table").values()
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
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
    configurations = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    kept = {
        configuration["FunctionName"]["Ref"]: configuration["DestinationConfig"]["OnFailure"]["Destination"]
        for configuration in configurations
    }
    given_events = ("StartTracking", "CollectResults", "ReconcileJobs")
    assert kept == {name: {"Fn::GetAtt": ["FailedEvents", "Arn"]} for name in given_events}


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("SampleFps", ("default", "all", "7", "7.5", "0.5", "10", "010"), ("0", "0.0", "-1", "many", "")),
        ("DetectorInput", ("default", "32", "640", "4096"), ("31", "4097", "0", "10", "all")),
        (
            "RekognitionEndpointUrl",
            ("", "https://rekognition.eu-west-1.amazonaws.com", "http://127.0.0.1:4000"),
            ("https://abc.lambda-url.eu-west-1.on.aws/", "rekognition"),
        ),
    ],
)
def test_a_parameter_that_would_fail_every_job_is_rejected_at_deployment(
    parameter: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    pattern = OWN_SERVICE["Parameters"][parameter]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []


def test_the_detectors_to_choose_from_are_the_registered_ones() -> None:
    parameters = OWN_SERVICE["Parameters"]
    assert parameters["Detector"]["AllowedValues"] == [AUTOMATIC, *DETECTORS.names()]
    assert parameters["Detector"]["Default"] == AUTOMATIC


def test_the_face_detector_that_the_template_names_is_registered() -> None:
    [named] = re.findall(r'"(\w+)"', OWN_SERVICE["Parameters"]["FaceModel"]["Description"])
    assert named in FACE_DETECTORS.names()
    assert named in [model.name for model in known_face_models()]


@DEPLOYMENTS
def test_every_queue_raises_an_alarm(template: dict[str, Json]) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in alarms
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
        for dimension in alarm["Dimensions"]
    }
    assert watched == of_type(template, "AWS::SQS::Queue").keys()
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)


@DEPLOYMENTS
def test_every_function_is_traced_and_its_logs_expire(template: dict[str, Json]) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    for name, function in functions(template).items():
        assert groups[function["LoggingConfig"]["LogGroup"]["Ref"]]["RetentionInDays"] == 30, name
        assert function["TracingConfig"] == {"Mode": "Active"}, name


def test_every_alarm_is_explained_in_the_operations_guide() -> None:
    operations = (REPOSITORY / "docs" / "operations.md").read_text()
    for name in of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm"):
        assert name in operations


def test_the_layer_describes_only_the_services_that_functions_call() -> None:
    makefile = (REPOSITORY / "functions" / "Makefile").read_text()
    [described] = re.findall(r"^services = (.*)$", makefile, re.MULTILINE)
    sources = [
        path.read_text()
        for package in ("pipeline", "service")
        for path in (REPOSITORY / "functions" / "people_pathing" / package).rglob("*.py")
    ]
    called = {name for source in sources for name in re.findall(r'\bclient\(\s*"([\w-]+)"', source)}
    assert called == set(described.split())
