import subprocess
import sys

import pytest

from people_pathing import engine


def test_every_public_name_can_be_imported() -> None:
    for name in engine.__all__:
        assert getattr(engine, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'track_vidoe'"):
        engine.track_vidoe  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import sys; sys.path[:0] = sys.argv[1:]; import people_pathing.engine; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program, *sys.path], check=True, capture_output=True, text=True
    ).stdout.split()
    heavy = {"numpy", "av", "cv2", "onnx", "onnxruntime", "scipy", "trackers", "supervision"}
    assert not heavy.intersection(loaded)
