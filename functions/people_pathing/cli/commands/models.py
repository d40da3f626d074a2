"""`people-pathing models`: lists the known models of the detectors, or downloads one."""

from __future__ import annotations

import argparse

from people_pathing.cli.checkout import require_checkout
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.progress import progress
from people_pathing.cli.tables import print_table

SUMMARY = "list the detectors' models, or download one"
EXAMPLE = "people-pathing models nano"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the model to download; prints its path")


def run(options: argparse.Namespace) -> int:
    """Prints the table of models, or the path of the downloaded model."""
    require_checkout("models")
    from devstack.parameters import cache_dir
    from people_pathing.engine.models import FACE_MODEL, REGISTRY, ModelError, face_model, fetch, model_path

    with as_command_errors(ModelError):
        if options.name:
            with progress(f"downloading {options.name}") as report:
                path = fetch(options.name, cache_dir(), report)
            print(path)
            return 0
        rows = []
        for model in REGISTRY.values():
            path = model_path(model.name, cache_dir())
            where = str(path) if path.is_file() else model.url
            rows.append((model.name, "people", f"{model.size_bytes:,}", model.licence, where))
        face = FACE_MODEL
        rows.append((face.name, "faces", f"{face.size_bytes:,}", face.licence, str(face_model())))
        print_table(("name", "finds", "bytes", "licence", "where"), rows, right_aligned=("bytes",))
    return 0
