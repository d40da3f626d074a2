"""A deployed stack, with the names that it would have and every function of CloudFormation evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from tests.template.translated import Json, deployed, references, source

RANDOM = "1A2B3C4D5E6F"
"""What CloudFormation appends to a name that it makes."""

_NAME_PROPERTIES = {
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Glue::Database": "DatabaseInput.Name",
    "AWS::Glue::Table": "TableInput.Name",
    "AWS::Lambda::Alias": "Name",
    "AWS::Events::Rule": "Name",
}
"""The property that names a resource. For other types, it is the last part of the type, and "Name"."""

_LONGEST_MADE_NAMES = {
    "AWS::S3::Bucket": 63,
    "AWS::Lambda::Function": 64,
    "AWS::Lambda::LayerVersion": 64,
    "AWS::IAM::Role": 64,
    "AWS::SQS::Queue": 80,
    "AWS::StepFunctions::StateMachine": 80,
}
"""CloudFormation shortens the names that it makes to what a service accepts. For other types, that is 255."""

_ARNS = {
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::LayerVersion": "arn:{partition}:lambda:{region}:{account}:layer:{name}:1",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role/{name}",
    "AWS::IAM::ManagedPolicy": "arn:{partition}:iam::{account}:policy/{name}",
    "AWS::StepFunctions::StateMachine": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
    "AWS::Events::Rule": "arn:{partition}:events:{region}:{account}:rule/{name}",
}
"""The ARNs of types of resources. Other types have the form of SNS and SQS."""

_PARTS = {
    "AWS::Lambda::Version": "AWS::Lambda::Function",
    "AWS::Lambda::Alias": "AWS::Lambda::Function",
    "AWS::StepFunctions::StateMachineVersion": "AWS::StepFunctions::StateMachine",
    "AWS::StepFunctions::StateMachineAlias": "AWS::StepFunctions::StateMachineVersion",
}
"""Versions and aliases, and what they refer to."""

_REFERENCED_BY_ARN = {
    *_PARTS,
    "AWS::SNS::Topic",
    "AWS::IAM::ManagedPolicy",
    "AWS::StepFunctions::StateMachine",
    "AWS::Lambda::LayerVersion",
}
"""Ref returns the ARN of these. Source: "Return values" of each type in the CloudFormation User Guide."""


@dataclass(frozen=True)
class Stack:
    """A deployment with one set of parameters.

    Attributes:
        parameters: the parameters that differ from their defaults.
        name: the stack's name.
        region: where it is deployed.
        account: whose it is.
    """

    parameters: dict[str, str] = field(default_factory=dict)
    name: str = "people-pathing"
    region: str = "us-east-1"
    account: str = "123456789012"

    @cached_property
    def template(self) -> Json:
        """The template with its conditions resolved."""
        return deployed(**self.parameters)

    @cached_property
    def resources(self) -> dict[str, Json]:
        """The type and the properties of every resource, without functions of CloudFormation."""
        return {
            name: {
                "Type": resource["Type"],
                "Properties": self.value(resource.get("Properties", {})),
            }
            for name, resource in self.template["Resources"].items()
        }

    def of_type(self, kind: str) -> dict[str, Json]:
        """Returns the properties of all resources of one type, by logical id."""
        return {
            name: resource["Properties"]
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def physical_name(self, logical_id: str) -> str:
        """Returns the name of a resource: its own, or one as CloudFormation makes it."""
        resource = self.template["Resources"][logical_id]
        kind = resource["Type"]
        place = _NAME_PROPERTIES.get(kind, f"{kind.rpartition('::')[2]}Name")
        given = resource.get("Properties", {})
        for part in place.split("."):
            given = given.get(part) if isinstance(given, dict) else None
        if given is not None:
            return str(self.value(given))
        end = f"-{logical_id}-{RANDOM}"
        made = self.name[: _LONGEST_MADE_NAMES.get(kind, 255) - len(end)] + end
        return made.lower() if kind == "AWS::S3::Bucket" else made

    def arn(self, logical_id: str) -> str:
        """Returns the ARN of a resource."""
        kind = self.template["Resources"][logical_id]["Type"]
        if kind in _PARTS:
            return self._arn_of_part(logical_id, _PARTS[kind])
        service = kind.split("::")[1].lower()
        pattern = _ARNS.get(kind, f"arn:{{partition}}:{service}:{{region}}:{{account}}:{{name}}")
        return pattern.format(
            partition="aws", region=self.region, account=self.account, name=self.physical_name(logical_id)
        )

    def _arn_of_part(self, logical_id: str, kind: str) -> str:
        """Returns the ARN of a version or an alias: that of the whole, a colon, and the number or name."""
        resources = self.template["Resources"]
        properties = resources[logical_id]["Properties"]
        whole = next(name for name in references(properties) if resources.get(name, {}).get("Type") == kind)
        arn = self.arn(whole).removesuffix(":1") if kind in _PARTS else self.arn(whole)
        return f"{arn}:{self.value(properties.get('Name', '1'))}"

    def value(self, value: Json) -> Json:
        """Returns a value with its functions evaluated.

        Raises:
            NotImplementedError: it has a function that the template did not have before.
        """
        if isinstance(value, list):
            return [self.value(part) for part in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function == "Ref":
                return self._ref(argument)
            if function.startswith("Fn::"):
                return self._call(function, argument)
        return {key: self.value(part) for key, part in value.items()}

    def _call(self, function: str, argument: Json) -> Json:
        match function:
            case "Fn::GetAtt":
                logical_id, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
                return self._attribute(logical_id, attribute)
            case "Fn::Sub":
                text, names = argument if isinstance(argument, list) else (argument, {})
                return self._substitute(text, self.value(names))
            case "Fn::Join":
                return str(argument[0]).join(map(str, self.value(argument[1])))
            case "Fn::Split":
                return str(self.value(argument[1])).split(argument[0])
            case "Fn::Select":
                return self.value(argument[1])[int(argument[0])]
        raise NotImplementedError(f"{function} in the template")

    def _substitute(self, text: str, names: dict[str, Json]) -> str:
        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in names:
                return str(names[name])
            logical_id, _, attribute = name.partition(".")
            return str(self._attribute(logical_id, attribute) if attribute else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", replaced, text)

    def _ref(self, name: str) -> Json:
        pseudo = {
            "AWS::StackName": self.name,
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.name}"
            "/6f0d1c3e-0000-4000-8000-5f3a1c2b4d6e",
        }
        if name in pseudo:
            return pseudo[name]
        if name in source()["Parameters"]:
            parameter = source()["Parameters"][name]
            text = str(self.parameters.get(name, parameter["Default"]))
            # CloudFormation removes the spaces around the members of a list.
            is_list = parameter["Type"] == "CommaDelimitedList"
            return [member.strip() for member in text.split(",")] if is_list else text
        kind = self.template["Resources"][name]["Type"]
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{self.physical_name(name)}"
        return self.arn(name) if kind in _REFERENCED_BY_ARN else self.physical_name(name)

    def _attribute(self, logical_id: str, attribute: str) -> str:
        if attribute.endswith("Arn"):
            return self.arn(logical_id)
        if attribute.endswith("Name"):
            return self.physical_name(logical_id)
        if attribute == "FunctionUrl":
            return f"https://{'a' * 32}.lambda-url.{self.region}.on.aws/"
        # A number, for example the version of a function.
        return "1"
