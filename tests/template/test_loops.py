"""Checks that Lambda does not take the chain from one job to the next for an endless loop.

Lambda stops a function that its own output has invoked about 16 times in a row, unless the function allows
it. The end of a job starts waiting jobs, whose ends start others. Source: "Use Lambda recursive loop
detection to prevent infinite loops" in the AWS Lambda Developer Guide, read on 2026-11-26. Lambda sees loops
through S3, SNS, SQS and Lambda. Whether the mark of a loop also passes through Step Functions or EventBridge
is not documented, so these count here.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.template.deployments import DEPLOYMENTS, OWN_SERVICE, as_list, functions, functions_of_versions
from tests.template.test_rights import resource_text, statements
from tests.template.translated import Json, of_type, references


@DEPLOYMENTS
def test_functions_in_a_loop_allow_it_and_no_others_do(template: dict[str, Json]) -> None:
    invoked = {name: set(invoked_by(name, template)) for name in functions(template)}
    looping = {name for name in invoked if name in reachable(name, invoked)}

    assert "CollectResults" in looping
    allowing = {
        name for name, function in functions(template).items() if function.get("RecursiveLoop") == "Allow"
    }
    assert allowing == looping


def test_the_loop_leads_from_the_end_of_a_job_to_the_next_job() -> None:
    invoked = {name: set(invoked_by(name, OWN_SERVICE)) for name in functions(OWN_SERVICE)}

    assert "TrackingApi" in invoked["CollectResults"]
    assert {"PlanJob", "PublishCompletion"} <= invoked["TrackingApi"]
    assert "CollectResults" in invoked["PublishCompletion"]
    # Only stored results are announced to AnalyzeResults, and it stores none.
    assert "AnalyzeResults" in invoked["CollectResults"]
    assert invoked["AnalyzeResults"] == set()


def reachable(name: str, invoked: dict[str, set[str]]) -> set[str]:
    """Returns the functions that a function invokes, directly or through others."""
    found: set[str] = set()
    new = invoked[name]
    while new:
        found |= new
        new = {other for one in new for other in invoked[one]} - found
    return found


def invoked_by(name: str, template: dict[str, Json]) -> Iterator[str]:
    """Yields the functions that a function may invoke, as far as its rights go."""
    role = functions(template)[name]["Role"]["Fn::GetAtt"][0]
    for statement in rights_of(role, template):
        for action in as_list(statement["Action"]):
            yield from reached(action, statement, template)


def rights_of(role: str, template: dict[str, Json]) -> Iterator[Json]:
    """Yields the statements that apply to a role, with those of the roles that it may assume."""
    attached = as_list(of_type(template, "AWS::IAM::Role")[role].get("ManagedPolicyArns", []))
    owners = {role, *(policy["Ref"] for policy in attached)}
    owners |= {
        name
        for name, policy in of_type(template, "AWS::IAM::Policy").items()
        if {"Ref": role} in policy.get("Roles", [])
    }
    for owner, statement in statements(template):
        if owner in owners:
            yield statement
            if statement["Action"] == "sts:AssumeRole":
                for other in (
                    set(references(statement["Resource"])) & of_type(template, "AWS::IAM::Role").keys()
                ):
                    yield from rights_of(other, template)


def reached(action: str, statement: Json, template: dict[str, Json]) -> Iterator[str]:
    """Yields the functions that are invoked because of a call."""
    named = set(references(statement["Resource"]))
    if action in ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"):
        yield from named & functions(template).keys()
    elif action == "states:StartExecution":
        for machine in named:
            yield from run_by(machine, template)
    elif action == "sns:Publish":
        for topic in named:
            yield from subscribed_to(topic, template)
    elif action == "rekognition:StartPersonTracking":
        # An existing service publishes under the role that the call names.
        yield from subscribed_to("CompletionTopic", template)
    elif action == "s3:PutObject":
        for name, bucket in of_type(template, "AWS::S3::Bucket").items():
            for notified in bucket.get("NotificationConfiguration", {}).get("LambdaConfigurations", []):
                if any(may_announce(one, name, bucket) for one in as_list(statement["Resource"])):
                    yield notified["Function"]["Fn::GetAtt"][0]


def may_announce(resource: Json, name: str, bucket: Json) -> bool:
    """Returns whether objects that a right covers are announced by a bucket."""
    names = resource["Fn::Sub"][1].values() if isinstance(resource.get("Fn::Sub"), list) else ()
    if name not in references(resource) and bucket["BucketName"] not in names:
        return False
    end = resource_text(resource).rpartition("*")[2]
    [configuration] = bucket["NotificationConfiguration"]["LambdaConfigurations"]
    suffix = configuration.get("Filter", {}).get("S3Key", {}).get("Rules", [{"Value": ""}])[0]["Value"]
    # Both prefixes have files of one kind each.
    if "/tables/" in resource_text(resource) or "/collecting/" in resource_text(resource):
        return False
    return end.endswith(suffix) or suffix.endswith(end)


def run_by(machine: str, template: dict[str, Json]) -> Iterator[str]:
    """Yields the functions that an execution runs, and those that events about it start."""
    definition = of_type(template, "AWS::StepFunctions::StateMachine")[machine]
    versions = functions_of_versions(template)
    yield from (
        versions[name] for name in references(definition["DefinitionSubstitutions"]) if name in versions
    )
    for rule in of_type(template, "AWS::Events::Rule").values():
        if machine in references(rule.get("EventPattern", {})):
            yield from (target["Arn"]["Fn::GetAtt"][0] for target in rule["Targets"])


def subscribed_to(topic: str, template: dict[str, Json]) -> Iterator[str]:
    """Yields the functions that receive the messages of a topic."""
    for subscription in of_type(template, "AWS::SNS::Subscription").values():
        if subscription["TopicArn"] == {"Ref": topic} and subscription["Protocol"] == "lambda":
            yield subscription["Endpoint"]["Fn::GetAtt"][0]
