"""Finds the files of known models and of models that users name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from people_pathing.engine.errors import ModelError
from people_pathing.engine.models import KnownModel, Progress, is_file
from people_pathing.engine.registries import all_known_models


def model_cache_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the folder for downloaded models.

    It is MODEL_CACHE_DIR, else people-pathing in XDG_CACHE_HOME, else ~/.cache/people-pathing.
    """
    if chosen := environment.get("MODEL_CACHE_DIR"):
        return Path(chosen)
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "people-pathing"


def fetch_model(
    name: str,
    cache_dir: Path | None = None,
    on_progress: Progress | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
) -> Path:
    """Returns the path of a known model of any kind, after a download if that is needed.

    Args:
        name: name of the model.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.
        on_progress: receives the share of the download that is done, 0..1.
        environment: where MODEL_CACHE_DIR and XDG_CACHE_HOME are read.

    Raises:
        ModelError: No model has this name, or its file is not available or not the pinned one.
    """
    known = all_known_models()
    model = named(known, name)
    if model is None:
        raise ModelError(f"no model is called {name!r}; the known models are {names_of(known)}")
    return model.obtain(cache_dir or model_cache_dir(environment), on_progress)


def named(models: Sequence[KnownModel], name: str) -> KnownModel | None:
    """Returns the model of a name, or None if there is none."""
    return next((model for model in models if model.name == name), None)


def names_of(models: Sequence[KnownModel]) -> str:
    """Returns the names of models for a message."""
    return ", ".join(model.name for model in models)


def existing_file(text: str, alternative: str) -> Path:
    """Returns the absolute path of a file.

    Raises:
        ModelError: There is no such file. The message adds the alternative.
    """
    path = Path(text).absolute()
    if not is_file(path):
        raise ModelError(f"there is no model file {text}, and {alternative}")
    return path
