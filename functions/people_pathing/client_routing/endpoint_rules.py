"""Adds rules for the two operations to the rules that choose the endpoint of a call in an SDK.

Format: Smithy's rules engine, https://smithy.io/2.0/additional-specs/rules-engine/specification.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from people_pathing.client_routing.operations import MARKING_PARAMETER
from people_pathing.client_routing.route import Route

AWS_HOSTS = (".amazonaws.com", ".api.aws", ".amazonaws.com:443", ".api.aws:443")
"""The ends of AWS's own hosts, which may name their port. None answers the two operations any more."""

_URL_PARTS = "PeoplePathingEndpoint"

Condition = dict[str, Any]
Rule = dict[str, Any]


def added_rules(rule_set: Mapping[str, Any], routes: Iterable[Route]) -> dict[str, Any]:
    """Returns what is merged into the SDK's rule set: one more parameter, and all rules.

    A merge replaces a list as a whole, so the SDK's own rules follow the new ones. An endpoint that a program
    or a profile sets is obeyed, as long as it is neither at AWS nor at a route's own host.

    Args:
        rule_set: the SDK's own rule set for Rekognition.
        routes: at most one for each region.
    """
    return {
        "parameters": {
            MARKING_PARAMETER: {
                "required": False,
                "documentation": "True for the operations that a stack of people-pathing answers.",
                "type": "boolean",
            }
        },
        "rules": [
            _fips_rule(),
            *(rule for route in routes for rule in _route_rules(route)),
            _no_route_rule(),
            *rule_set["rules"],
        ],
    }


def _fips_rule() -> Rule:
    message = "the endpoint of people-pathing is no FIPS endpoint; turn off use_fips_endpoint for this call"
    return {"conditions": [*_is_marked(), _is_true("UseFIPS")], "error": message, "type": "error"}


def _route_rules(route: Route) -> Iterator[Rule]:
    scheme = {"name": "sigv4", "signingName": route.signing_name, "signingRegion": route.region}
    endpoint = {"url": route.url, "properties": {"authSchemes": [scheme]}, "headers": {}}
    in_region = [*_is_marked(), _is_set("Region"), _equals({"ref": "Region"}, route.region)]
    for condition in (
        [_is_not_set("Endpoint")],
        [*_endpoint_parts(), _equals(_authority(), route.authority)],
        *([*_endpoint_parts(), *_ends_with(_authority(), host)] for host in AWS_HOSTS),
    ):
        yield {"conditions": [*in_region, *condition], "endpoint": endpoint, "type": "endpoint"}


def _no_route_rule() -> Rule:
    message = (
        "no stack of people-pathing is connected in {Region}; run "
        "`people-pathing connect --region {Region} --stack-name NAME`, or use another region"
    )
    conditions = [*_is_marked(), _is_set("Region"), _is_not_set("Endpoint")]
    return {"conditions": conditions, "error": message, "type": "error"}


def _is_marked() -> list[Condition]:
    return [_is_set(MARKING_PARAMETER), _is_true(MARKING_PARAMETER)]


def _is_set(parameter: str) -> Condition:
    return {"fn": "isSet", "argv": [{"ref": parameter}]}


def _is_not_set(parameter: str) -> Condition:
    return {"fn": "not", "argv": [_is_set(parameter)]}


def _is_true(parameter: str) -> Condition:
    return {"fn": "booleanEquals", "argv": [{"ref": parameter}, True]}


def _equals(value: Condition, text: str) -> Condition:
    return {"fn": "stringEquals", "argv": [value, text]}


def _endpoint_parts() -> list[Condition]:
    return [
        _is_set("Endpoint"),
        {"fn": "parseURL", "argv": [{"ref": "Endpoint"}], "assign": _URL_PARTS},
    ]


def _authority() -> Condition:
    return {"fn": "getAttr", "argv": [{"ref": _URL_PARTS}, "authority"]}


def _ends_with(value: Condition, text: str) -> list[Condition]:
    name = f"{_URL_PARTS}End"
    return [
        {"fn": "substring", "argv": [value, 0, len(text), True], "assign": name},
        _equals({"ref": name}, text),
    ]
