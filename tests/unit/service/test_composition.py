"""Which models the worker loads for its settings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from people_pathing.service.composition import worker
from people_pathing.service.steps.context import Models
from people_pathing.service.worker_settings import WorkerSettings
from tests import omniscale_like


def composed(monkeypatch: pytest.MonkeyPatch, reidentification_model: str | None) -> Models:
    settings = WorkerSettings("a", "t", 60, None, None, "hog", None, None, reidentification_model)
    monkeypatch.setattr(worker, "compose_worker", lambda: SimpleNamespace(settings=settings))
    models: Models = worker.compose_models.__wrapped__()
    return models


def test_the_worker_describes_people_with_the_model_of_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = omniscale_like.write_model(tmp_path / "mine.onnx")
    models = composed(monkeypatch, str(model))
    assert models.reidentifier is not None
    assert models.reidentifier.name == "omniscale (mine.onnx)"
    assert models.warnings == ()


def test_none_turns_re_identification_off(monkeypatch: pytest.MonkeyPatch) -> None:
    models = composed(monkeypatch, "none")
    assert models.reidentifier is None
    assert models.warnings == ()


def test_an_image_without_the_model_links_by_colours_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of models in the image is not writable; here, a file is in its place."""
    monkeypatch.delenv("REIDENTIFICATION_MODEL", raising=False)
    (tmp_path / "models").write_text("")
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path / "models"))
    models = composed(monkeypatch, None)
    assert models.reidentifier is None
    [warning] = models.warnings
    assert "colours" in warning
