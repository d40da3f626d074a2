"""Reading the result files of one video from a folder, one observation at a time."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from people_pathing.common.video_ids import video_id
from people_pathing.results import file_names
from people_pathing.results.files import job_summary, observations
from people_pathing.results.observation import Observation, observations_in
from people_pathing.results.recording_time import stated_time

MAX_VIDEO_MS = 31 * 24 * 3600 * 1000
"""Longest video that is accepted. One damaged number must not make millions of intervals."""
MAX_FRAMES_PER_S = 10_000
MAX_FRAME_PX = 1_000_000


class StoredResultError(ValueError):
    """A folder has no complete and readable results. The message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class StoredResult:
    """The result files of one video.

    Attributes:
        folder: where the files are.
        duration_ms: the video's duration; 0 if the service did not report it.
        frame_rate: the video's frames per second; 0 if the service did not report them.
        frame_width_px: width of the frame; 0 if the service did not report it.
        frame_height_px: height of the frame; 0 if the service did not report it.
        observation_count: how many observations the files have.
        bucket: the video's bucket; None if a file was tracked.
        key: the video's key, or the path of the file that was tracked.
        version: the video's version; None if a file was tracked, or if the bucket keeps no versions.
        recorded_at_ms: when the video starts, in milliseconds since the epoch; None if that is not known.
        recorded_at_source: what says so, as in job.json; None if nothing does.
        sample_fps: in how many frames per second people are reported; 0 if that is not known.
        provenance: how the results were made, as in job.json; None if it does not say so.
        video_id: differs from that of every other video. With a version, it is the id in the job record.
            Without one, it is made from what job.json says about the job.
    """

    folder: Path
    duration_ms: int
    frame_rate: float
    frame_width_px: int
    frame_height_px: int
    observation_count: int
    bucket: str | None
    key: str
    version: str | None
    recorded_at_ms: int | None
    recorded_at_source: str | None
    sample_fps: float
    provenance: Mapping[str, Any] | None
    video_id: str

    @property
    def video(self) -> str:
        """The video's s3:// address, or the path of the file that was tracked."""
        return self.key if self.bucket is None else f"s3://{self.bucket}/{self.key}"

    def at_utc_ms(self, timestamp_ms: int) -> int | None:
        """Returns a time of the video in milliseconds since the epoch; None if that is not known."""
        return None if self.recorded_at_ms is None else self.recorded_at_ms + timestamp_ms

    def frame_number(self, timestamp_ms: int) -> int | None:
        """Returns the number of the frame at a time, from 0; None if the frame rate is not known.

        Result files have times instead of frame numbers. The number is right for videos with a constant
        frame rate. Times are rounded down, and half a millisecond more is closest to the same frame again.
        """
        return round((timestamp_ms + 0.5) * self.frame_rate / 1000) if self.frame_rate > 0 else None

    def observations(self) -> Iterator[Observation]:
        """Yields the observations by person and then by time, one at a time.

        Raises:
            StoredResultError: the file of observations is damaged or incomplete.
        """
        count = 0
        for observation in self.uncounted_observations():
            count += 1
            yield observation
        if count != self.observation_count:
            raise StoredResultError(
                f"{self.folder / observations.NAME} has {count} observations, but {job_summary.NAME} says "
                f"{self.observation_count}; {_WHAT_TO_DO}"
            )

    def uncounted_observations(self) -> Iterator[Observation]:
        """Yields the same observations, however many job.json says there are.

        Raises:
            StoredResultError: the file of observations is damaged.
        """
        path = self.folder / observations.NAME
        count = 0
        try:
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for observation in observations_in(map(json.loads, lines)):
                    count += 1
                    yield observation
        except (EOFError, gzip.BadGzipFile, zlib.error, ValueError, KeyError, TypeError) as error:
            raise StoredResultError(
                f"{path} is damaged after {count} observations ({error}); {_WHAT_TO_DO}"
            ) from error


_WHAT_TO_DO = "track the video again, or fetch its results again"


def open_stored_result(folder: Path) -> StoredResult:
    """Opens the result files in a folder. Reads only the job summary.

    Raises:
        StoredResultError: the folder is missing, has no result files, or not all of them.
        OSError: the files cannot be read.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise StoredResultError(
            f"{folder} {what}; give a folder with result files, which has {job_summary.NAME}"
        )
    missing = [name for name in file_names() if not (folder / name).is_file()]
    if len(missing) == len(file_names()):
        raise StoredResultError(f"{folder} is not a folder with result files{_hint(folder)}")
    if missing:
        raise StoredResultError(
            f"the results in {folder} are incomplete: {' and '.join(missing)} missing; {_WHAT_TO_DO}"
        )
    path = folder / job_summary.NAME
    try:
        return _from_summary(folder, json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise StoredResultError(f"{path} is damaged ({reason}); {_WHAT_TO_DO}") from error


def _from_summary(folder: Path, summary: Any) -> StoredResult:
    video, metadata = summary["video"], summary["VideoMetadata"]
    recorded_at, sample_fps = summary.get("recorded_at"), summary.get("provenance", {}).get("sample_fps")
    return StoredResult(
        folder=folder,
        duration_ms=int(_number(metadata, "DurationMillis", MAX_VIDEO_MS)),
        frame_rate=_number(metadata, "FrameRate", MAX_FRAMES_PER_S),
        frame_width_px=int(_number(metadata, "FrameWidth", MAX_FRAME_PX)),
        frame_height_px=int(_number(metadata, "FrameHeight", MAX_FRAME_PX)),
        observation_count=int(summary["counts"]["observations"]),
        bucket=None if "path" in video else video["bucket"],
        key=str(video["path"] if "path" in video else video["key"]),
        version=video.get("version"),
        recorded_at_ms=stated_time(recorded_at, UTC) if recorded_at else None,
        recorded_at_source=summary.get("recorded_at_source"),
        # A service that does not report it says "unknown".
        sample_fps=_sample_fps(sample_fps) if isinstance(sample_fps, int | float) else 0,
        provenance=_provenance(summary),
        video_id=_video_id(summary),
    )


def _video_id(summary: Any) -> str:
    video = summary["video"]
    if video.get("version"):
        return video_id(video["bucket"], video["key"], video["version"])
    # One key or path can have had several contents. Each was tracked at another time, or by another job.
    job = summary.get("job_id"), summary.get("uploaded_at"), summary.get("provenance", {}).get("tracked_at")
    return video_id(video.get("bucket"), video.get("path", video.get("key")), *job)


def _number(metadata: Any, name: str, most: int) -> float:
    """Returns a number of VideoMetadata; 0 if it is missing."""
    value = metadata.get(name, 0)
    if not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{name} is {str(value)[:30]}; it must be from 0 to {most}")
    return float(value)


def _provenance(summary: Any) -> Mapping[str, Any] | None:
    made = summary.get("provenance")
    if made is None:
        return None
    warnings = made.get("warnings", [])
    if not isinstance(warnings, list) or not all(isinstance(one, str) for one in warnings):
        raise ValueError(f"warnings is {str(warnings)[:30]}; it must be a list of sentences")
    return dict(made)


def _sample_fps(value: float) -> float:
    # Comparing excludes NaN.
    if not 0 <= value <= MAX_FRAMES_PER_S:
        raise ValueError(f"sample_fps is {str(value)[:30]}; it must be from 0 to {MAX_FRAMES_PER_S}")
    return float(value)


def _hint(folder: Path) -> str:
    """Returns what to give instead: `track` and `run` write one folder for each video, inside this one."""
    patterns = (f"{'*/' * depth}{job_summary.NAME}" for depth in (1, 2, 3))
    found = next((path.parent for pattern in patterns for path in sorted(folder.glob(pattern))), None)
    if found is None:
        return f": {job_summary.NAME} is missing"
    return f"; give the folder of one video, for example {found}"
