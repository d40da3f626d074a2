"""The repository of the image: nothing in it expires, and it outlives every stack."""

from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parents[2] / "functions" / "worker" / "repository.yaml"
PULL = {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}


def repository() -> dict[str, Any]:
    resources: dict[str, dict[str, Any]] = yaml_parse(TEMPLATE.read_text())["Resources"]
    [(_, only)] = resources.items()
    assert only["Type"] == "AWS::ECR::Repository"
    return only


def test_no_rule_expires_an_image_and_no_stack_deletes_the_repository() -> None:
    made = repository()

    assert "LifecyclePolicy" not in made["Properties"]
    assert not made["Properties"].get("EmptyOnDelete")
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_functions_of_the_template_find_their_image_in_it() -> None:
    name = repository()["Properties"]["RepositoryName"]
    template = (TEMPLATE.parents[2] / "template.yaml").read_text()

    assert f"amazonaws.com/{name}:" in template


def test_only_lambda_may_pull_and_only_for_functions_of_the_account() -> None:
    [statement] = repository()["Properties"]["RepositoryPolicyText"]["Statement"]

    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert set(statement["Action"]) == PULL
    [source] = statement["Condition"]["StringLike"].values()
    assert source["Fn::Sub"].endswith(":lambda:${AWS::Region}:${AWS::AccountId}:function:*")
