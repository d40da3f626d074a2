"""Chooses a reidentifier by its model."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.engine.errors import ModelError
from people_pathing.engine.onnx_session import CPU, provider_names
from people_pathing.engine.registries import (
    REIDENTIFIERS,
    known_reidentification_models,
    reidentifier_module,
)
from people_pathing.engine.selection.model_files import existing_file, model_cache_dir, named, names_of

if TYPE_CHECKING:
    from people_pathing.engine.interfaces import Reidentifier

logger = logging.getLogger(__name__)

DEFAULT_REIDENTIFIER = "omniscale"
OFF = "none"
"""Named instead of a model, it turns re-identification off, without a warning."""

COLOURS_WARNING = (
    "People are recognised by their colours only, so more of them get a new index after an absence. "
    "Name the model's ONNX file in REIDENTIFICATION_MODEL, or set it to none to turn this warning off"
)


@dataclass(frozen=True, slots=True)
class ReidentifierSelection:
    """The reidentifier to use; its model file exists.

    Attributes:
        reidentifier: name in `REIDENTIFIERS`; None to compare colours only.
        model: absolute path of the model file; None without a reidentifier.
        providers: execution providers; see `onnx_session.inference_session`.
        warning: why colours alone are compared; None if that is intended.
    """

    reidentifier: str | None = None
    model: Path | None = None
    providers: tuple[str, ...] = CPU
    warning: str | None = None

    def load(self) -> Reidentifier | None:
        """Creates the reidentifier, or returns None to compare colours only.

        Raises:
            DetectorError: The file is not a model that it can use, or a provider is not available.
        """
        if self.reidentifier is None or self.model is None:
            return None
        return reidentifier_module(self.reidentifier).load(self.model, providers=self.providers)


def select_reidentifier(
    model: str | os.PathLike[str] | None = None,
    *,
    providers: Sequence[str] = CPU,
    cache_dir: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> ReidentifierSelection:
    """Chooses the reidentifier for a model and obtains the model file.

    Args:
        model: ONNX file for the default reidentifier, name of a known model, or "none" to compare colours
            only; None for REIDENTIFICATION_MODEL, else for the default model if it is available.
        providers: execution providers of ONNX Runtime; see `load_reidentifier`.
        cache_dir: folder for downloaded models; None for `model_cache_dir`.
        environment: where REIDENTIFICATION_MODEL, MODEL_CACHE_DIR and XDG_CACHE_HOME are read.

    Raises:
        ModelError: A model is named, and its file is not available or not the pinned one.
    """
    wanted = os.fspath(model) if model is not None else environment.get("REIDENTIFICATION_MODEL") or None
    names = provider_names(providers)
    if wanted == OFF:
        return ReidentifierSelection()
    folder = cache_dir or model_cache_dir(environment)
    if wanted is None:
        try:
            path = reidentifier_module(DEFAULT_REIDENTIFIER).MODELS[0].obtain(folder)
        except ModelError as error:
            return ReidentifierSelection(warning=f"{error}. {COLOURS_WARNING}")
        return ReidentifierSelection(DEFAULT_REIDENTIFIER, path.absolute(), names)
    for name in REIDENTIFIERS.names():
        if known := named(reidentifier_module(name).MODELS, wanted):
            return ReidentifierSelection(name, known.obtain(folder).absolute(), names)
    others = f"the known model for re-identification is {names_of(known_reidentification_models())}"
    return ReidentifierSelection(DEFAULT_REIDENTIFIER, existing_file(wanted, others), names)


def load_reidentifier(
    model: str | os.PathLike[str] | None = None,
    *,
    providers: Sequence[str] = CPU,
    cache_dir: Path | None = None,
) -> Reidentifier | None:
    """Creates the reidentifier that `select_reidentifier` chooses.

    Args:
        model: ONNX file of person-reidentification-retail-0286, name of a known model, or "none" to compare
            colours only; None for REIDENTIFICATION_MODEL, else the default model.
        providers: execution providers of ONNX Runtime, the preferred one first, for example
            ["CUDAExecutionProvider"].
        cache_dir: folder for downloaded models; None for `model_cache_dir`.

    Returns:
        The reidentifier, or None to compare colours only. If no model is named and the default one is not
        available, a warning says so.

    Raises:
        DetectorError: The named model is not usable, or a provider is not available.
    """
    selection = select_reidentifier(model, providers=providers, cache_dir=cache_dir)
    if selection.warning:
        logger.warning("%s", selection.warning)
    return selection.load()
