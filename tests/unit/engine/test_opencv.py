import subprocess
import sys
from pathlib import Path

import pytest

from people_pathing.engine import opencv
from people_pathing.engine.opencv import cv2_module


@pytest.fixture
def broken_cv2(tmp_path: Path) -> Path:
    """A folder whose `cv2` fails like opencv-python on a machine without libGL."""
    error = "libGL.so.1: cannot open shared object file: No such file or directory"
    return write_cv2(tmp_path, f"raise ImportError({error!r})\n")


@pytest.fixture
def missing_cv2(tmp_path: Path) -> Path:
    """A folder whose `cv2` fails as if OpenCV were not installed."""
    return write_cv2(tmp_path, "raise ModuleNotFoundError(\"No module named 'cv2'\", name='cv2')\n")


def write_cv2(folder: Path, program: str) -> Path:
    package = folder / "cv2"
    package.mkdir()
    (package / "__init__.py").write_text(program)
    return folder


def run(program: str, *first_on_path: Path) -> str:
    path = [*map(str, first_on_path), *sys.path]
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = sys.argv[1:]\n{program}", *path],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_the_cv2_module_is_returned() -> None:
    assert cv2_module().__name__ == "cv2"


CALLS = [
    "people_pathing.engine.load_detector('hog')",
    "np = __import__('numpy'); from people_pathing.engine.tracking.appearance import describe; "
    "describe(np.zeros((99, 99, 3), np.uint8), np.array([[0, 0, 99, 99]]))",
    "from tests.unit.engine.tracking.test_paths import tracks_of, CROSSING; tracks_of(CROSSING)",
]


def message_of(call: str, first_on_path: Path) -> str:
    """Returns the message of the DetectorError that a call raises in a process of its own."""
    program = (
        "import people_pathing.engine\n"
        "try:\n"
        f"    {call}\n"
        "except people_pathing.engine.DetectorError as error:\n"
        "    print(error)\n"
    )
    return run(program, first_on_path)


@pytest.mark.parametrize("call", CALLS)
def test_a_missing_library_is_reported_with_the_command_that_helps(broken_cv2: Path, call: str) -> None:
    message = message_of(call, broken_cv2)
    assert "libGL.so.1: cannot open shared object file" in message
    assert "pip uninstall -y opencv-python && pip install 'opencv-python-headless<5'" in message


@pytest.mark.parametrize("call", CALLS)
def test_a_missing_opencv_is_reported_with_the_command_that_helps(missing_cv2: Path, call: str) -> None:
    message = message_of(call, missing_cv2)
    assert "No module named 'cv2'" in message
    assert "pip uninstall -y opencv-python && pip install 'opencv-python-headless<5'" in message


def test_another_import_error_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setattr(opencv, "import_module", missing)
    with pytest.raises(ModuleNotFoundError, match="No module named 'numpy'"):
        cv2_module()
