"""What AWS itself calls with the roles of the stack, derived from the configuration of its resources."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.template.calls.call import Call
from tests.template.calls.decisions import Check
from tests.template.resolved import Stack
from tests.template.translated import REPOSITORY, Json, of_type, translated

MANAGE_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda calls for a function that is in a VPC or may be put into one.

Source: "Giving Lambda functions access to resources in an Amazon VPC" in the AWS Lambda Developer Guide.
"""

WRITE_TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
"""Source: "Visualize Lambda function invocations using AWS X-Ray" in the AWS Lambda Developer Guide."""

READ_SAMPLING_RULES = ("xray:GetSamplingRules", "xray:GetSamplingTargets")
"""Source: "Trace Step Functions request data in AWS X-Ray" in the AWS Step Functions Developer Guide."""


def by_lambda(stack: Stack, function: str) -> Iterator[Check]:
    """Yields what Lambda calls with a function's role: logs, traces, destinations and network interfaces."""
    properties = stack.of_type("AWS::Lambda::Function")[function]
    group = properties["LoggingConfig"]["LogGroup"]
    stream = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:{group}:log-stream:2026/01/01/[1]0"
    yield "logs:CreateLogStream", stream, {}
    yield "logs:PutLogEvents", stream, {}
    if properties.get("TracingConfig", {}).get("Mode") == "Active":
        for action in WRITE_TRACES:
            yield action, "*", {}
    # A parameter turns the VPC on and off, and the rights are needed before and after that.
    if "VpcConfig" in of_type(translated(), "AWS::Lambda::Function")[function]:
        for action in MANAGE_INTERFACES:
            yield action, "*", {}
    for invocations in stack.of_type("AWS::Lambda::EventInvokeConfig").values():
        if invocations["FunctionName"] == stack.physical_name(function):
            destination = invocations.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            if destination:
                yield "sqs:SendMessage", destination, {}


def by_step_functions(stack: Stack, machine: str) -> Iterator[Check]:
    """Yields what Step Functions calls with a state machine's role: the functions of its states, traces."""
    properties = stack.of_type("AWS::StepFunctions::StateMachine")[machine]
    text = (REPOSITORY / "statemachine" / "track_people.asl.json").read_text()
    for name, value in properties["DefinitionSubstitutions"].items():
        text = text.replace(f"${{{name}}}", str(value))
    for resource in _tasks(json.loads(text)):
        yield "lambda:InvokeFunction", resource, {}
    if properties["TracingConfiguration"]["Enabled"]:
        for action in (*WRITE_TRACES, *READ_SAMPLING_RULES):
            yield action, "*", {}


def _tasks(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("Type") == "Task":
            yield value["Resource"]
        for part in value.values():
            yield from _tasks(part)
    elif isinstance(value, list):
        for part in value:
            yield from _tasks(part)


def by_function_url(stack: Stack, call: Call) -> Iterator[Check]:
    """Yields what is checked for a call of one of the two operations."""
    if "TrackingApi" in stack.resources:
        function = stack.arn("TrackingApi")
        yield "lambda:InvokeFunctionUrl", function, {"lambda:FunctionUrlAuthType": "AWS_IAM"}
        yield "lambda:InvokeFunction", function, {"lambda:InvokedViaFunctionUrl": "true"}
        return
    yield f"rekognition:{call.operation}", "*", {}
    if call.operation == "StartPersonTracking":
        # The caller names a role that Rekognition is to assume.
        yield (
            "iam:PassRole",
            stack.arn("CompletionRole"),
            {"iam:PassedToService": "rekognition.amazonaws.com"},
        )


def by_s3_for_the_key(stack: Stack, call: Call, video_buckets: tuple[str, ...]) -> Iterator[Check]:
    """Yields what S3 calls with the caller's rights, where videos are encrypted with a key."""
    key = stack.parameters.get("VideoKmsKeyArn", "none")
    if key != "none" and call.operation == "GetObject" and call.bucket in video_buckets:
        yield "kms:Decrypt", key, {"kms:ViaService": f"s3.{stack.region}.amazonaws.com"}


def by_s3_for_a_missing_object(call: Call) -> Iterator[Check]:
    """Yields what decides whether S3 answers 404 or 403 if there is no such object."""
    if call.operation in {"GetObject", "HeadObject"}:
        yield "s3:ListBucket", f"arn:aws:s3:::{call.bucket}", {}
