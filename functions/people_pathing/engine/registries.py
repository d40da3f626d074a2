"""The registries of detectors, face detectors and reidentifiers, and what each module in them offers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from people_pathing.common.registry import Registry, UnknownNameError
from people_pathing.engine.errors import DetectorError
from people_pathing.engine.models import KnownModel

if TYPE_CHECKING:
    from people_pathing.engine.interfaces import Detector, FaceDetector, Reidentifier

Loaded = TypeVar("Loaded", covariant=True)

DETECTORS = Registry("people_pathing.engine.detectors", "detector")
FACE_DETECTORS = Registry("people_pathing.engine.face_detectors", "face detector")
REIDENTIFIERS = Registry("people_pathing.engine.reidentifiers", "reidentifier")


class DetectorModule(Protocol):
    """What each module in `people_pathing.engine.detectors` offers.

    Attributes:
        SUMMARY: one line for help texts and tables.
        ACCEPTS_INPUT_PX: whether the size of the detector's input can be chosen.
    """

    SUMMARY: str
    ACCEPTS_INPUT_PX: bool

    @property
    def MODELS(self) -> Sequence[KnownModel]:  # noqa: N802 - a constant of the module
        """The known models, the default first; empty for a detector that needs no model."""

    def load(self, model: Path | None, *, input_px: int | None, providers: Sequence[str]) -> Detector:
        """Creates the detector. `model` is None only if MODELS is empty."""


class NetworkModule(Protocol[Loaded]):
    """What each module in `face_detectors` and `reidentifiers` offers.

    Attributes:
        SUMMARY: one line for help texts and tables.
    """

    SUMMARY: str

    @property
    def MODELS(self) -> Sequence[KnownModel]:  # noqa: N802 - a constant of the module
        """The known models, the default first."""

    def load(self, model: Path, *, providers: Sequence[str]) -> Loaded:
        """Creates the face detector, or the reidentifier."""


def detector_module(name: str) -> DetectorModule:
    """Imports one detector. Raises DetectorError if there is none of that name."""
    return cast(DetectorModule, _load(DETECTORS, name))


def face_detector_module(name: str) -> NetworkModule[FaceDetector]:
    """Imports one face detector. Raises DetectorError if there is none of that name."""
    return cast("NetworkModule[FaceDetector]", _load(FACE_DETECTORS, name))


def reidentifier_module(name: str) -> NetworkModule[Reidentifier]:
    """Imports one reidentifier. Raises DetectorError if there is none of that name."""
    return cast("NetworkModule[Reidentifier]", _load(REIDENTIFIERS, name))


def known_detector_models() -> tuple[KnownModel, ...]:
    """Returns the known models of all person detectors."""
    return tuple(model for name in DETECTORS.names() for model in detector_module(name).MODELS)


def known_face_models() -> tuple[KnownModel, ...]:
    """Returns the known models of all face detectors."""
    return tuple(model for name in FACE_DETECTORS.names() for model in face_detector_module(name).MODELS)


def known_reidentification_models() -> tuple[KnownModel, ...]:
    """Returns the known models of all reidentifiers."""
    return tuple(model for name in REIDENTIFIERS.names() for model in reidentifier_module(name).MODELS)


def all_known_models() -> tuple[KnownModel, ...]:
    """Returns the known models of all kinds."""
    return (*known_detector_models(), *known_face_models(), *known_reidentification_models())


def _load(registry: Registry, name: str) -> object:
    try:
        return registry.load(name)
    except UnknownNameError as error:
        raise DetectorError(str(error)) from error
