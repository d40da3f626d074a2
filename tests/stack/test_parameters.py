"""Turns parameters on and off with the real `sam deploy`, in a second stack on the same server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from devstack.errors import LocalStackError
from devstack.folders import TOOLS
from devstack.sam import Sam
from devstack.stack import LocalStack
from people_pathing.common.smoke_clips import new_scheduled_key
from tests.template.translated import REPOSITORY, source, translated

pytestmark = [pytest.mark.stack, pytest.mark.local_only("deploys other parameters")]

NAME = "parameters"
EMPTY_BY_DEFAULT = [name for name, parameter in source()["Parameters"].items() if parameter["Default"] == ""]
# The names of the buckets stay as they are: a deployment keeps buckets that it no longer needs.
GIVEN = {
    "TrackingModel": "/models/a.onnx",
    "FaceModel": "centerface",
    "OtherVideoBuckets": "archive-of-one,archive-of-another",
    "TrackOtherVideoBuckets": "yes",
    "OtherNotificationRoleArns": "arn:aws:iam::000000000000:role/other",
    "VideoKmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "AlarmEmail": "me@example.com",
    "CatalogTables": "yes",
    # MiniStack has no networks. tests/template/test_isolation.py checks which functions get them.
    "WorkerSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "WorkerSecurityGroupId": "sg-0123456789abcdef0",
}
CATALOG = {"Catalog", "PeopleTable", "ObservationsTable", "EventsTable"}
Deploy = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def deploy(stack: LocalStack) -> Deploy:
    """Deploys the second stack with `sam deploy`, and returns what it consists of."""
    sam = Sam(TOOLS, stack.log_dir)
    template = sam.build(REPOSITORY, stack.environment())

    def deploy_with(parameters: Mapping[str, str]) -> dict[str, Any]:
        sam.deploy(template, NAME, parameters, stack.environment())
        return contents(stack)

    return deploy_with


def contents(stack: LocalStack) -> dict[str, Any]:
    """Returns the second stack's resources and the environment of its functions, by the template's names."""
    cloudformation, functions = stack.client("cloudformation"), stack.client("lambda")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=NAME)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    environments = {
        resource["LogicalResourceId"]: functions.get_function_configuration(
            FunctionName=resource["PhysicalResourceId"]
        )["Environment"]["Variables"]
        for resource in resources
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    text = json.dumps(environments)
    # A resource that was removed and created again has another physical name.
    for resource in sorted(resources, key=lambda one: -len(one["PhysicalResourceId"])):
        text = text.replace(resource["PhysicalResourceId"], resource["LogicalResourceId"])
    return {
        "resources": {resource["LogicalResourceId"] for resource in resources},
        "environments": json.loads(text),
    }


def test_none_turns_off_what_sam_deploy_would_keep(stack: LocalStack, deploy: Deploy) -> None:
    by_default = deploy({})

    given = deploy(GIVEN)
    assert given["environments"]["DetectSegment"]["FACE_MODEL"] == "centerface"
    assert given["environments"]["DetectSegment"]["TRACKING_MODEL"] == "/models/a.onnx"
    assert given["environments"]["TrackingApi"]["VIDEO_BUCKETS"].endswith(
        ",archive-of-one,archive-of-another"
    )
    assert given["environments"]["TrackingApi"]["NOTIFICATION_ROLE_ARNS"].endswith(":role/other")
    assert given["resources"] - by_default["resources"] == {
        "AlarmByEmail",
        "DecryptVideos",
        "OtherVideoUploaded",
        "OtherVideoUploadedMayInvokeStartTracking",
        *CATALOG,
    }
    [deployed] = stack.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
    [database] = [one["OutputValue"] for one in deployed["Outputs"] if one["OutputKey"] == "CatalogName"]
    tables = stack.client("glue").get_tables(DatabaseName=database)["TableList"]
    assert {table["Name"] for table in tables} == {"people", "observations", "events"}
    for table in tables:
        location = table["Parameters"]["storage.location.template"]
        assert location == f"{table['StorageDescriptor']['Location']}dt=${{dt}}/"

    kept = deploy({})
    assert kept == given

    off = {**dict.fromkeys(EMPTY_BY_DEFAULT, "none"), "CatalogTables": "no", "TrackOtherVideoBuckets": "no"}
    assert deploy(off) == by_default


def test_an_upload_to_a_bucket_that_another_stack_owns_starts_a_job(
    stack: LocalStack, deploy: Deploy
) -> None:
    s3, dynamodb = stack.client("s3"), stack.client("dynamodb")
    s3.create_bucket(Bucket="owned-elsewhere")
    s3.put_bucket_notification_configuration(
        Bucket="owned-elsewhere", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    deploy({"OtherVideoBuckets": "owned-elsewhere", "TrackOtherVideoBuckets": "yes"})

    # The clip of a smoke test of the stack that owns the bucket is none of this stack's videos.
    for key in (new_scheduled_key(), "cam7/door.mp4"):
        s3.put_object(Bucket="owned-elsewhere", Key=key, Body=b"not a video")

    table = stack.client("cloudformation").describe_stack_resource(
        StackName=NAME, LogicalResourceId="JobTable"
    )
    name = table["StackResourceDetail"]["PhysicalResourceId"]
    deadline = time.monotonic() + 60
    while not (items := dynamodb.scan(TableName=name)["Items"]):
        assert time.monotonic() < deadline, "the upload has no job record"
        time.sleep(0.5)
    assert [(item["bucket"]["S"], item["key"]["S"]) for item in items] == [
        ("owned-elsewhere", "cam7/door.mp4")
    ]


@pytest.mark.parametrize(
    ("parameters", "region", "sentence"),
    [
        ({"TrackOtherVideoBuckets": "yes", "OtherVideoBuckets": "none"}, None, "names no bucket"),
        ({"WorkerSubnetIds": "subnet-12345678"}, None, "WorkerSecurityGroupId is not"),
        ({"WorkerSecurityGroupId": "sg-12345678"}, None, "WorkerSubnetIds is not"),
        ({}, "eu-south-2", "no Function URLs in this region"),
    ],
)
def test_a_deployment_that_cannot_work_is_refused_with_a_sentence(
    stack: LocalStack, parameters: dict[str, str], region: str | None, sentence: str
) -> None:
    options = {} if region is None else {"region_name": region}
    # The whole template is too large for a request.
    rules = {name: translated()[name] for name in ("Parameters", "Rules")}
    with pytest.raises(ClientError, match=sentence):
        stack.client("cloudformation", **options).create_stack(
            StackName="refused",
            TemplateBody=json.dumps({**rules, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )


# Each attempt takes seconds. tests/template/test_parameters.py checks the patterns with many values.
@pytest.mark.parametrize(("parameter", "value"), [("MaxConcurrentJobs", "20.0"), ("SegmentSeconds", "0.5")])
def test_a_number_that_would_fail_every_job_is_not_deployed(
    deploy: Deploy, parameter: str, value: str
) -> None:
    with pytest.raises(LocalStackError) as failure:
        deploy({parameter: value})
    assert f"Parameter '{parameter}'" in "".join(failure.value.details)
