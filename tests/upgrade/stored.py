"""Reads what the previous release stored about three videos."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).parent / "stored.tar.xz"


@dataclass(frozen=True)
class Stored:
    """What the previous release stored.

    Attributes:
        files: the content of each file in the archive, by its path.
    """

    files: dict[str, bytes]

    def items(self, table: str) -> list[dict[str, Any]]:
        """Returns the items of a table, as DynamoDB returned them."""
        return [_with_bytes(item) for item in json.loads(self.files[f"{table}.json"])]

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Returns the objects of a bucket by key."""
        prefix = f"{bucket}/"
        return {
            path.removeprefix(prefix): data for path, data in self.files.items() if path.startswith(prefix)
        }

    @property
    def facts(self) -> Any:
        """Returns the time, the pages that were read, and the start that was sent."""
        return json.loads(self.files["facts.json"])


def _with_bytes(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"BS": [bytes.fromhex(one) for one in value["BS"]]} if "BS" in value else value
        for name, value in item.items()
    }


@cache
def stored() -> Stored:
    """Returns the content of the archive."""
    with tarfile.open(ARCHIVE) as archive:
        members = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        return Stored({name: file.read() for name, file in members.items() if file is not None})
