"""Checks that the parts of template.yaml fit together and fit the code."""

import importlib
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # PyYAML brings no types

from devstack.sam import IMAGE_FUNCTIONS
from people_pathing.pipeline.erasure import MINUTE_MS, SETTLING_MS
from people_pathing.pipeline.job_table import STATE_INDEX
from people_pathing.pipeline.settings import AnalysisSettings, Settings
from people_pathing.service.settings import ApiSettings, FinishSettings, SweepSettings
from people_pathing.service.worker_settings import WorkerSettings
from people_pathing.smoke_test.settings import Settings as ScheduledTestSettings
from tests.template.deployments import (
    DEPLOYMENTS,
    EVERYTHING_GIVEN,
    EXISTING_SERVICE,
    OWN_SERVICE,
    functions,
    functions_of_versions,
    handler,
)
from tests.template.test_rights import statements
from tests.template.translated import (
    REPOSITORY,
    Json,
    deployed,
    of_type,
    references,
    source,
    translate,
    translated,
)

# Environment variables that AWS's own libraries read.
READ_BY_LIBRARIES = re.compile(r"POWERTOOLS_|AWS_")
SETTINGS: dict[str, Any] = {
    "people_pathing.pipeline.handlers.analyze_results": AnalysisSettings,
    "people_pathing.pipeline.handlers": Settings,
    "people_pathing.service.handlers.api": ApiSettings,
    "people_pathing.service.handlers.worker": WorkerSettings,
    "people_pathing.service.handlers.finish": FinishSettings,
    "people_pathing.service.handlers.sweep": SweepSettings,
    "people_pathing.smoke_test.handlers": ScheduledTestSettings,
}


@DEPLOYMENTS
def test_every_reference_has_a_target(template: dict[str, Json]) -> None:
    known = template["Resources"].keys() | template["Parameters"].keys()
    named = set(references({"Resources": template["Resources"], "Outputs": template["Outputs"]}))
    assert {name for name in named if not name.startswith("AWS::")} <= known


def test_an_existing_endpoint_omits_the_stacks_own_service() -> None:
    ours = OWN_SERVICE["Resources"].keys() - EXISTING_SERVICE["Resources"].keys()
    workers = {*IMAGE_FUNCTIONS} - {"AnalyzeResults"}
    assert {"TrackingApi", "TrackingApiUrl", "TrackPeople", "ArtifactBucket", *workers} <= ours
    pipeline = {"StartTracking", "CollectResults", "ReconcileJobs"}
    assert set(functions(EXISTING_SERVICE)) == {*pipeline, "AnalyzeResults"}
    for function in (functions(EXISTING_SERVICE)[name] for name in pipeline):
        environment = function["Environment"]["Variables"]
        assert environment["AWS_ENDPOINT_URL_REKOGNITION"] == {"Ref": "RekognitionEndpointUrl"}
        assert environment["SIGNING_NAME"] == "rekognition"


@pytest.mark.parametrize("endpoint", ["none", "https://tracking.example"])
def test_each_functions_environment_equals_its_settings(endpoint: str) -> None:
    template = deployed(SmokeTestHours="6", RekognitionEndpointUrl=endpoint)
    for name, function in functions(template).items():
        module = handler(function).rpartition(".")[0]
        settings = next(cls for prefix, cls in SETTINGS.items() if module.startswith(prefix))
        variables = function["Environment"]["Variables"]
        recorder = Recorder({key: stand_in(key, value) for key, value in variables.items()})
        settings.from_environment(recorder)
        # Lambda reads it: it makes a new version differ from the last one.
        own = {key for key in variables if not READ_BY_LIBRARIES.match(key)} - {"UPDATE_ATTEMPT"}
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
    return str(parameter.get("Default") or f"a {name}")


def test_every_handler_exists() -> None:
    for name, function in functions(EVERYTHING_GIVEN).items():
        module, _, attribute = handler(function).rpartition(".")
        assert callable(getattr(importlib.import_module(module), attribute)), name


def test_every_state_runs_its_own_function_of_the_template() -> None:
    definition = (REPOSITORY / "statemachine" / "track_people.asl.json").read_text()
    [machine] = of_type(OWN_SERVICE, "AWS::StepFunctions::StateMachine").values()
    substitutions = dict(machine["DefinitionSubstitutions"])
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == substitutions.keys()
    assert substitutions.pop("MaxConcurrentSegments") == {"Ref": "MaxConcurrentSegments"}
    versions = functions_of_versions(OWN_SERVICE)
    steps = {versions[value["Ref"]] for value in substitutions.values()}
    assert {f"{step}Arn" for step in steps} == substitutions.keys()
    assert {handler(functions(OWN_SERVICE)[step]) for step in steps} == {
        "people_pathing.service.handlers.worker.plan",
        "people_pathing.service.handlers.worker.detect",
        "people_pathing.service.handlers.worker.associate",
        "people_pathing.service.handlers.worker.link",
        "people_pathing.service.handlers.finish.publish",
    }
    [allowed] = [
        statement
        for name, statement in statements(OWN_SERVICE)
        if name == "TrackPeopleRole" and statement["Action"] == "lambda:InvokeFunction"
    ]
    of_old_executions = [resource for resource in allowed["Resource"] if "Fn::GetAtt" in resource]
    assert {resource["Fn::GetAtt"][0] for resource in of_old_executions} == steps
    of_versions = [resource for resource in allowed["Resource"] if resource not in of_old_executions]
    assert {resource["Fn::Sub"] for resource in of_versions} == {f"${{{step}.Arn}}:*" for step in steps}


def test_the_local_stack_knows_which_functions_are_images() -> None:
    images = {
        name for name, function in functions(OWN_SERVICE).items() if function.get("PackageType") == "Image"
    }
    assert images == set(IMAGE_FUNCTIONS)


def test_the_build_without_docker_leaves_out_every_image() -> None:
    guide = (REPOSITORY / "docs" / "deploy.md").read_text()
    assert tuple(re.findall(r"--exclude (\w+)", guide)) == IMAGE_FUNCTIONS
    name = functions(OWN_SERVICE)["PlanJob"]["Code"]["ImageUri"]["Fn::Sub"].rpartition("/")[2]
    assert f"amazonaws.com/{name.removesuffix(':latest')}`" in guide


def test_another_tag_in_the_built_template_publishes_new_versions_of_all_steps() -> None:
    guide = (REPOSITORY / "docs" / "deploy.md").read_text()
    edit = r"^sed -i\.bak 's\|(.*)\|(.*)\|' \.aws-sam/build/template\.yaml$"
    [(old, new)] = re.findall(edit, guide, re.MULTILINE)
    # `sam build` writes the template with PyYAML.
    text = re.sub(old, new, yaml.dump(source()))

    resources = translate(yaml.safe_load(text))["Resources"]
    tags = {name: resources[name]["Properties"]["Code"]["ImageUri"]["Fn::Sub"] for name in IMAGE_FUNCTIONS}
    assert [name for name, uri in tags.items() if not uri.endswith("/people-pathing-worker:TAG")] == []
    before = {name for name, resource in translated()["Resources"].items() if is_version(resource)}
    after = {name for name, resource in resources.items() if is_version(resource)}
    steps = ("PlanJob", "DetectSegment", "AssociateWindow", "LinkTracks")
    assert {name.partition("Version")[0] for name in after - before} == set(steps)
    assert len(after) == len(before)


def is_version(resource: Mapping[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Lambda::Version")


def test_every_zip_function_and_the_layer_has_a_rule_that_builds_it() -> None:
    makefile = (REPOSITORY / "functions" / "Makefile").read_text()
    rules = {name for line in makefile.splitlines() for name in re.findall(r"\bbuild-(\w+)(?=.*:$)", line)}
    zips = set(functions(EVERYTHING_GIVEN)) - set(IMAGE_FUNCTIONS)
    assert rules == {*zips, "Dependencies"}


def test_the_job_table_has_the_index_that_the_pipeline_queries() -> None:
    table = of_type(OWN_SERVICE, "AWS::DynamoDB::Table")["JobTable"]
    [index] = table["GlobalSecondaryIndexes"]
    keys = {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}
    assert (index["IndexName"], keys) == (STATE_INDEX, {"HASH": "state", "RANGE": "due_ms"})
    assert table["KeySchema"] == [{"AttributeName": "video_id", "KeyType": "HASH"}]


def test_an_erasure_is_settled_when_all_functions_of_the_pipeline_have_ended() -> None:
    longest_s = max(
        function["Timeout"]
        for function in functions(OWN_SERVICE).values()
        if handler(function).startswith("people_pathing.pipeline.")
    )
    assert longest_s * 1000 + 5 * MINUTE_MS <= SETTLING_MS


def test_the_job_store_has_one_key_and_no_index() -> None:
    table = of_type(OWN_SERVICE, "AWS::DynamoDB::Table")["JobStoreTable"]
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert "GlobalSecondaryIndexes" not in table


@DEPLOYMENTS
def test_a_stopped_execution_and_every_minute_start_the_sweep_of_the_own_service(
    template: dict[str, Json],
) -> None:
    rules = {name: rule for name, rule in of_type(template, "AWS::Events::Rule").items() if "Sweep" in name}
    if "TrackPeople" not in template["Resources"]:
        assert rules == {}
        return
    assert rules["SweepJobsEveryMinute"]["ScheduleExpression"] == "rate(1 minute)"
    assert rules["SweepJobsExecutionStopped"]["EventPattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [{"Ref": "TrackPeople"}],
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        },
    }


@DEPLOYMENTS
def test_every_function_is_traced_and_its_logs_expire(template: dict[str, Json]) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    for name, function in functions(template).items():
        assert groups[function["LoggingConfig"]["LogGroup"]["Ref"]]["RetentionInDays"] == 30, name
        assert function["TracingConfig"] == {"Mode": "Active"}, name


def test_the_layer_describes_only_the_services_that_functions_call() -> None:
    makefile = (REPOSITORY / "functions" / "Makefile").read_text()
    [described] = re.findall(r"^services = (.*)$", makefile, re.MULTILINE)
    sources = [
        path.read_text()
        for package in ("pipeline", "service", "smoke_test")
        for path in (REPOSITORY / "functions" / "people_pathing" / package).rglob("*.py")
    ]
    called = {name for source in sources for name in re.findall(r'\bclient\(\s*"([\w-]+)"', source)}
    assert called == set(described.split())


def test_the_image_describes_the_same_services_as_the_layer() -> None:
    makefile = (REPOSITORY / "functions" / "Makefile").read_text()
    dockerfile = (REPOSITORY / "functions" / "worker" / "Dockerfile").read_text()
    [described] = re.findall(r"^services = (.*)$", makefile, re.MULTILINE)

    assert f'sys.argv[1:]]" \\\n    {described}\n' in dockerfile
