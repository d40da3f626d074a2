"""Checks that the tags of a stack reach every resource that can have tags."""

import re

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.template.translated import REPOSITORY, Json, translated

KINDS = sorted({resource["Type"] for resource in translated()["Resources"].values()})


def schema(kind: str) -> Json:
    """Returns AWS's schema of a type of resources, which cfn-lint carries."""
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "Tags" in schema(kind)["properties"]])
def test_cloudformation_gives_the_tags_of_the_stack_to_every_type_that_can_have_tags(kind: str) -> None:
    tagging = schema(kind)["tagging"]

    # Otherwise, each resource of the type would have to name the tags itself.
    assert tagging["taggable"]
    assert tagging["tagOnCreate"]
    assert tagging["tagUpdatable"]


def test_the_guide_lists_the_types_that_cannot_have_tags() -> None:
    guide = (REPOSITORY / "docs" / "deploy.md").read_text()
    [section] = re.findall(r"^## Tags\n(.*?)^## ", guide, re.DOTALL | re.MULTILINE)
    without = {kind for kind in KINDS if "Tags" not in schema(kind)["properties"]}

    assert {f"AWS::{name}" for name in re.findall(r"`(\w+::\w+)`", section)} == without
