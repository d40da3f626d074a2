"""`people-pathing export`: writes stored results to a file in another format."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing import exports
from people_pathing.cli.arguments import input_file, output_file, person_index, result_folder_path
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import show

if TYPE_CHECKING:
    from people_pathing.results.stored_result import StoredResult

SUMMARY = "write stored results to a file in another format"
EXAMPLE = """\
people-pathing export out/street.mp4.paths --format google --out street.json
people-pathing export out/street.mp4.paths --format csv --index 3 --out person-3.csv"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command. The formats are those of the registry."""
    parser.add_argument(
        "source",
        type=result_folder_path,
        metavar="SOURCE",
        help="a folder with the result files of one video, as `track`, `run` or a copy of the results bucket "
        "has them",
    )
    formats = {name: exports.load_export(name) for name in exports.EXPORTS.names()}
    parser.add_argument(
        "--format",
        choices=formats,
        required=True,
        help="; ".join(f"{name}: {export.SUMMARY}" for name, export in formats.items()),
    )
    file_names = ", ".join(export.FILE_NAME for export in formats.values())
    parser.add_argument(
        "--out",
        type=output_file,
        metavar="FILE",
        help=f"the file to write (default, by format: {file_names} in SOURCE)",
    )
    parser.add_argument(
        "--index",
        type=person_index,
        action="append",
        metavar="N",
        help="only this person, for example if that person asks for their data; several times for several "
        "people. Give --out, too",
    )
    with_zones = " and ".join(name for name, export in formats.items() if export.NEEDS.zones)
    parser.add_argument(
        "--zones",
        type=input_file,
        metavar="FILE",
        help=f"zones.json with zones, lines and the floor, for the formats {with_zones}",
    )


def run(options: argparse.Namespace) -> int:
    """Checks the results and the place of the file, writes it, and prints its path."""
    from people_pathing.cli.counting.zones import load_zones
    from people_pathing.cli.outputs import require_no_inputs, require_no_link, require_outputs
    from people_pathing.results import file_names
    from people_pathing.results.person_removal import PersonNotFoundError
    from people_pathing.results.stored_result import StoredResultError, open_stored_result

    if options.index and not options.out:
        raise CommandError(
            "--index needs --out FILE: beside the results, others would take it for the whole table"
        )
    export = exports.load_export(options.format)
    path: Path = options.out or options.source / export.FILE_NAME
    if export.NEEDS.zones and not options.zones:
        raise CommandError(f"the format {options.format} needs --zones FILE: zones.json")
    if options.zones and not export.NEEDS.zones:
        raise CommandError(f"the format {options.format} does not use zones; leave out --zones")
    with as_command_errors(StoredResultError, PersonNotFoundError, exports.ExportError):
        export.NEEDS.require_library()
        stored = open_stored_result(options.source)
        if options.out is None:
            require_no_link(path)
        require_outputs([path])
        inputs = {f"the result file {name}": stored.folder / name for name in file_names()}
        require_no_inputs([path], {**inputs, "the file of zones": options.zones})
        zones_file = load_zones(options.zones) if options.zones else None
        with _chosen(stored, frozenset(options.index or ())) as chosen:
            export.write(exports.ExportSource(chosen, zones_file=zones_file), path)
    show(str(path))
    return 0


@contextmanager
def _chosen(stored: StoredResult, indexes: frozenset[int]) -> Iterator[StoredResult]:
    """Yields results with some people only, or with all if none is named."""
    from people_pathing.results.person_selection import write_only
    from people_pathing.results.stored_result import open_stored_result

    if not indexes:
        yield stored
        return
    with tempfile.TemporaryDirectory() as scratch:
        write_only(stored, indexes, Path(scratch))
        yield open_stored_result(Path(scratch))
