"""A sampled frame on its way through the detect step."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from people_pathing.engine.decoding import Frame
from people_pathing.engine.detect_step.people import NOBODY, People
from people_pathing.engine.detections import FIXED_CAMERA, Detections
from people_pathing.engine.scene.stillness import Grey

UNKNOWN_STEP = (float("nan"),) * 4
"""The camera step where it is unknown."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since the sampled frame before, apart from the people.

    Attributes:
        is_cut: whether the frame begins another scene.
        camera_step: a row of `Detections.camera_steps`.
    """

    is_cut: bool
    camera_step: tuple[float, ...]


NO_CHANGE = Change(False, FIXED_CAMERA)


@dataclass(slots=True, eq=False)
class SampledFrame:
    """A sampled frame, and the work on it that other threads do.

    Attributes:
        timestamp_us: microseconds after the first frame of the video.
        grey: the small grey image.
        unsampled: number of unsampled frames between it and the sampled frame before.
        frame: the decoded frame, as long as it may still be searched.
        is_searched: whether its people are known, either from a search or because nothing moved since one.
        with_embeddings: whether its people get embeddings.
        search: the search, if it was started.
        earlier: the frame whose search tells its people, or those shortly before; None if its own search
            does. If it were the frame itself, the garbage collector would have to free each frame.
        change: what changed since the sampled frame before.
    """

    timestamp_us: int
    grey: Grey
    unsampled: int
    frame: Frame | None
    is_searched: bool = True
    with_embeddings: bool = False
    search: Future[People] | None = None
    earlier: SampledFrame | None = None
    change: Change | Future[Change] = field(default=NO_CHANGE)

    @property
    def is_own_source(self) -> bool:
        """Whether people are searched in this frame itself."""
        return self.earlier is None

    @property
    def source(self) -> SampledFrame:
        """The frame whose search tells its people, or those shortly before."""
        return self.earlier or self

    def people(self) -> People:
        """Waits for the people in it, or in the last searched frame before it."""
        assert self.source.search
        return self.source.search.result()

    def detections(self) -> Detections:
        """Waits for the work, and returns the detections of this frame and the unsampled ones before it."""
        change = self.change.result() if isinstance(self.change, Future) else self.change
        people = self.people() if self.is_searched else NOBODY
        embedded = len(people.embeddings) if self.is_own_source else 0
        return Detections(
            frame_numbers=np.array([self.unsampled], np.int64),
            timestamps_us=np.array([self.timestamp_us], np.int64),
            searched=np.array([self.is_searched]),
            cuts=np.array([change.is_cut]),
            camera_steps=np.array([change.camera_step], np.float32),
            frame_count=self.unsampled + 1,
            expected_frame_count=self.unsampled + 1,
            rows=np.zeros(len(people.boxes), np.int32),
            boxes=people.boxes,
            scores=people.scores,
            descriptors=people.descriptors,
            faces=people.faces,
            embedding_rows=np.arange(embedded),
            embeddings=people.embeddings[:embedded],
        )
