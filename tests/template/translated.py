"""template.yaml as CloudFormation receives it: translated offline by SAM, with conditions resolved.

python -m tests.template.translated > template.json     # for checkov
"""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

REPOSITORY = Path(__file__).parent.parent.parent
PLACEHOLDER = "s3://packaged/artifact"
_PACKAGED = ("CodeUri", "ContentUri", "DefinitionUri")
Json = Any


@cache
def source() -> dict[str, Json]:
    """Returns template.yaml as it was written."""
    template: dict[str, Json] = yaml_parse((REPOSITORY / "template.yaml").read_text())
    return template


@cache
def translated() -> dict[str, Json]:
    """Returns template.yaml as it is after `sam package` and the transform."""
    return translate(copy.deepcopy(source()))


def translate(template: dict[str, Json]) -> dict[str, Json]:
    """Returns a template as it is after `sam package` and the transform. What is in S3 counts as packaged."""
    for resource in template["Resources"].values():
        for name in _PACKAGED:
            if not str(resource.get("Properties", {}).get(name, "s3://")).startswith("s3://"):
                resource["Properties"][name] = PLACEHOLDER
    session = boto3.Session(region_name="us-east-1")
    result = Translator({}, Parser(), boto_session=session).translate(
        template, {}, get_managed_policy_map=lambda: None
    )
    plain: dict[str, Json] = json.loads(json.dumps(result))
    return plain


def conditions(**parameters: str) -> dict[str, bool]:
    """Returns which conditions hold in a deployment with these parameters.

    Raises:
        KeyError: the template has no such parameter.
    """
    template = translated()
    values = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}
    unknown = parameters.keys() - values.keys()
    if unknown:
        raise KeyError(f"the template has no parameters {sorted(unknown)}")
    values |= parameters
    return {name: _decide(rule, values) for name, rule in template["Conditions"].items()}


def deployed(**parameters: str) -> dict[str, Json]:
    """Returns the template that a deployment with these parameters consists of, with conditions resolved."""
    template = translated()
    decided = conditions(**parameters)
    resources = {
        name: _resolve({part: value for part, value in resource.items() if part != "Condition"}, decided)
        for name, resource in template["Resources"].items()
        if decided.get(resource.get("Condition"), True)
    }
    outputs = {
        name: _resolve(output, decided)
        for name, output in template["Outputs"].items()
        if decided.get(output.get("Condition"), True)
    }
    return {"Parameters": template["Parameters"], "Resources": resources, "Outputs": outputs}


def of_type(template: dict[str, Json], kind: str) -> dict[str, Json]:
    """Returns the properties of all resources of one type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def references(value: Json) -> Iterator[str]:
    """Yields the names that Ref, Fn::GetAtt and Fn::Sub refer to."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "Ref":
                yield part
            elif key == "Fn::GetAtt":
                yield part[0] if isinstance(part, list) else part.split(".")[0]
            elif key == "Fn::Sub":
                text, names = part if isinstance(part, list) else (part, {})
                yield from (
                    name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text) if name not in names
                )
                yield from references(names)
            else:
                yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def _decide(rule: Json, values: dict[str, str]) -> bool:
    [(function, arguments)] = rule.items()
    if function == "Fn::Not":
        return not _decide(arguments[0], values)
    if function == "Fn::Or":
        return any(_decide(argument, values) for argument in arguments)
    if function == "Fn::And":
        return all(_decide(argument, values) for argument in arguments)
    if function == "Fn::Equals":
        left, right = (_text(argument, values) for argument in arguments)
        return left == right
    raise NotImplementedError(f"a condition made with {function}")


def _text(value: Json, values: dict[str, str]) -> str:
    if isinstance(value, str):
        return value
    [(function, argument)] = value.items()
    if function == "Ref":
        return values[argument]
    if function == "Fn::Select" and "Ref" in argument[1]:
        return str(_text(argument[1], values).split(",")[argument[0]])
    raise NotImplementedError(f"a text made with {function}")


_NOTHING = {"Ref": "AWS::NoValue"}


def _resolve(value: Json, conditions: dict[str, bool]) -> Json:
    if isinstance(value, dict):
        if value.keys() == {"Fn::If"}:
            name, if_true, if_false = value["Fn::If"]
            return _resolve(if_true if conditions[name] else if_false, conditions)
        resolved = {key: _resolve(part, conditions) for key, part in value.items()}
        return resolved if value == _NOTHING else {k: v for k, v in resolved.items() if v != _NOTHING}
    if isinstance(value, list):
        return [part for part in (_resolve(part, conditions) for part in value) if part != _NOTHING]
    return value


if __name__ == "__main__":
    print(json.dumps(translated(), indent=1))
