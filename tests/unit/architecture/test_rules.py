"""Each rule finds the violation in a made-up graph of modules."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.unit.architecture.module_graph import Import, Module, ModuleGraph
from tests.unit.architecture.rules import (
    MAY_IMPORT,
    MODULES_PER_FOLDER,
    confusing_siblings,
    crowded_folders,
    environment_away_from_home,
    folders_missing,
    heavy_libraries_in_zips,
    import_cycle,
    imports_across_folders,
    imports_of_composition,
    imports_of_devstack,
    imports_of_handlers,
    libraries_away_from_home,
    stem,
    values_that_import_logic,
)


def graph_of(**modules: str | Module) -> ModuleGraph:
    """Makes a graph: `engine__video="common.clock numpy"` is the module engine.video and what it imports."""
    return ModuleGraph(
        {
            name.replace("__", "."): module if isinstance(module, Module) else importing(module)
            for name, module in modules.items()
        }
    )


def importing(targets: str, *, is_deferred: bool = False) -> Module:
    return Module(frozenset(Import(target, is_deferred=is_deferred) for target in targets.split()))


def test_an_import_between_the_halves_is_found() -> None:
    graph = graph_of(pipeline__erasure="service.job common.clock", service__job="", common__clock="")
    assert imports_across_folders(graph) == ["pipeline.erasure -> service.job"]


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT.keys() - {"cli"}))
def test_an_import_of_the_command_line_is_found(folder: str) -> None:
    graph = graph_of(**{f"{folder}__module": "cli.main", "cli__main": ""})
    assert imports_across_folders(graph) == [f"{folder}.module -> cli.main"]


def test_an_import_from_a_folder_without_a_row_is_found() -> None:
    assert imports_across_folders(graph_of(shop__till="engine.video", engine__video=""))


def test_an_import_of_a_handler_is_found() -> None:
    graph = graph_of(service__operations__start="service.handlers.api", service__handlers__api="")
    assert imports_of_handlers(graph) == ["service.operations.start -> service.handlers.api"]


def test_an_import_of_composition_by_logic_is_found() -> None:
    graph = graph_of(
        service__composition="",
        service__job="service.composition",
        service__handlers__api="service.composition",
    )
    assert imports_of_composition(graph) == ["service.job -> service.composition"]


def test_a_value_that_imports_logic_or_a_library_is_found() -> None:
    imports = {
        Import("engine.tracks", "Track"),
        Import("engine.tracks", "smooth"),
        Import("engine.decoding"),
        Import("dataclasses", "dataclass"),
        Import("numpy"),
        Import("av"),
    }
    graph = graph_of(
        engine__video=Module(frozenset(imports), defines_values_only=True),
        engine__tracks=Module(logic=frozenset({"smooth"})),
        engine__decoding="engine.video",
        pipeline__video=Module(frozenset({Import("numpy")}), defines_values_only=True),
    )
    assert sorted(values_that_import_logic(graph)) == [
        "engine.video -> av",
        "engine.video -> engine.decoding",
        "engine.video -> engine.tracks.smooth",
        "pipeline.video -> numpy",
    ]


def test_a_cycle_is_found_also_if_an_import_is_inside_a_function() -> None:
    graph = graph_of(
        engine__a="engine.b", engine__b="engine.c", engine__c=importing("engine.a", is_deferred=True)
    )
    [cycle] = import_cycle(graph)
    assert Counter(cycle.split(" -> ")[1:]) == Counter(["engine.a", "engine.b", "engine.c"])


def test_a_library_away_from_home_is_found() -> None:
    graph = graph_of(engine__decoding="av os", cli__track="av.container", exports__mot="pandas")
    assert sorted(libraries_away_from_home(graph)) == ["cli.track -> av", "exports.mot -> pandas"]


def test_a_module_that_reads_the_environment_is_found() -> None:
    reader = Module(reads_environment=True)
    graph = graph_of(engine__selection=reader, engine__models=reader, cli__commands__run=reader)
    assert environment_away_from_home(graph) == ["engine.models"]


def test_an_import_of_devstack_at_the_top_or_elsewhere_is_found() -> None:
    graph = graph_of(
        cli__commands__run=importing("devstack.stack", is_deferred=True),
        cli__commands__up=importing("devstack.stack"),
        cli__commands__track=importing("devstack.parameters", is_deferred=True),
        engine__run=importing("devstack.stack", is_deferred=True),
    )
    assert sorted(imports_of_devstack(graph)) == [
        "cli.commands.track -> devstack.parameters",
        "cli.commands.up -> devstack.stack",
        "engine.run -> devstack.stack",
    ]


def test_a_heavy_library_behind_other_modules_is_found() -> None:
    graph = graph_of(
        service__handlers__api="service.operations.get",
        service__operations__get="service.page",
        service__operations="numpy.typing",
        service__page="cv2",
    )
    assert sorted(heavy_libraries_in_zips(graph, ["service.handlers.api"])) == [
        "service.handlers.api -> service.operations -> numpy",
        "service.handlers.api -> service.page -> cv2",
    ]


def test_a_folder_that_a_zip_lacks_is_found() -> None:
    graph = graph_of(service__handlers__api="service.job", service__job="results.chunks", results__chunks="")
    carried = {"service.handlers.api": {"service", "common"}}
    assert folders_missing(graph, carried) == ["service.handlers.api -> results.chunks"]


def test_names_that_differ_only_by_an_ending_are_found() -> None:
    graph = graph_of(
        engine__detect="", engine__detector="", engine__tracks="", engine__tracking="", cli__track=""
    )
    assert confusing_siblings(graph) == ["engine: engine.detect and engine.detector"]


@pytest.mark.parametrize("word", ["track", "tracks", "tracker", "tracking", "tracklet", "tracklets"])
def test_a_stem_has_no_ending(word: str) -> None:
    assert stem(f"engine.{word}") == "track"


def test_a_crowded_folder_is_found() -> None:
    graph = graph_of(**{f"engine__module_{number}": "" for number in range(MODULES_PER_FOLDER + 1)})
    assert crowded_folders(graph) == [f"engine: {MODULES_PER_FOLDER + 1} modules"]
