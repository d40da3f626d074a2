"""Reads from the template and the build what is deployed."""

from __future__ import annotations

import re
from pathlib import Path

from tests.unit.architecture.module_graph import ModuleGraph
from tests.unit.architecture.rules import folder_of, is_handler

ROOT = Path(__file__).parents[3]


def zip_functions() -> dict[str, str]:
    """Reads the template: logical name of each function that is a zip file -> its handler module."""
    handler = re.compile(
        r"^  (\w+):\n(?:(?:    .*| *)\n)*?      Handler: people_pathing\.([\w.]+)\.\w+$", re.MULTILINE
    )
    return {match[1]: match[2] for match in handler.finditer((ROOT / "template.yaml").read_text())}


def zip_folders() -> dict[str, set[str]]:
    """Reads the Makefile of the zip files: logical name of each function -> the folders in its zip."""
    rule = re.compile(r"^((?:build-\w+ ?)+):\n\t\$\(call zip-with,((?:.*\\\n)*.*)\)$", re.MULTILINE)
    return {
        target.removeprefix("build-"): set(re.findall(r"people_pathing/(\w+)", match[2]))
        for match in rule.finditer((ROOT / "functions" / "Makefile").read_text())
        for target in match[1].split()
    }


def worker_handlers() -> set[str]:
    """Reads the template: the handler modules of the functions that run in the worker's image."""
    command = re.compile(r"Command: \[people_pathing\.([\w.]+)\.\w+\]")
    return set(command.findall((ROOT / "template.yaml").read_text()))


def image_entries(graph: ModuleGraph) -> set[str]:
    """Returns the entry modules that run in the worker's image: its Lambda handlers, and entries for ECS.

    Only the image has the engine. So a service's entry module that reaches the engine runs there, even if the
    template does not name it.
    """
    with_engine = {
        name
        for name in graph.modules
        if folder_of(name) == "service" and is_handler(name)
        if any(folder_of(reached) == "engine" for reached in graph.reachable(name))
    }
    return worker_handlers() | with_engine


def image_folders() -> set[str]:
    """Reads the Dockerfile: the folders in the worker's image."""
    dockerfile = ROOT / "functions" / "worker" / "Dockerfile"
    return set(re.findall(r"^COPY people_pathing/(\w+) ", dockerfile.read_text(), re.MULTILINE))
