"""What is known about how a result is made, before and after tracking."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

import people_pathing
from people_pathing.common.json_values import from_mapping, to_json
from people_pathing.engine import VideoMetadata
from people_pathing.results.provenance import UNKNOWN, Provenance
from people_pathing.service.provenance import completed, planned

METADATA = VideoMetadata("h264", "QuickTime / MOV", 9_000, 30_000 / 1001, 1920, 1080, None, start_ms=200.5)

MASKS = (((0.0, 0.0), (0.5, 0.0), (0.0, 0.5)),)


def detector(**more: Any) -> Any:
    return SimpleNamespace(name="mine", input_size=lambda width, height: (width // 2, height // 2), **more)


def named(name: str, **more: Any) -> Any:
    return SimpleNamespace(name=name, **more)


def test_before_tracking_the_program_the_models_and_the_sampling_are_known() -> None:
    known = planned(
        METADATA,
        detector(model_sha256="0a" * 32),
        face_detector=named("centerface", model_sha256="0b" * 32),
        reidentifier=named("omniscale", model_sha256="0c" * 32),
        sample_fps=None,
        masks=MASKS,
    )

    assert known == Provenance(
        version=people_pathing.__version__,
        detector="mine",
        model_sha256="0a" * 32,
        reidentifier="omniscale",
        reidentification_model_sha256="0c" * 32,
        face_detector="centerface",
        face_model_sha256="0b" * 32,
        sample_fps=14.985,
        search_fps=14.985,
        input_width_px=960,
        input_height_px=540,
        masked_areas=1,
        masks=MASKS,
        container_created_at=None,
        picture_start_ms=200.5,
    )


def test_the_creation_time_of_the_container_is_in_utc() -> None:
    created = replace(METADATA, created_ms=1_772_438_400_900)

    known = planned(created, detector(), face_detector=None, reidentifier=None, sample_fps=None)

    assert known.container_created_at == "2026-03-02T08:00:00Z"


def test_without_faces_people_are_searched_in_about_six_frames_a_second() -> None:
    known = planned(METADATA, detector(), face_detector=None, reidentifier=None, sample_fps=None)

    assert (known.sample_fps, known.search_fps) == (14.985, 7.493)


@pytest.mark.parametrize(("sample_fps", "rate"), [(math.inf, 29.97), (5, 4.995), (1000, 29.97)])
def test_with_a_chosen_rate_people_are_searched_in_every_sampled_frame(
    sample_fps: float, rate: float
) -> None:
    known = planned(METADATA, detector(), face_detector=None, reidentifier=None, sample_fps=sample_fps)

    assert known.sample_fps == known.search_fps == rate


def test_a_detector_of_ones_own_has_an_unknown_model_and_other_models_may_be_absent() -> None:
    known = planned(METADATA, detector(), face_detector=None, reidentifier=None, sample_fps=None)

    assert (known.model_sha256, known.face_detector, known.reidentifier) == (UNKNOWN, None, None)
    assert (known.face_model_sha256, known.reidentification_model_sha256) == (None, None)


def test_a_detector_without_a_model_has_none() -> None:
    no_model = detector(model_sha256=None)
    known = planned(METADATA, no_model, face_detector=None, reidentifier=None, sample_fps=None)

    assert known.model_sha256 is None


def test_after_tracking_the_frames_the_time_and_all_warnings_are_known() -> None:
    before = Provenance(version="0.1.0", warnings=("The fallback is used.",))

    known = completed(before, 120, 250, ("Frames are missing.",), 1_769_860_800_999)

    assert known == Provenance(
        version="0.1.0",
        tracked_at="2026-01-31T12:00:00Z",
        frames_decoded=120,
        frames_expected=250,
        warnings=("The fallback is used.", "Frames are missing."),
    )


@pytest.mark.parametrize("made", [Provenance(), Provenance(sample_fps=12.5, warnings=("One.", "Two."))])
def test_a_plan_keeps_what_is_known(made: Provenance) -> None:
    assert from_mapping(Provenance, json.loads(to_json(made))) == made
