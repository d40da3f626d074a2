"""Checks that a permissions boundary reaches every role, and that the guide says what it must allow."""

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from people_pathing.service.job import NotificationChannel
from people_pathing.service.notification import CallerRoles
from tests.template.deployments import PARAMETERS, as_list
from tests.template.test_rights import statements
from tests.template.translated import REPOSITORY, Json, deployed, of_type, source, translated

BOUNDARY = "arn:aws:iam::123456789012:policy/limits/workload-boundary"


def test_every_role_has_the_boundary_also_those_that_sam_makes() -> None:
    roles = of_type(translated(), "AWS::IAM::Role")
    given = {"Fn::If": ["BoundaryGiven", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}

    assert roles
    assert {name: role.get("PermissionsBoundary") for name, role in roles.items()} == dict.fromkeys(
        roles, given
    )


@pytest.mark.parametrize("nothing", ["", "none"])
def test_without_a_boundary_no_role_names_one(nothing: str) -> None:
    for role in of_type(deployed(PermissionsBoundaryArn=nothing), "AWS::IAM::Role").values():
        assert "PermissionsBoundary" not in role


@pytest.mark.parametrize(
    ("value", "is_accepted"),
    [
        (BOUNDARY, True),
        ("arn:aws:iam::aws:policy/PowerUserAccess", True),
        ("arn:aws:iam::123456789012:role/admin", False),
        ("workload-boundary", False),
        (f"{BOUNDARY},{BOUNDARY}:*", False),
    ],
)
def test_a_boundary_is_the_arn_of_a_policy(value: str, is_accepted: bool) -> None:
    pattern = source()["Parameters"]["PermissionsBoundaryArn"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, value)) is is_accepted


class SessionPolicies:
    """Stands for the client of STS, and keeps the policies of the sessions that the service starts."""

    def __init__(self) -> None:
        self.meta = SimpleNamespace(region_name="eu-west-1")
        self.statements: list[Json] = []

    def assume_role(self, **request: Any) -> Json:
        self.statements += json.loads(request["Policy"])["Statement"]
        return {"Credentials": {}}


def services_of(all_statements: list[Json]) -> set[str]:
    return {
        action.partition(":")[0] for statement in all_statements for action in as_list(statement["Action"])
    }


def needed_services(**parameters: str) -> set[str]:
    """Returns the services that the roles of a deployment use.

    SNS encrypts a message with the rights of the publisher. The key's own policy allows that, so the roles of
    the template do not name KMS. A boundary must, because it limits what other policies allow.
    """
    template = deployed(**parameters)
    services = services_of([statement for _, statement in statements(template)])
    if any("KmsMasterKeyId" in topic for topic in of_type(template, "AWS::SNS::Topic").values()):
        sts: Any = SessionPolicies()
        CallerRoles(sts).credentials(NotificationChannel("a topic", "a role"), "session")
        services |= services_of(sts.statements)
    return services


def documented_services(section: str, *, has_own_service: bool) -> set[str]:
    """Returns the services that the guide names for a deployment."""
    [(always, own, existing)] = re.findall(
        r"must allow these services: (.*?)\. Without `RekognitionEndpointUrl`, also (.*?)\. "
        r"With it, also (.*?)\.",
        " ".join(section.split()),
    )
    named = f"{always} {own if has_own_service else existing}"
    return set(re.findall(r"`([a-z0-9]+):\*`", named))


@pytest.mark.parametrize("name", [*PARAMETERS["everything given"], "CanaryMinutes"])
@pytest.mark.parametrize("url", ["none", "https://tracking.example"])
def test_the_guide_names_every_service_that_a_boundary_must_allow_and_under_which_condition(
    name: str, url: str
) -> None:
    guide = (REPOSITORY / "docs" / "deploy.md").read_text()
    [section] = re.findall(r"^## Permissions boundary\n(.*?)^## ", guide, re.DOTALL | re.MULTILINE)
    given = {name: PARAMETERS["everything given"].get(name, "none"), "RekognitionEndpointUrl": url}

    assert documented_services(section, has_own_service=url == "none") == needed_services(**given)


def test_the_guide_names_the_rights_that_change_a_boundary() -> None:
    guide = (REPOSITORY / "docs" / "deploy.md").read_text()
    [section] = re.findall(r"^## Permissions boundary\n(.*?)^## ", guide, re.DOTALL | re.MULTILINE)

    for action in ("PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"):
        assert f"`iam:{action}`" in section
