"""Every policy of the stack, with the names that it has after a deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.template.deployments import PARAMETERS
from tests.template.resolved import Stack
from tests.template.translated import Json


def policies(stack: Stack) -> Iterator[tuple[str, Json]]:
    """Yields the policies of roles, buckets, queues and topics, by logical id and number.

    Trust policies are left out: they name no resource, so no linter of policies reads them.
    """
    for logical_id, resource in stack.resources.items():
        properties = resource["Properties"]
        documents = [properties, *properties.get("Policies", [])]
        for number, document in enumerate(documents):
            if isinstance(document, dict) and "PolicyDocument" in document:
                yield f"{logical_id}.{number}", document["PolicyDocument"]


def write_policies(folder: Path) -> None:
    """Writes each policy of all deployments that the tests know into a file of its own."""
    for deployment, parameters in PARAMETERS.items():
        for name, policy in policies(Stack(parameters)):
            path = folder / f"{deployment.replace(' ', '-')}.{name}.json"
            path.write_text(json.dumps(policy, indent=1))
