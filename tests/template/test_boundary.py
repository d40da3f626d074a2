"""Checks that a permissions boundary reaches every role, and that the guide says what it must allow."""

import re

import pytest

from tests.template.deployments import EVERYTHING_GIVEN, EXISTING_SERVICE, as_list
from tests.template.test_rights import statements
from tests.template.translated import REPOSITORY, deployed, of_type, source, translated

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


def test_the_guide_names_every_service_that_a_boundary_must_allow() -> None:
    guide = (REPOSITORY / "docs" / "deploy.md").read_text()
    [section] = re.findall(r"^## Permissions boundary\n(.*?)^## ", guide, re.DOTALL | re.MULTILINE)
    allowed = {
        action.partition(":")[0]
        for template in (EVERYTHING_GIVEN, EXISTING_SERVICE)
        for _, statement in statements(template)
        for action in as_list(statement["Action"])
    }

    assert set(re.findall(r"`([a-z0-9]+):\*`", section)) == allowed
