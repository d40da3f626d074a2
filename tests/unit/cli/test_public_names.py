"""The names that `from people_pathing import ...` offers."""

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest

import people_pathing

ANNOTATION = {
    "AllBut": "choices",
    "AnnotatedVideo": "whole_video",
    "AnnotationError": "errors",
    "Layers": "choices",
    "annotate_video": "whole_video",
}


@pytest.mark.parametrize("name", sorted(set(people_pathing.__all__) - {"__version__", *ANNOTATION}))
def test_a_public_name_is_the_engines(name: str) -> None:
    from people_pathing import engine

    assert getattr(people_pathing, name) is getattr(engine, name)


@pytest.mark.parametrize(("name", "module"), ANNOTATION.items())
def test_a_public_name_is_that_of_annotation(name: str, module: str) -> None:
    defining = import_module(f"people_pathing.annotation.{module}")

    assert getattr(people_pathing, name) is getattr(defining, name)


def test_the_public_names_are_listed() -> None:
    assert dir(people_pathing) == sorted(
        [
            *ANNOTATION,
            "DetectorError",
            "CameraSettings",
            "LinkSettings",
            "ModelError",
            "Track",
            "TrackDetection",
            "TrackerSettings",
            "TrackingResult",
            "VideoError",
            "VideoMetadata",
            "__version__",
            "load_detector",
            "load_face_detector",
            "load_reidentifier",
            "read_metadata",
            "track_detections",
            "track_video",
        ]
    )


def test_the_version_is_that_of_the_installed_package() -> None:
    assert people_pathing.__version__ == version("people-pathing")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'track_videos'"):
        people_pathing.track_videos  # noqa: B018


def test_importing_the_package_imports_no_other_module_of_the_project() -> None:
    program = "import sys, people_pathing; print([m for m in sys.modules if m.startswith('people_pathing.')])"

    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert completed.stdout == "[]\n"
