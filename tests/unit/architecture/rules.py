"""The rules about who may import whom.

A rule is a function from a module graph to a list of violations.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from tests.unit.architecture.module_graph import ModuleGraph, parents

# Which other folders of the package each folder may import. `cli` composes all of them.
MAY_IMPORT: Mapping[str, Set[str]] = {
    "common": set(),
    "results": {"common"},
    "analysis": {"common", "results"},
    "engine": {"common"},
    "tables": {"common", "results", "analysis"},
    "review": {"common", "results"},
    "report": {"common", "results", "analysis"},
    # It draws with the colours of the report.
    "annotation": {"common", "engine", "results", "analysis", "report"},
    "exports": {"common", "engine", "results", "analysis", "tables", "review"},
    "pipeline": {"common", "results", "analysis", "tables", "report"},
    "service": {"common", "engine", "results", "analysis"},
    "smoke_test": {"common", "results", "report", "pipeline", "service"},
    # Nothing imports it: it is for the tests of users.
    "testing": {"common", "results", "service"},
    "client_routing": {"common", "service"},
    "cli": {
        *("common", "results", "analysis", "tables", "review", "report", "engine", "exports"),
        *("pipeline", "service", "client_routing", "annotation", "smoke_test"),
    },
}

# Where each library may be imported: a folder, or a module. A library that is not listed is not allowed.
HOMES: Mapping[str, Set[str]] = {
    "PIL": {"annotation.drawing.labels"},
    "av": {"annotation.encoding", "engine.decoding", "engine.video_files"},
    "aws_lambda_powertools": {"common.observability", "pipeline", "service", "smoke_test.handlers"},
    "boto3": {
        "cli",
        "pipeline.composition",
        "pipeline.counting.composition",
        "service.composition",
        "smoke_test.composition",
        "testing.region",
    },
    "botocore": {
        "cli",
        "client_routing.installed_sdk",
        "common.aws_errors",
        "common.s3_erasure",
        "pipeline",
        "service",
        "smoke_test",
        "testing",
    },
    # Everything else uses it through this module, which explains how to repair an installation without libGL.
    "cv2": {"engine.opencv"},
    "defusedxml": {"review.cvat_format"},
    "moto": {"testing.mocking"},
    "numpy": {
        *("annotation", "engine", "exports"),
        *("service.result_pages.from_tracks", "service.steps", "testing.outcome"),
    },
    "onnx": {"engine.detectors", "engine.face_detectors", "engine.reidentifiers", "engine.openvino_ir"},
    "onnxruntime": {"engine.onnx_session"},
    "pandas": {"engine.flat_rows"},
    "pyarrow": {"tables.parquet"},
    "rich": {"cli"},
    "scipy": {"engine.tracking"},
    "shtab": {"cli.commands.completion"},
    "supervision": {"engine.flat_rows", "engine.tracking"},
    "trackers": {"engine.tracking"},
}
ENVIRONMENT_HOMES = {
    # Keeps an encoder from writing its settings to standard error, which only the environment can do.
    "annotation.encoding.webm",
    "cli",
    # Turns off ONNX Runtime's telemetry while it is imported, which only the environment can do.
    "engine.onnx_session",
    "engine.selection",
    "pipeline.composition",
    "pipeline.counting.composition",
    "service.composition",
    "smoke_test.composition",
}

HEAVY = {"numpy", "scipy", "av", "cv2", "onnx", "onnxruntime", "pandas", "pyarrow", "trackers", "supervision"}
# Commands that use the code which deploys the template on one machine.
NEED_A_CHECKOUT = {"up", "run", "env"}
MODULES_PER_FOLDER = 16
# A registry with one module for each command: the folder is the list of all commands.
LISTS_OF_COMMANDS = {"cli.commands"}

# Endings that make two names hard to tell apart if nothing else differs.
ENDINGS = ("lets", "let", "ions", "ion", "ings", "ing", "ors", "or", "ers", "er", "ed", "es", "e", "s")
CLEAR_PAIRS = {
    # The value, and the folder of its producers: the two words of the glossary.
    frozenset({"detections", "detectors"}),
    # The value, and the folder of the steps that produce it.
    frozenset({"tracks", "tracking"}),
}


def is_in(module: str, homes: Iterable[str]) -> bool:
    """Whether a module is one of the named modules, or in one of the named folders."""
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def folder_of(module: str) -> str:
    return module.partition(".")[0]


def is_handler(module: str) -> bool:
    return "handlers" in module.split(".")[:-1]


def is_composition(module: str) -> bool:
    return "composition" in module.split(".")


def imports_across_folders(graph: ModuleGraph) -> list[str]:
    """A folder imports only the folders that MAY_IMPORT names for it."""
    return [
        f"{name} -> {target}"
        for name in graph.modules
        for target in graph.internal(name)
        if folder_of(name)
        and folder_of(target) not in {folder_of(name), "", *MAY_IMPORT.get(folder_of(name), set())}
    ]


def imports_of_handlers(graph: ModuleGraph) -> list[str]:
    """Nothing imports a module of a `handlers` folder."""
    return [
        f"{name} -> {target}"
        for name in graph.modules
        for target in graph.internal(name)
        if is_handler(target)
    ]


def imports_of_composition(graph: ModuleGraph) -> list[str]:
    """Only handlers import a `composition` module, which reads the environment and creates clients."""
    return [
        f"{name} -> {target}"
        for name in graph.modules
        for target in graph.internal(name)
        if is_composition(target) and not is_handler(name) and not is_composition(name)
    ]


def values_that_import_logic(graph: ModuleGraph) -> list[str]:
    """A module of values imports the standard library, values and `common`; in the engine also NumPy."""
    value_modules = {name: module for name, module in graph.modules.items() if module.defines_values_only}
    inside = [
        f"{name} -> {imported.target}.{imported.name}".rstrip(".")
        for name, module in value_modules.items()
        for imported in module.imports
        if imported.target in graph.modules and not imported.is_type_only
        if folder_of(imported.target) != "common"
        if not imported.name or imported.name in graph.modules[imported.target].logic
    ]
    outside = [
        f"{name} -> {target}"
        for name in value_modules
        for target in top_level(graph.external(name))
        if not (target == "numpy" and folder_of(name) == "engine")
    ]
    return inside + outside


def import_cycle(graph: ModuleGraph) -> list[str]:
    """No module imports itself through others, not even inside functions. Imports for types do not count."""
    sorter = TopologicalSorter(
        {name: graph.internal(name, with_types=False) - {name} for name in graph.modules}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return [" -> ".join(reversed(cycle))]
    return []


def libraries_away_from_home(graph: ModuleGraph) -> list[str]:
    """A library is imported only where HOMES says."""
    return [
        f"{name} -> {library}"
        for name in graph.modules
        for library in top_level(graph.external(name)) - {"devstack"}
        if not is_in(name, HOMES.get(library, ()))
    ]


def environment_away_from_home(graph: ModuleGraph) -> list[str]:
    """Composition modules, `cli` and the engine's one selection module read the environment, nothing else."""
    return [
        name
        for name, module in graph.modules.items()
        if module.reads_environment and not is_in(name, ENVIRONMENT_HOMES)
    ]


def imports_of_devstack(graph: ModuleGraph) -> list[str]:
    """Only the commands that need a checkout import `devstack`, and only inside functions."""
    return [
        f"{name} -> {imported.target}"
        for name, module in graph.modules.items()
        for imported in module.imports
        if folder_of(imported.target) == "devstack"
        and not imported.is_type_only
        and not (imported.is_deferred and is_in(name, {"cli"}) and name.rpartition(".")[2] in NEED_A_CHECKOUT)
    ]


def heavy_libraries_in_zips(graph: ModuleGraph, handlers: Iterable[str]) -> list[str]:
    """The functions that are deployed as zip files reach no heavy library through any import."""
    return [
        f"{handler} -> {name} -> {library}"
        for handler in handlers
        for name in graph.reachable(handler)
        for library in top_level(graph.external(name)) & HEAVY
    ]


def folders_missing(graph: ModuleGraph, carried: Mapping[str, Set[str]]) -> list[str]:
    """A zip file or an image carries every folder that its handler reaches.

    Args:
        graph: the modules.
        carried: handler -> the folders that are deployed with it.
    """
    return [
        f"{handler} -> {name}"
        for handler, folders in carried.items()
        for name in graph.reachable(handler)
        if folder_of(name) not in {"", *folders}
    ]


def confusing_siblings(graph: ModuleGraph) -> list[str]:
    """No two names in one folder differ only by an ending, like detect, detection and detector."""
    return [
        f"{parents(first)[0] or 'people_pathing'}: {first} and {second}"
        for first, second in combinations(sorted(graph.modules), 2)
        if first
        and parents(first)[0] == parents(second)[0]
        and stem(first) == stem(second)
        and frozenset({first.rpartition(".")[2], second.rpartition(".")[2]}) not in CLEAR_PAIRS
    ]


def crowded_folders(graph: ModuleGraph) -> list[str]:
    """A folder with many modules misses a subfolder."""
    sizes = Counter(parents(name)[0] for name, module in graph.modules.items() if not module.is_package)
    return [
        f"{folder}: {size} modules"
        for folder, size in sizes.items()
        if size > MODULES_PER_FOLDER and folder not in LISTS_OF_COMMANDS
    ]


def top_level(names: Iterable[str]) -> set[str]:
    """Returns the top-level packages of names, without the standard library."""
    return {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)


def stem(module: str) -> str:
    """Returns the last part of a module's name without endings: "track" for "tracking" and "tracklets"."""
    word = module.rpartition(".")[2]
    while ending := next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) > 2), None):
        word = word.removesuffix(ending)
    return word
