"""Evaluates the section Rules of template.yaml, as CloudFormation does before it creates a stack."""

from __future__ import annotations

from tests.template.translated import Json, translated


def refusals(region: str = "us-east-1", partition: str = "aws", **parameters: str) -> dict[str, list[str]]:
    """Returns why a deployment is refused: the sentences of each rule that does not hold, by its name."""
    template = translated()
    texts = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()}
    texts |= {**parameters, "AWS::Region": region, "AWS::Partition": partition}
    lists = {
        name
        for name, parameter in template["Parameters"].items()
        if parameter["Type"] == "CommaDelimitedList"
    }
    values = {name: text.split(",") if name in lists else text for name, text in texts.items()}
    broken = {
        name: [
            assertion["AssertDescription"]
            for assertion in rule["Assertions"]
            if not _evaluate(assertion["Assert"], values)
        ]
        for name, rule in template["Rules"].items()
        if "RuleCondition" not in rule or _evaluate(rule["RuleCondition"], values)
    }
    return {name: sentences for name, sentences in broken.items() if sentences}


def _evaluate(expression: Json, values: dict[str, Json]) -> Json:
    """Evaluates an expression. CloudFormation refuses functions that are not for rules, such as Fn::If."""
    if not isinstance(expression, dict):
        return expression
    [(function, argument)] = expression.items()
    if function == "Ref":
        return values[argument]
    arguments = [_evaluate(one, values) for one in argument]
    match function:
        case "Fn::Not":
            return not arguments[0]
        case "Fn::Or":
            return any(arguments)
        case "Fn::And":
            return all(arguments)
        case "Fn::Equals":
            return arguments[0] == arguments[1]
        case "Fn::Contains":
            return arguments[1] in arguments[0]
        case "Fn::EachMemberIn":
            return set(arguments[0]) <= set(arguments[1])
    raise NotImplementedError(f"a rule made with {function}")
