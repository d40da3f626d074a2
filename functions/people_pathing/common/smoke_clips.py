"""The keys of the clips that smoke tests upload."""

from __future__ import annotations

SMOKE_PREFIX = "people-pathing-smoke/"
"""Keys under it in the bucket of the videos are reserved for smoke tests."""

SCHEDULED_PREFIX = f"{SMOKE_PREFIX}scheduled/"
"""Keys of the scheduled smoke test, which erases what its earlier runs have left, and no other clip."""


def is_smoke_clip(key: str) -> bool:
    """Tells whether a video is the clip of a smoke test, by its key."""
    return key.startswith(SMOKE_PREFIX)
