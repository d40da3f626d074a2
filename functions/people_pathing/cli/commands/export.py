"""`people-pathing export`: writes stored results to a file in another format."""

from __future__ import annotations

import argparse
from pathlib import Path

from people_pathing import exports
from people_pathing.cli.arguments import output_file
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import show

SUMMARY = "write stored results to a file in another format"
EXAMPLE = "people-pathing export out/street.mp4 --format google --out street.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command. The formats are those of the registry."""
    parser.add_argument(
        "source",
        type=_folder,
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
    file_names = " or ".join(export.FILE_NAME for export in formats.values())
    parser.add_argument(
        "--out",
        type=output_file,
        metavar="FILE",
        help=f"the file to write (default: {file_names} in SOURCE)",
    )


def run(options: argparse.Namespace) -> int:
    """Checks the results and the place of the file, writes it, and prints its path."""
    from people_pathing.cli.outputs import require_no_inputs, require_outputs
    from people_pathing.results import file_names
    from people_pathing.results.stored_result import StoredResultError, open_stored_result

    export = exports.load_export(options.format)
    path: Path = options.out or options.source / export.FILE_NAME
    with as_command_errors(StoredResultError, exports.ExportError):
        stored = open_stored_result(options.source)
        require_outputs([path])
        require_no_inputs([path], {f"the result file {name}": stored.folder / name for name in file_names()})
        export.write(exports.ExportSource(stored), path)
    show(str(path))
    return 0


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the value is empty; give a folder with result files")
    return Path(text)
