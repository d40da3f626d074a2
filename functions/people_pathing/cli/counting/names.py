"""Names for the folders of counts, so that no video's counts replace those of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

TOTAL = "total"
"""The folder of the counts of all files together."""


def distinct_names(names: Sequence[str], places: Sequence[Path]) -> list[str]:
    """Returns a name for each of several results. Names that clash also have the folders above.

    Args:
        names: the last parts of the places; `TOTAL` is taken.
        places: where the results are: different absolute paths.
    """
    parts = [len(Path(name).parts) for name in names]
    while True:
        found = ["/".join(place.parts[-count:]) for place, count in zip(places, parts, strict=True)]
        uses = Counter([*found, TOTAL])
        # The first part of an absolute path is the root, which is no name.
        longer = [
            count + 1 if uses[name] > 1 and count + 1 < len(place.parts) else count
            for name, place, count in zip(found, places, parts, strict=True)
        ]
        if longer == parts:
            return found
        parts = longer
