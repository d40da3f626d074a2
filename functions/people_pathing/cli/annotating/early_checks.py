"""Checks of `people-pathing annotate` before it downloads a video, which may take long."""

from __future__ import annotations

from pathlib import Path

from people_pathing.annotation import checks
from people_pathing.annotation.choices import AllBut, Blur, Codec
from people_pathing.cli.errors import as_command_errors


def require_possible(out: Path | None, zones: Path | None, timezone: str | None, codec: Codec) -> None:
    """Raises CommandError if an option is wrong, whatever the video and its results are.

    Args:
        out: where the copy goes; None for the results bucket.
        zones: zones.json; None for that of the stack.
        timezone: IANA name of the zone of the clock; None for the default.
        codec: of the copy.
    """
    from people_pathing.annotation.encoding.webm import require_encoder
    from people_pathing.annotation.errors import AnnotationError
    from people_pathing.cli.counting.zones import load_zones

    with as_command_errors(AnnotationError):
        if out:
            checks.require_webm(out)
        checks.require_timezone(timezone)
        require_encoder(codec)
    if zones:
        load_zones(zones)


def require_blur(folder: Path, zones: Path | None, blur: Blur | None) -> None:
    """Raises CommandError if the results in a folder do not have what is needed to blur."""
    from people_pathing.annotation.errors import AnnotationError
    from people_pathing.annotation.inputs import open_results
    from people_pathing.cli.counting.zones import load_zones
    from people_pathing.cli.listings.people import read_people
    from people_pathing.results.stored_result import StoredResultError

    with as_command_errors(AnnotationError, StoredResultError):
        if blur is not None:
            unknown = open_results(folder, with_faces=False).unknown_mask_count
            checks.require_masks(unknown, load_zones(zones).masks if zones else ())
        if isinstance(blur, AllBut):
            checks.require_person(blur.index, (person.index for person in read_people(folder)))
