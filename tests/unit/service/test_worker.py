"""The worker's steps, with the real engine and a detector of bright rectangles."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, IncompleteReadError, ReadTimeoutError
from numpy.typing import NDArray

import people_pathing
from people_pathing.common.json_values import from_json
from people_pathing.engine import Detections, VideoError
from people_pathing.engine.tracking import association
from people_pathing.results.provenance import UNKNOWN, Provenance
from people_pathing.results.provenance_header import HEADER_NAME, read_header
from people_pathing.service.artifacts import observations_key, plan_key, segment_key, window_key
from people_pathing.service.composition.worker import compose_worker
from people_pathing.service.handlers import finish, worker
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.result_pages.layout import PART_BYTES
from people_pathing.service.steps import link as link_step
from people_pathing.service.steps import plan as plan_step
from people_pathing.service.steps.context import Models
from people_pathing.service.steps.job_plan import JobPlan
from people_pathing.service.videos import reader
from tests.fakes.aws_errors import client_error
from tests.unit.service.conftest import clear_compositions
from tests.unit.service.world import CONTEXT, VIDEO_NAME, World, call, put_video

WIDTH, HEIGHT, FPS, FRAMES = 320, 240, 10, 30
BOX_WIDTH, BOX_HEIGHT, TOP, STEP = 40, 100, 80, 4


def left_of(frame: int) -> int:
    return 20 + STEP * frame


def draw_walker(rate: Fraction, frames: int) -> bytes:
    """Returns a video of a bright rectangle that moves to the right, with a key frame every ten frames."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"g": "10", "crf": "10"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            image = np.full((HEIGHT, WIDTH, 3), 30, np.uint8)
            image[TOP : TOP + BOX_HEIGHT, left_of(number) : left_of(number) + BOX_WIDTH] = 220
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


@pytest.fixture(scope="module")
def walker() -> bytes:
    return draw_walker(Fraction(FPS), FRAMES)


class BrightRectangle:
    """Detects the one bright rectangle of an image."""

    name = "bright"

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rows, columns = np.nonzero(image.mean(axis=2) > 125)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return np.array([box], np.float32), np.array([0.9], np.float32)


def bright_models() -> Models:
    return Models(BrightRectangle())


def worse_models() -> Models:
    return Models(BrightRectangle(), warnings=("A worse model is used.",))


@pytest.fixture
def bright_world(world: World, walker: bytes, monkeypatch: pytest.MonkeyPatch) -> World:
    put_video(world.s3, body=walker)
    monkeypatch.setenv("SEGMENT_S", "1")
    clear_compositions()
    monkeypatch.setattr(worker, "compose_worker", lambda: replace(compose_worker(), models=bright_models))
    return world


def run(job_id: str) -> None:
    """Runs the steps as the state machine does."""
    planned = worker.plan({"job_id": job_id}, CONTEXT)
    for index in planned["segments"]:
        worker.detect({"job_id": job_id, "segment": index}, CONTEXT)
    for index in planned["windows"]:
        worker.associate({"job_id": job_id, "window": index}, CONTEXT)
    assert worker.link({"job_id": job_id}, CONTEXT) == {"job_id": job_id, "status": "SUCCEEDED"}


def run_to_end(job_id: str) -> dict[str, Any]:
    """Runs all steps of a job and returns its first page."""
    run(job_id)
    finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)
    return call("GetPersonTracking", {"JobId": job_id}).body


def test_a_walker_is_one_person_in_every_frame_at_its_true_position(bright_world: World) -> None:
    job_id = bright_world.start(JobTag="ramp")

    answer = run_to_end(job_id)

    assert answer["JobStatus"] == "SUCCEEDED"
    assert answer["JobTag"] == "ramp"
    assert answer["VideoMetadata"] == {
        "Codec": "h264",
        "DurationMillis": 3000,
        "Format": "QuickTime / MOV",
        "FrameRate": 10.0,
        "FrameHeight": HEIGHT,
        "FrameWidth": WIDTH,
    } | (
        {"ColorRange": answer["VideoMetadata"]["ColorRange"]}
        if "ColorRange" in answer["VideoMetadata"]
        else {}
    )
    assert [detection["Timestamp"] for detection in answer["Persons"]] == [
        100 * frame for frame in range(FRAMES)
    ]
    assert {detection["Person"]["Index"] for detection in answer["Persons"]} == {0}
    for frame, detection in enumerate(answer["Persons"]):
        box = detection["Person"]["BoundingBox"]
        assert abs(box["Left"] * WIDTH - left_of(frame)) <= 4
        assert abs(box["Width"] * WIDTH - BOX_WIDTH) <= 4
        assert abs(box["Top"] * HEIGHT - TOP) <= 4


def test_timestamps_at_29_97_fps_equal_those_of_the_retired_service(bright_world: World) -> None:
    put_video(bright_world.s3, body=draw_walker(Fraction(30_000, 1001), 46))
    job_id = bright_world.start()

    answer = run_to_end(job_id)

    timestamps = [detection["Timestamp"] for detection in answer["Persons"]]
    assert timestamps == [frame * 1001 // 30 for frame in range(46)]
    assert {1301, 1368, 1434, 1501} < set(timestamps)
    assert answer["VideoMetadata"]["FrameRate"] == 29.970029830932617


def test_the_result_does_not_depend_on_the_number_of_segments(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, results = set(), []
    for segment_s in ("60", "1"):
        monkeypatch.setenv("SEGMENT_S", segment_s)
        clear_compositions()
        job_id = bright_world.start()
        results.append(run_to_end(job_id)["Persons"])
        counts.add(len(plan_of(bright_world, job_id).segments))

    assert counts == {1, 3}
    assert results[0] == results[1]


def test_a_long_video_is_tracked_in_windows_with_the_same_result(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = bright_world.start()
    answers = [run_to_end(whole)["Persons"]]
    monkeypatch.setattr(association, "WINDOW_MS", 1_000)
    monkeypatch.setattr(association, "WARM_UP_US", 500_000)
    in_windows = bright_world.start()

    answers.append(run_to_end(in_windows)["Persons"])

    assert (len(plan_of(bright_world, whole).windows), len(plan_of(bright_world, in_windows).windows)) == (
        0,
        3,
    )
    assert len(answers[0]) == FRAMES
    assert answers[0] == answers[1]


def test_a_window_is_associated_from_the_segments_around_it_only(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(association, "WINDOW_MS", 1_000)
    monkeypatch.setattr(association, "WARM_UP_US", 500_000)
    job_id = bright_world.start()
    worker.plan({"job_id": job_id}, CONTEXT)
    for segment in (0, 1):
        worker.detect({"job_id": job_id, "segment": segment}, CONTEXT)

    assert worker.associate({"job_id": job_id, "window": 0}, CONTEXT) == {"window": 0}
    assert bright_world.store.read_range(window_key(job_id, 0), 0, 1) is not None


def test_a_plan_has_at_most_as_many_segments_as_an_executions_history_allows(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_step, "MAX_SEGMENTS", 2)
    job_id = bright_world.start()

    answer = run_to_end(job_id)

    assert len(plan_of(bright_world, job_id).segments) == 2
    assert len(answer["Persons"]) == FRAMES


def test_a_plan_and_its_finished_segments_are_stored_as_the_job_runs(bright_world: World) -> None:
    job_id = bright_world.start()

    planned = worker.plan({"job_id": job_id}, CONTEXT)
    worker.detect({"job_id": job_id, "segment": 1}, CONTEXT)

    assert planned == {"job_id": job_id, "segments": [0, 1, 2], "windows": []}
    assert len(plan_of(bright_world, job_id).segments) == 3
    stored = [bright_world.store.read_range(segment_key(job_id, index), 0, 1) for index in range(3)]
    assert [data is not None for data in stored] == [False, True, False]


def test_a_repeated_step_stores_the_same_result(bright_world: World) -> None:
    job_id = bright_world.start()
    once: list[bytes] = []
    twice: list[bytes] = []
    for observations in (once, twice):
        run(job_id)
        whole = bright_world.store.read_existing(observations_key(job_id))
        observations.append(whole[:PART_BYTES])

    assert once == twice


def test_every_step_is_logged_with_the_job_the_video_and_what_it_did(
    bright_world: World, log_lines: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bright_world.start()
    monkeypatch.setattr(association, "WINDOW_MS", 2_000)
    already = len(log_lines())

    run(job_id)

    lines = log_lines()[already:]
    assert {(line["job_id"], line["video"]) for line in lines} == {(job_id, f"s3://videos/{VIDEO_NAME}")}
    members = ("message", "segments", "windows", "segment", "window", "detections", "people", "observations")
    assert [{name: line[name] for name in members if name in line} for line in lines] == [
        {"message": "planned", "segments": 3, "windows": 2},
        {"message": "detected", "segment": 0, "detections": 10},
        {"message": "detected", "segment": 1, "detections": 10},
        {"message": "detected", "segment": 2, "detections": 10},
        {"message": "associated", "segments": 3, "window": 0, "detections": 15},
        {"message": "associated", "segments": 3, "window": 1, "detections": 15},
        {"message": "linked", "people": 1, "observations": 30},
    ]


def test_every_page_says_how_the_result_was_made(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "compose_worker", lambda: replace(compose_worker(), models=worse_models))
    job_id = bright_world.start()
    run_to_end(job_id)

    first = call("GetPersonTracking", {"JobId": job_id, "MaxResults": 20})
    second = call("GetPersonTracking", {"JobId": job_id, "NextToken": first.body["NextToken"]})

    assert first.headers[HEADER_NAME] == second.headers[HEADER_NAME]
    made = read_header(first.headers[HEADER_NAME])
    assert made == Provenance(
        version=people_pathing.__version__,
        tracked_at=made.tracked_at,
        detector="bright",
        model_sha256=UNKNOWN,
        reidentifier=None,
        reidentification_model_sha256=None,
        face_detector=None,
        face_model_sha256=None,
        sample_fps=10.0,
        search_fps=10.0,
        input_width_px=WIDTH,
        input_height_px=HEIGHT,
        masked_areas=0,
        masks=(),
        frames_decoded=FRAMES,
        frames_expected=FRAMES,
        container_created_at=None,
        picture_start_ms=0,
        warnings=("A worse model is used.",),
    )
    assert made.tracked_at != UNKNOWN
    assert len(first.body["Persons"]) + len(second.body["Persons"]) == FRAMES


def test_a_running_job_says_nothing_about_how_its_result_is_made(bright_world: World) -> None:
    assert HEADER_NAME not in call("GetPersonTracking", {"JobId": bright_world.start()}).headers


def damage(world: World, job_id: str, **changes: Any) -> None:
    """Lets the stored detections look as if frames of each segment could not be decoded."""
    for index in range(3):
        key = segment_key(job_id, index)
        found = Detections.load(io.BytesIO(world.store.read_existing(key)))
        file = io.BytesIO()
        replace(found, **changes).save(file)
        world.store.write(key, file.getvalue())


def test_missing_frames_of_all_segments_are_a_warning(bright_world: World) -> None:
    job_id = bright_world.start()
    run(job_id)
    damage(bright_world, job_id, expected_frame_count=40)
    worker.link({"job_id": job_id}, CONTEXT)
    finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT)

    made = read_header(call("GetPersonTracking", {"JobId": job_id}).headers[HEADER_NAME])

    assert (made.frames_decoded, made.frames_expected) == (30, 120)
    (warning,) = made.warnings
    assert warning.startswith("Only 30 of 120 frames could be decoded;")


def test_a_video_of_which_nothing_can_be_decoded_in_all_segments_together_is_rejected_by_name(
    bright_world: World,
) -> None:
    job_id = bright_world.start()
    run(job_id)
    damage(bright_world, job_id, frame_count=0, expected_frame_count=4)

    with pytest.raises(VideoError, match=f"s3://videos/{VIDEO_NAME}: only 0 of its 12 frames"):
        worker.link({"job_id": job_id}, CONTEXT)


def test_a_video_whose_frames_after_the_first_are_unreadable_is_rejected_by_name(
    bright_world: World, walker: bytes
) -> None:
    unreadable = bytearray(walker)
    with av.open(io.BytesIO(walker), "r") as container:
        _, *packets = [packet for packet in container.demux(video=0) if packet.size]
    for packet in packets:
        assert packet.pos is not None
        unreadable[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    put_video(bright_world.s3, body=bytes(unreadable))

    with pytest.raises(VideoError, match=f"s3://videos/{VIDEO_NAME}: only 1 of its {FRAMES} frames"):
        run(bright_world.start())


def test_an_object_that_is_not_a_video_is_rejected_by_name(
    bright_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    put_video(bright_world.s3, body=b"this is a text about videos")
    job_id = bright_world.start()

    with pytest.raises(VideoError, match=f"s3://videos/{VIDEO_NAME}"):
        worker.plan({"job_id": job_id}, CONTEXT)
    assert '"StepsRefused":[1.0]' in capsys.readouterr().out


def test_a_failure_of_the_service_is_not_counted_as_a_refusal(
    bright_world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(plan_step, "plan", fail)
    with pytest.raises(KeyError):
        worker.plan({"job_id": bright_world.start()}, CONTEXT)
    assert "StepsRefused" not in capsys.readouterr().out


def test_a_video_longer_than_six_hours_is_rejected_by_name(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan_step.MAX_DURATION_MS == 6 * 3600 * 1000
    monkeypatch.setattr(plan_step, "MAX_DURATION_MS", 2_999)
    job_id = bright_world.start()

    with pytest.raises(
        VideoRejectedError, match=f"s3://videos/{VIDEO_NAME} is .* hours long; at most 6 hours"
    ):
        worker.plan({"job_id": job_id}, CONTEXT)


def test_a_video_deleted_while_its_job_runs_is_rejected_by_name(bright_world: World) -> None:
    job_id = bright_world.start()
    worker.plan({"job_id": job_id}, CONTEXT)
    video = bright_world.job(job_id).video
    bright_world.s3.delete_object(Bucket=video.bucket, Key=video.name, VersionId=video.version or "")

    with pytest.raises(VideoRejectedError, match=f"s3://videos/{VIDEO_NAME} can no longer be read"):
        worker.detect({"job_id": job_id, "segment": 0}, CONTEXT)


def plan_of(world: World, job_id: str) -> JobPlan:
    return from_json(JobPlan, world.store.read_existing(plan_key(job_id)))


def test_a_job_with_too_many_detections_for_one_function_is_rejected_by_name(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One person is in each of the frames, and a short video has no windows.
    needed_s = FRAMES * (link_step.ASSOCIATION_S + link_step.DETECTION_S + link_step.NEIGHBOUR_S)
    monkeypatch.setattr(link_step, "MAX_LINKING_S", 1.01 * needed_s)
    run(bright_world.start())
    monkeypatch.setattr(link_step, "MAX_LINKING_S", 0.99 * needed_s)

    with pytest.raises(VideoRejectedError, match=f"{VIDEO_NAME} has at least {FRAMES} detections of people"):
        run(bright_world.start(ClientRequestToken="another"))


def test_too_much_work_is_refused_before_a_segment_is_searched(
    bright_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BrightRectangle, "pixel_s", 1.0, raising=False)
    job_id = bright_world.start()

    with pytest.raises(VideoError, match=f"s3://videos/{VIDEO_NAME}: .* pixels is too much work"):
        worker.plan({"job_id": job_id}, CONTEXT)
    with pytest.raises(ClientError, match="NoSuchKey"):
        bright_world.store.read_existing(plan_key(job_id))


class _FailingOnce:
    """An S3 client whose nth GetObject of a video fails: at once, or while its body is read."""

    def __init__(self, s3: Any, failing: int, error: Exception, *, in_body: bool) -> None:
        self.s3 = s3
        self.failing = failing
        self.error = error
        self.in_body = in_body
        self.calls = 0

    def get_object(self, **arguments: Any) -> Any:
        self.calls += 1
        if self.calls != self.failing:
            return self.s3.get_object(**arguments)
        if not self.in_body:
            raise self.error
        return {"Body": self}

    def read(self) -> bytes:
        raise self.error

    def get_paginator(self, operation: str) -> Any:
        return self.s3.get_paginator(operation)


@pytest.mark.parametrize(
    ("error", "in_body"),
    [
        (client_error("SlowDown", "GetObject", 503), False),
        (client_error("InternalError", "GetObject", 500), False),
        (EndpointConnectionError(endpoint_url="https://s3"), False),
        (IncompleteReadError(actual_bytes=1, expected_bytes=2), True),
        (ReadTimeoutError(endpoint_url="https://s3"), True),
        (ConnectionResetError("reset"), True),
        (MemoryError(), True),
    ],
)
def test_a_transient_error_of_s3_at_any_read_is_raised_as_it_is(
    bright_world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, in_body: bool
) -> None:
    monkeypatch.setattr(reader, "BLOCK_BYTES", 4_000)
    job_id = bright_world.start()
    s3: Any = _FailingOnce(bright_world.s3, 0, error, in_body=in_body)
    made = replace(compose_worker(), models=bright_models, s3=s3)
    monkeypatch.setattr(worker, "compose_worker", lambda: made)

    def plan_and_detect(failing: int) -> int:
        s3.calls, s3.failing = 0, failing
        for index in worker.plan({"job_id": job_id}, CONTEXT)["segments"]:
            worker.detect({"job_id": job_id, "segment": index}, CONTEXT)
        return int(s3.calls)

    calls = plan_and_detect(0)
    assert calls > 5
    for failing in range(1, calls + 1):
        with pytest.raises(type(error)) as raised:
            plan_and_detect(failing)
        assert raised.value is error
