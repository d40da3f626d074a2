"""`people-pathing models`: lists the known models, or downloads one."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass

from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import show
from people_pathing.cli.progress import progress
from people_pathing.cli.tables import print_json, print_table

SUMMARY = "list the known models, or download one"
EXAMPLE = """\
people-pathing models
people-pathing models nano"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the model to download; prints its path")
    parser.add_argument("--json", action="store_true", help="print JSON: an array with a line for each model")


def run(options: argparse.Namespace) -> int:
    """Prints the table of models, or the path of the downloaded model."""
    from people_pathing.engine import ModelError
    from people_pathing.engine.registries import (
        known_detector_models,
        known_face_models,
        known_reidentification_models,
    )
    from people_pathing.engine.selection import fetch_model, model_cache_dir

    if options.name:
        with as_command_errors(ModelError), progress(f"downloading {options.name}") as report:
            path = fetch_model(options.name, on_progress=report)
        show(str(path))
        return 0
    listed = []
    for use, models in (
        ("people", known_detector_models()),
        ("faces", known_face_models()),
        ("re-identification", known_reidentification_models()),
    ):
        for model in models:
            where = str(model.local_file(model_cache_dir()) or model.source)
            listed.append(_ListedModel(model.name, use, model.size_bytes, model.licence, where))
    if options.json:
        print_json(map(asdict, listed))
    else:
        rows = [(one.name, one.use, f"{one.bytes:,}", one.licence, one.where) for one in listed]
        print_table(("name", "use", "bytes", "licence", "where"), rows, right_aligned=("bytes",))
    return 0


@dataclass(frozen=True, slots=True)
class _ListedModel:
    """A line of the list. `where` is the path of the downloaded file, or else its source."""

    name: str
    use: str
    bytes: int
    licence: str
    where: str
