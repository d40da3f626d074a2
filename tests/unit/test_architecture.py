"""The source keeps the rules of docs/architecture.md about who may import whom.

The rules are in tests/unit/architecture. They are derived from the folders of the package.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.unit.architecture.deployed import (
    ROOT,
    image_entries,
    image_folders,
    worker_handlers,
    zip_folders,
    zip_functions,
)
from tests.unit.architecture.module_graph import Import, Module, ModuleGraph, read_graph
from tests.unit.architecture.rules import (
    CLEAR_PAIRS,
    ENVIRONMENT_HOMES,
    HOMES,
    MAY_IMPORT,
    confusing_siblings,
    crowded_folders,
    environment_away_from_home,
    folder_of,
    folders_missing,
    heavy_libraries_in_zips,
    import_cycle,
    imports_across_folders,
    imports_of_composition,
    imports_of_devstack,
    imports_of_handlers,
    is_handler,
    libraries_away_from_home,
    top_level,
    values_that_import_logic,
)

GRAPH = read_graph(Path(__file__).parents[2] / "functions" / "people_pathing")


def test_every_folder_has_a_row_in_the_table() -> None:
    assert {folder_of(name) for name in GRAPH.modules} - {""} == set(MAY_IMPORT)


def test_folders_import_only_the_folders_that_they_may() -> None:
    assert imports_across_folders(GRAPH) == []


def test_nothing_imports_a_handler() -> None:
    assert [name for name in GRAPH.modules if is_handler(name)]
    assert imports_of_handlers(GRAPH) == []


def test_only_handlers_import_composition() -> None:
    assert imports_of_composition(GRAPH) == []


def test_values_import_values_only() -> None:
    assert [name for name, module in GRAPH.modules.items() if module.defines_values_only]
    assert values_that_import_logic(GRAPH) == []


def test_there_is_no_import_cycle() -> None:
    assert import_cycle(GRAPH) == []


def test_every_library_is_imported_only_where_it_belongs() -> None:
    assert libraries_away_from_home(GRAPH) == []


def test_the_environment_is_read_only_by_composition_and_cli() -> None:
    assert environment_away_from_home(GRAPH) == []


def test_only_commands_that_need_a_checkout_import_devstack() -> None:
    assert imports_of_devstack(GRAPH) == []


def test_zip_functions_reach_no_heavy_library() -> None:
    assert len(zip_functions()) > 4
    assert heavy_libraries_in_zips(GRAPH, zip_functions().values()) == []


def test_every_zip_carries_what_its_handler_reaches() -> None:
    assert zip_functions().keys() == zip_folders().keys()
    carried = {handler: zip_folders()[name] for name, handler in zip_functions().items()}
    assert folders_missing(GRAPH, carried) == []


def test_the_workers_image_carries_what_its_handlers_reach() -> None:
    assert worker_handlers()
    assert folders_missing(GRAPH, dict.fromkeys(image_entries(GRAPH), image_folders())) == []


def test_the_workers_image_has_the_libraries_that_its_handlers_reach() -> None:
    lock = (ROOT / "functions" / "worker" / "requirements.txt").read_text()
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    homes = {
        library: {name.lower().replace("_", "-") for name in names}
        for library, names in packages_distributions().items()
    }
    reached = {
        library
        for entry in image_entries(GRAPH)
        for name in GRAPH.reachable(entry)
        for library in top_level(GRAPH.external(name))
    }

    assert "onnxruntime" in reached
    # Only `TrackingResult.to_dataframe` imports pandas, and no handler calls it.
    assert {name for name in reached - {"pandas"} if locked.isdisjoint(homes[name])} == set()


def test_an_entry_that_the_template_does_not_name_is_in_the_workers_image_if_it_reaches_the_engine() -> None:
    entry = Module(frozenset({Import("service.steps.detect")}))
    step = Module(frozenset({Import("engine.decoding", is_deferred=True)}))
    graph = ModuleGraph(
        {
            "service.handlers.segment_task": entry,
            "service.handlers.api": Module(frozenset({Import("service.job")})),
            "service.steps.detect": step,
            "service.job": Module(),
            "engine.decoding": Module(),
        }
    )
    assert image_entries(graph) == worker_handlers() | {"service.handlers.segment_task"}


def test_no_two_names_in_a_folder_differ_only_by_an_ending() -> None:
    assert confusing_siblings(GRAPH) == []


def test_no_folder_is_crowded() -> None:
    assert crowded_folders(GRAPH) == []


def test_names_on_the_lists_of_exceptions_exist() -> None:
    names = {name.rpartition(".")[2] for name in GRAPH.modules}
    homes = set().union(*HOMES.values(), ENVIRONMENT_HOMES)

    assert homes <= GRAPH.modules.keys()
    assert set().union(*CLEAR_PAIRS) <= names


@pytest.mark.parametrize(
    ("statement", "own_modules"),
    [("import people_pathing", 1), ("from people_pathing import track_video", 3)],
)
def test_importing_the_library_loads_the_standard_library_only(statement: str, own_modules: int) -> None:
    """A check of the time would be unreliable. What is loaded decides it."""
    program = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert top_level(loaded) == {"people_pathing"}
    assert len([name for name in loaded if folder_of(name) == "people_pathing"]) <= own_modules
