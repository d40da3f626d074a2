"""The id of a video: the same wherever the facts about the video are the same."""

from __future__ import annotations

import hashlib
import json


def video_identity(*facts: str | None) -> bytes:
    """Returns the facts that tell one video from all others as bytes. No two lists of facts give the same."""
    return json.dumps(facts).encode()


def video_id(*facts: str | None) -> str:
    """Returns the id of a video: 64 hexadecimal digits.

    Args:
        facts: bucket, key and content id of a video in a bucket, as `pipeline.video.Video` has them.
            Otherwise what tells it from all others.
    """
    return hashlib.sha256(video_identity(*facts)).hexdigest()
