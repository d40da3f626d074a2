"""What is told of a failed step."""

from __future__ import annotations

import json
from collections.abc import Mapping

from people_pathing.service.job import Outcome

VIDEO_ERRORS = ("VideoError", "VideoRejectedError")
"""Errors whose text is written for the video's owner."""
INTERNAL_MESSAGE = "The service failed to process the video."


def outcome_of(error: Mapping[str, str], ended_at_ms: int) -> Outcome:
    """The outcome that a state machine's error ({"Error", "Cause"}) stands for.

    FAILED, with its reason, if it is the video's fault; ERROR, without a look inside, if it is ours.
    """
    if error["Error"] in VIDEO_ERRORS:
        return Outcome("FAILED", json.loads(error["Cause"])["errorMessage"], ended_at_ms)
    return Outcome("ERROR", INTERNAL_MESSAGE, ended_at_ms)
