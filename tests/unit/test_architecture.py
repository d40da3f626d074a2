"""The direction of imports (docs/architecture.md), read from the source."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
PACKAGES = ("tracking_app", "tracking_service", "tracking_engine")

ENTRIES = {
    "people_pathing.pipeline.handlers.start_tracking",
    "people_pathing.pipeline.handlers.collect_results",
    "people_pathing.pipeline.handlers.reconcile_jobs",
    "people_pathing.service.handlers.api",
    "people_pathing.service.handlers.worker",
    "people_pathing.service.handlers.finish",
}
VALUES = {
    "tracking_app.video",
    "tracking_service.job",
    "tracking_engine.video",
    "tracking_engine.detection",
    "tracking_engine.track",
}


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(FUNCTIONS).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module_name(path): path for package in PACKAGES for path in (FUNCTIONS / package).rglob("*.py")}


def _imports(path: Path) -> set[str]:
    """Dotted names of all that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _top(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


IMPORTS = {name: _imports(path) for name, path in MODULES.items()}


def test_the_modules_that_these_rules_name_exist() -> None:
    assert set(MODULES) >= ENTRIES | VALUES


@pytest.mark.parametrize(
    ("package", "strangers"),
    [
        ("tracking_app", {"tracking_service", "tracking_engine", "local"}),
        ("tracking_service", {"tracking_app", "local"}),
        ("tracking_engine", {"tracking_app", "tracking_service", "local", "boto3", "botocore"}),
    ],
)
def test_a_package_imports_no_stranger(package: str, strangers: set[str]) -> None:
    offenders = {
        name: sorted(_top(imports) & strangers)
        for name, imports in IMPORTS.items()
        if name.startswith(package) and _top(imports) & strangers
    }
    assert offenders == {}


def test_nothing_imports_an_entry_module() -> None:
    assert {name: sorted(imports & ENTRIES) for name, imports in IMPORTS.items() if imports & ENTRIES} == {}


def test_values_import_the_standard_library_and_values_only() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy"}
    for name in VALUES:
        strangers = {
            imported
            for imported in IMPORTS[name]
            if imported.partition(".")[0] not in allowed
            and not any(imported == value or imported.startswith(value + ".") for value in VALUES)
        }
        assert strangers == set(), name


def test_only_the_engine_knows_arrays_pictures_and_models() -> None:
    heavy = {"numpy", "scipy", "cv2", "av", "onnxruntime", "trackers", "supervision"}
    in_the_container = {"people_pathing.service.handlers.worker", "tracking_service.observations"}
    zipped = {name for name in MODULES if not name.startswith("tracking_engine")} - in_the_container
    heavy |= in_the_container
    offenders = {name: sorted((_top(IMPORTS[name]) | IMPORTS[name]) & heavy) for name in zipped}
    assert {name: found for name, found in offenders.items() if found} == {}


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("av", {"tracking_engine.frames"}),
        ("onnxruntime", {"tracking_engine.detector"}),
        ("trackers", {"tracking_engine.tracker"}),
    ],
)
def test_a_heavy_library_has_one_home(library: str, homes: set[str]) -> None:
    assert {name for name in MODULES if library in _top(IMPORTS[name])} == homes


def _reads_environment(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_only_entry_modules_read_the_environment() -> None:
    assert {name for name, path in MODULES.items() if _reads_environment(path)} <= ENTRIES


def test_only_entry_modules_make_clients() -> None:
    assert {name for name in MODULES if "boto3" in _top(IMPORTS[name])} <= ENTRIES
