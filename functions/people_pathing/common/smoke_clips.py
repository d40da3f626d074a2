"""The keys of the clips that smoke tests upload."""

from __future__ import annotations

import re
from uuid import uuid4

SMOKE_PREFIX = "people-pathing-smoke/"
"""Keys under it in the bucket of the videos are reserved for smoke tests."""

SCHEDULED_PREFIX = f"{SMOKE_PREFIX}scheduled/"
"""Keys of the scheduled smoke test begin with it."""

_SCHEDULED_KEY = re.compile(
    re.escape(SCHEDULED_PREFIX) + r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.mp4"
)


def is_smoke_clip(key: str) -> bool:
    """Tells whether a video is the clip of a smoke test, by its key."""
    return key.startswith(SMOKE_PREFIX)


def new_scheduled_key() -> str:
    """Returns the key for the clip of a scheduled smoke test."""
    return f"{SCHEDULED_PREFIX}{uuid4()}.mp4"


def is_scheduled_key(key: str) -> bool:
    """Tells whether `new_scheduled_key` may have made a key. Objects with other keys belong to users."""
    return _SCHEDULED_KEY.fullmatch(key) is not None
