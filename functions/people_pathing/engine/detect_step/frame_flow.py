"""Takes the sampled frames of a segment in order, has them searched and compared in threads, and collects.

The calling thread decodes, makes small grey images and decides. The pool searches and compares. A comparison
waits for searches only that were submitted before it, so the pool never waits for itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from people_pathing.engine.decoding import Frame, VideoDecoder
from people_pathing.engine.detect_step.people import People, PeopleSearch
from people_pathing.engine.detect_step.sampled_frame import NO_CHANGE, UNKNOWN_STEP, Change, SampledFrame
from people_pathing.engine.detect_step.schedule import Decision, SearchSchedule
from people_pathing.engine.detections import Detections
from people_pathing.engine.interfaces import FrameDetections, Image
from people_pathing.engine.scene.camera_motion import camera_step
from people_pathing.engine.scene.cuts import CutWatch, Suspicion, is_cut
from people_pathing.engine.scene.masks import MaskedAreas
from people_pathing.engine.scene.stillness import Grey

SMALL_PX = 480
"""Longer side of the small grey images."""
WAITING_FRAMES = 2
"""Searches that may wait per thread: enough to keep every thread busy, few enough to need little memory."""
MAX_FRAMES = 50
"""Frames that may be on their way. Those that are not searched are small."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The small grey image of a frame, and the search that tells its people."""

    grey: Grey
    search: Future[People]


@dataclass(frozen=True, slots=True, eq=False)
class _Comparison:
    """What to compare a frame with: the sampled frame before, and the one before which a cut is suspected.

    It does not refer to the frames themselves, because a later frame may still decide that they are searched.
    """

    frame: SampledFrame
    now: _Seen
    before: _Seen
    suspicion: Suspicion[_Seen] | None


class FrameFlow:
    """The frames of one segment that are on their way."""

    def __init__(
        self,
        video: VideoDecoder,
        search: PeopleSearch,
        pool: ThreadPoolExecutor,
        threads: int,
        schedule: SearchSchedule[SampledFrame],
        areas: MaskedAreas,
        memory_us: int,
        pause_us: int,
        *,
        camera_motion: bool,
    ) -> None:
        """Starts without frames.

        Args:
            video: decodes the frames; used in the calling thread only.
            search: finds people.
            pool: runs searches and comparisons.
            threads: number of its threads.
            schedule: decides which frames are searched.
            areas: what is never analysed.
            memory_us: a frame is not compared with frames that are longer ago.
            pause_us: a frame that none follows for longer is the last before a pause.
            camera_motion: whether camera steps are estimated.
        """
        self._video = video
        self._search = search
        self._pool = pool
        self._threads = threads
        self._schedule = schedule
        self._areas = areas
        self._memory_us = memory_us
        self._pause_us = pause_us
        self._camera_motion = camera_motion
        self._scale = max(1.0, max(video.width_px, video.height_px) / SMALL_PX)
        self._small = (
            max(1, round(video.width_px / self._scale)),
            max(1, round(video.height_px / self._scale)),
        )
        self._edges = areas.edges(*self._small)
        self._watch = CutWatch[SampledFrame](memory_us)
        self._previous: SampledFrame | None = None
        self._waiting: deque[SampledFrame] = deque()
        self._to_compare: deque[_Comparison] = deque()

    def add(self, frame: Frame, *, unsampled: int, is_inside: bool) -> None:
        """Takes the next sampled frame.

        Args:
            frame: the frame.
            unsampled: number of unsampled frames before it.
            is_inside: whether it belongs to the segment. A frame before or after it is only seen, so that
                decisions about the others are the same as in a longer segment.
        """
        grey = self._areas.fill(self._video.grey_image(frame, *self._small), self._picture_px(frame))
        sampled = SampledFrame(frame.timestamp_us, grey, unsampled, frame)
        suspicion = self._watch.look(frame.timestamp_us, grey, sampled)
        is_jump = suspicion is not None and suspicion.is_jump
        previous, self._previous = self._previous, sampled
        if previous is not None and (is_jump or frame.timestamp_us - previous.timestamp_us > self._pause_us):
            # Whether the people jump is visible only if they are known in both frames, and paths end where a
            # person was last found.
            self._search_afterwards(previous)
        decision = self._schedule.decide(frame.timestamp_us, frame.slot, grey, suspected=is_jump)
        if decision is Decision.SEARCH:
            self._choose(sampled)
        else:
            sampled.earlier, sampled.is_searched = self._schedule.last, decision is Decision.REUSE
        if is_inside:
            seen = self._seen(sampled)
            self._compare(sampled, seen, previous, suspicion)
            self._waiting.append(sampled)
        if previous is not None and not previous.is_own_source:
            previous.frame = None

    def results(self, *, at_end: bool = False) -> Iterator[Detections]:
        """Yields the detections of the frames that have waited long enough, or of all at the end."""
        if at_end:
            if self._previous is not None:
                self._search_afterwards(self._previous)
            self._submit_comparisons(0)
        searches = sum(one.is_own_source for one in self._waiting)
        while self._waiting and (
            at_end or searches > self._threads * (1 + WAITING_FRAMES) or len(self._waiting) > MAX_FRAMES
        ):
            first = self._waiting.popleft()
            searches -= first.is_own_source
            yield first.detections()

    def _search_afterwards(self, sampled: SampledFrame) -> None:
        """Has the last frame searched although the schedule left it."""
        if sampled.is_searched:
            return
        self._choose(sampled)
        if self._waiting and self._waiting[-1] is sampled:
            self._seen(sampled)

    def _choose(self, sampled: SampledFrame) -> None:
        """Decides that a frame is searched, as soon as a frame of the segment needs its people."""
        sampled.earlier, sampled.is_searched = None, True
        sampled.with_embeddings = self._schedule.searched(sampled.timestamp_us, sampled.grey, sampled)

    def _seen(self, sampled: SampledFrame) -> _Seen:
        """Starts the search that tells the people of a frame, if it was not started before."""
        source = sampled.source
        if source.search:
            return _Seen(sampled.grey, source.search)
        frame, source.frame = source.frame, None
        assert frame
        image = self._image(frame, *self._search.input_size)
        with_embeddings = source.with_embeddings and self._search.makes_embeddings
        picture = None
        if self._search.searches_faces or with_embeddings:
            # Faces are small and embeddings need details, so they are searched at full resolution.
            picture = self._image(frame, self._video.width_px, self._video.height_px)
        source.search = self._pool.submit(self._search, image, picture, with_embeddings=with_embeddings)
        return _Seen(sampled.grey, source.search)

    def _image(self, frame: Frame, width_px: int, height_px: int) -> Image:
        return self._areas.fill(self._video.image(frame, width_px, height_px), self._picture_px(frame))

    def _picture_px(self, frame: Frame) -> tuple[int, int]:
        """Returns the width and height of what is scaled to images. A field has half of the lines."""
        is_field = frame.picture is not None and frame.picture.interlaced_frame
        lines = self._video.height_px // 2 if is_field else self._video.height_px
        return self._video.width_px, lines

    def _compare(
        self,
        frame: SampledFrame,
        now: _Seen,
        before: SampledFrame | None,
        suspicion: Suspicion[SampledFrame] | None,
    ) -> None:
        """Has a frame compared with the sampled frame before it, where that is needed."""
        if before is None and frame.timestamp_us == 0:
            return
        # A segment may begin after a gap in time, without the frame before it.
        if before is None or frame.timestamp_us - before.timestamp_us > self._memory_us:
            frame.change = Change(False, UNKNOWN_STEP) if self._camera_motion else NO_CHANGE
            return
        is_still = frame.is_searched and before.is_searched and frame.source is before.source
        if is_still or not (suspicion or self._camera_motion):
            return
        suspected: Suspicion[_Seen] | None = None
        if suspicion:
            suspected = Suspicion(self._seen(suspicion.before), suspicion.earlier, suspicion.is_jump)
        self._to_compare.append(_Comparison(frame, now, self._seen(before), suspected))
        # The searches that a comparison needs should be done when its turn comes.
        self._submit_comparisons(self._threads)

    def _submit_comparisons(self, keep: int) -> None:
        while len(self._to_compare) > keep:
            comparison = self._to_compare.popleft()
            comparison.frame.change = self._pool.submit(
                self._change, comparison.now, comparison.before, comparison.suspicion
            )

    def _change(self, now: _Seen, before: _Seen, suspicion: Suspicion[_Seen] | None) -> Change:
        if suspicion and is_cut(
            suspicion.before.grey,
            now.grey,
            self._people(suspicion.before),
            self._people(now),
            earlier=suspicion.earlier,
            is_jump=suspicion.is_jump,
        ):
            return Change(True, UNKNOWN_STEP if self._camera_motion else NO_CHANGE.camera_step)
        if not self._camera_motion:
            return NO_CHANGE
        boxes_before, boxes_now = before.search.result().boxes, now.search.result().boxes
        step = camera_step(before.grey, now.grey, boxes_before, boxes_now, self._scale, self._edges)
        return Change(False, tuple(step.tolist()))

    def _people(self, seen: _Seen) -> FrameDetections:
        people = seen.search.result()
        return FrameDetections(people.boxes / self._scale, people.scores)
