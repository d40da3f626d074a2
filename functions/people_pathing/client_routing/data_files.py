"""The content of the two data files, and the record in them of what they were made from.

botocore merges a file `NAME.sdk-extras.json` into its own file `NAME.json`. It ignores all members but
`merge`, so the record is a further member. It also marks the files as made by
people-pathing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from people_pathing.client_routing.endpoint_rules import added_rules
from people_pathing.client_routing.operations import added_operations
from people_pathing.client_routing.route import Route

FOLDER = "rekognition/2016-06-27"
OPERATIONS_FILE = f"{FOLDER}/service-2.sdk-extras.json"
RULES_FILE = f"{FOLDER}/endpoint-rule-set-1.sdk-extras.json"

_RECORD = "peoplePathing"


@dataclass(frozen=True, slots=True)
class Source:
    """What the files are made from.

    Attributes:
        version: the version of people-pathing.
        botocore_version: the version of botocore that `rule_set` is a part of.
        api_model: the model of the two operations as `service/protocol/person_tracking.json` has it.
        rule_set: botocore's rules for the endpoints of Rekognition.
    """

    version: str
    botocore_version: str
    api_model: Mapping[str, Any]
    rule_set: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """What a data file says.

    Attributes:
        version: the version of people-pathing that made it.
        botocore_version: the version of botocore that it was made with.
        routes: its routes, in the order of their regions. The file of the operations has none.
        merge: what botocore merges into its own file.
    """

    version: str
    botocore_version: str
    routes: tuple[Route, ...]
    merge: Mapping[str, Any]


def data_files(source: Source, routes: Iterable[Route]) -> dict[str, str]:
    """Returns the text of each file by its path inside the folder of data files.

    Args:
        source: what the files are made from.
        routes: at most one for each region.
    """
    ordered = tuple(sorted(routes, key=lambda route: route.region))
    return {
        OPERATIONS_FILE: _text(source, (), added_operations(source.api_model)),
        RULES_FILE: _text(source, ordered, added_rules(source.rule_set, ordered)),
    }


def read_content(text: str) -> Content | None:
    """Reads a data file. Returns None if people-pathing did not make it."""
    try:
        file = json.loads(text)
        record = file[_RECORD]
        return Content(
            record["version"],
            record["botocoreVersion"],
            tuple(Route(**route) for route in record["routes"]),
            file["merge"],
        )
    except (ValueError, RecursionError, LookupError, TypeError):
        return None


def _text(source: Source, routes: Iterable[Route], merge: Mapping[str, Any]) -> str:
    record = {
        "about": "Made by `people-pathing connect`, which also replaces and removes it.",
        "version": source.version,
        "botocoreVersion": source.botocore_version,
        "routes": [asdict(route) for route in routes],
    }
    return json.dumps({"version": 1.0, _RECORD: record, "merge": merge}, indent=1) + "\n"
