"""Annotated videos, decoded again."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from people_pathing import (
    AllBut,
    AnnotatedVideo,
    AnnotationError,
    Layers,
    annotate_video,
    load_detector,
    track_video,
)
from people_pathing.analysis.zones_file.sections import Mask, ZonesFile
from people_pathing.annotation.choices import Codec, Part
from people_pathing.results.provenance import UNKNOWN, Provenance
from people_pathing.results.stored_result import StoredResultError
from tests.clips import number_in, numbered, write_clip
from tests.unit.annotation.material import (
    SAMPLE_RATE,
    BoxSizes,
    Sound,
    click_s,
    pictures_in,
    results_of,
    sound_in,
    standing,
    stripes,
    write_video,
)

NOTHING = Layers(boxes=False, trails=False, zones=False, counts=False, clock=False)
BOX: BoxSizes = (0.25, 0.25, 0.25, 0.5)


def annotated(video: Path, boxes: dict[int, dict[int, BoxSizes]], **options: object) -> AnnotatedVideo:
    """Annotates a video with people of known boxes."""
    folder = video.with_suffix(".results")
    results_of(video, boxes, folder)
    out = video.with_suffix(".webm")
    return annotate_video(video, folder, out, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("codec", ["vp9", "av1"])
def test_every_frame_is_copied_with_its_time(codec: Codec, tmp_path: Path) -> None:
    video = write_clip(tmp_path / "video.mp4", frames=60, rate=Fraction(30_000, 1001), size=(128, 96))

    written = annotated(video, {}, codec=codec, layers=NOTHING)

    copied = pictures_in(written.path)
    assert written.frame_count == len(copied) == 60
    assert [number_in(picture) for _, picture in copied] == list(range(60))
    for number, (time_s, _) in enumerate(copied):
        assert abs(time_s - number * 1001 / 30_000) <= 0.001
    with av.open(written.path) as file:
        assert file.streams.video[0].codec_context.name == {"vp9": "vp9", "av1": "libdav1d"}[codec]
        assert file.duration == pytest.approx(60 * 1001 / 30_000 * 1e6, abs=40_000)


def test_times_of_a_variable_frame_rate_are_kept(tmp_path: Path) -> None:
    times = [Fraction(ms, 1000) for ms in (0, 33, 100, 133, 500, 533, 1400, 1433)]
    video = write_clip(tmp_path / "video.mp4", frames=8, times=times)

    written = annotated(video, {}, layers=NOTHING)

    copied = pictures_in(written.path)
    assert [number_in(picture) for _, picture in copied] == list(range(8))
    assert [time_s for time_s, _ in copied] == pytest.approx([float(time) for time in times], abs=0.001)


def test_a_turned_video_is_copied_as_it_is_shown(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "video.mp4", rotation=90, draw=lambda *_: _halves(96, 64))

    written = annotated(video, {}, layers=NOTHING)

    picture = pictures_in(written.path)[0][1]
    assert picture.shape == (96, 64, 3)
    assert abs(int(picture[10].mean()) - int(picture[-10].mean())) > 200


def _halves(width: int, height: int) -> np.ndarray:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, width // 2 :] = 255
    return picture


@pytest.mark.parametrize("codec", ["vp9", "av1"])
def test_odd_sizes_are_padded_by_a_pixel(codec: Codec, tmp_path: Path) -> None:
    video = write_clip(tmp_path / "video.mkv", size=(97, 65), codec="ffv1", pixels="yuv444p")

    written = annotated(video, {}, codec=codec, layers=NOTHING)

    copied = pictures_in(written.path)
    assert copied[0][1].shape == (66, 98, 3)
    assert [number_in(picture[:, :97]) for _, picture in copied] == list(range(12))


def test_ten_bits_become_eight_and_colours_stay(tmp_path: Path) -> None:
    colour = (200, 60, 30)
    video = write_clip(
        tmp_path / "video.mkv",
        codec="ffv1",
        pixels="yuv422p10le",
        draw=lambda _, width, height: np.full((height, width, 3), colour, np.uint8),
    )

    written = annotated(video, {}, layers=NOTHING)

    picture = pictures_in(written.path)[0][1]
    assert np.abs(picture.mean(axis=(0, 1)) - colour).max() < 6


def test_only_what_is_drawn_changes(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4")

    written = annotated(video, {3: standing(BOX)}, layers=replace(NOTHING, boxes=True))

    for _, picture in pictures_in(written.path):
        changed = np.abs(picture.astype(int) - 128).max(axis=2) > 24
        assert changed[58:182, 78:82].any(axis=1).all()
        changed[40:186, 74:166] = False
        assert not changed.any()


def test_boxes_move_in_frames_between_samples(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", frames=25)
    moving = {at_ms: (at_ms / 2000, 0.25, 0.125, 0.5) for at_ms in range(0, 961, 240)}

    written = annotated(video, {0: moving}, layers=replace(NOTHING, boxes=True))

    for number, (_, picture) in enumerate(pictures_in(written.path)[1:24], 1):
        row = np.abs(picture[150].astype(int) - 128).max(axis=1) > 60
        assert abs(int(np.flatnonzero(row)[0]) - number * 40 / 2000 * 320) <= 4


@pytest.mark.parametrize("step_ms", [80, 400])
def test_blurred_people_are_unrecognisable_in_every_frame(step_ms: int, tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", draw=stripes)

    written = annotated(video, {0: standing(BOX, step_ms=step_ms)}, blur="people", layers=NOTHING)

    copied = pictures_in(written.path)
    assert len(copied) == 50
    for _, picture in copied:
        assert picture[60:180, 80:160].std() < 8
        assert picture[:, 200:].std() > 60


def test_the_head_is_blurred_without_any_detected_face(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", draw=stripes)

    written = annotated(video, {0: standing(BOX)}, blur="faces", layers=NOTHING)

    for _, picture in pictures_in(written.path):
        assert picture[60:90, 80:160].std() < 8
        assert picture[115:180, 80:160].std() > 60


@pytest.mark.parametrize("blur", ["faces", "people"])
def test_a_face_without_a_box_of_the_person_is_covered(blur: Part, tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", frames=10, draw=stripes)
    results_of(video, {0: standing(BOX, until_ms=400)}, tmp_path / "results", faces={0: standing(BOX)})
    file = tmp_path / "results" / "observations.jsonl.gz"
    persons = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    for person in persons:
        del person["Person"]["BoundingBox"]
    file.write_bytes(gzip.compress("".join(f"{json.dumps(one)}\n" for one in persons).encode()))

    annotate_video(video, tmp_path / "results", tmp_path / "out.webm", blur=blur)

    pictures = [picture for _, picture in pictures_in(tmp_path / "out.webm")]
    assert len(pictures) == 10
    for picture in pictures:
        assert picture[60:180, 80:160].std() < 8
        assert picture[120:230, 240:310].std() > 60


def test_one_person_can_be_left_visible(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", draw=stripes)
    people = {1: standing(BOX), 2: standing((0.7, 0.25, 0.2, 0.5))}

    written = annotated(video, people, blur=AllBut(2), layers=NOTHING)

    for _, picture in pictures_in(written.path):
        assert picture[60:180, 80:160].std() < 8
        assert picture[60:180, 230:280].std() > 60


def test_masked_areas_are_covered_where_something_is_blurred(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", draw=stripes)
    zones = tmp_path / "zones.json"
    square = [[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1]]
    zones.write_text(f'{{"version": 1, "masks": [{{"name": "till", "polygon": {square}}}]}}')

    written = annotated(video, {}, blur="people", zones=zones, layers=NOTHING)

    for _, picture in pictures_in(written.path):
        assert picture[124:236, 164:316].std() < 8
        assert picture[:116].std() > 60


SQUARE = ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0))


def is_square_covered(out: Path) -> bool:
    """Tells whether fine stripes are covered in SQUARE of every frame, and visible above it."""
    pictures = [picture for _, picture in pictures_in(out)]
    assert all(picture[:116].std() > 60 for picture in pictures)
    return all(picture[124:236, 164:316].std() < 8 for picture in pictures)


def test_masks_of_the_tracking_are_covered_whatever_the_zones_are_today(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", draw=stripes)
    results_of(video, {}, tmp_path / "results", provenance=Provenance(masked_areas=1, masks=(SQUARE,)))
    out = tmp_path / "out.webm"

    annotate_video(video, tmp_path / "results", out, blur="people", layers=NOTHING)
    assert is_square_covered(out)
    annotate_video(video, tmp_path / "results", out, layers=NOTHING)
    assert not is_square_covered(out)


def test_masks_of_a_result_in_memory_are_covered(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", frames=10, draw=stripes)
    result = track_video(video, detector=load_detector("hog"), reidentifier=None, masks=(SQUARE,))

    annotate_video(video, result, tmp_path / "out.webm", blur="people", layers=NOTHING)

    assert is_square_covered(tmp_path / "out.webm")


@pytest.mark.parametrize("provenance", [{"masked_areas": 1}, {"masked_areas": 1, "masks": UNKNOWN}])
def test_masks_whose_place_is_not_known_are_needed_to_blur(
    provenance: dict[str, object], tmp_path: Path
) -> None:
    video = write_video(tmp_path / "video.mp4", draw=stripes)
    results_of(video, {}, tmp_path / "results")
    job = tmp_path / "results" / "job.json"
    job.write_text(json.dumps({**json.loads(job.read_text()), "provenance": provenance}))
    out = tmp_path / "out.webm"

    with pytest.raises(AnnotationError, match=r"searched: 1\. .*the zones have 0 masks.*--zones FILE"):
        annotate_video(video, tmp_path / "results", out, blur="faces", layers=NOTHING)
    assert not out.exists()
    annotate_video(video, tmp_path / "results", out, layers=NOTHING)
    zones = ZonesFile(masks=(Mask("till", SQUARE),))
    annotate_video(video, tmp_path / "results", out, blur="faces", zones=zones, layers=NOTHING)
    assert is_square_covered(out)


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_the_video_itself_is_never_replaced(link: Callable[[Path, Path], None], tmp_path: Path) -> None:
    annotated(write_video(tmp_path / "first.mp4", frames=5), {})
    video = tmp_path / "first.webm"
    link(tmp_path / "link.webm", video)
    results_of(video, {}, tmp_path / "results")
    before = video.read_bytes()

    for out in (video, tmp_path / "link.webm"):
        with pytest.raises(AnnotationError, match=r"is the video itself; choose another file"):
            annotate_video(video, tmp_path / "results", out)
    assert video.read_bytes() == before


def test_sound_stays_in_step_and_ends_with_the_pictures(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", sounds=[Sound(click_s=1.2, end_s=5)])

    written = annotated(video, {})

    sound = sound_in(written.path)
    assert written.has_sound
    assert click_s(sound) == pytest.approx(1.2, abs=0.02)
    assert len(sound) / 48_000 == pytest.approx(2, abs=0.05)
    with av.open(written.path) as file:
        assert file.streams.audio[0].codec_context.name == "opus"


@pytest.mark.parametrize(
    ("suffix", "late_s"),
    # AVI does not say that the encoder of AAC began with 1,024 samples of silence.
    [(".mp4", 0), (".mov", 0), (".mkv", 0), (".ts", 0), (".avi", 1024 / SAMPLE_RATE)],
)
def test_sound_of_every_container_stays_in_step(suffix: str, late_s: float, tmp_path: Path) -> None:
    video = write_video(tmp_path / f"video{suffix}", sounds=[Sound(click_s=1.2)])

    written = annotated(video, {})

    assert click_s(sound_in(written.path)) == pytest.approx(1.2 + late_s, abs=0.02)
    assert pictures_in(written.path)[0][0] == 0


@pytest.mark.parametrize(
    "sound", [Sound(click_s=1.2, start_s=0.7), Sound(click_s=1.2, gap_s=(0.3, 0.9)), Sound(1.2, end_s=1.5)]
)
def test_sound_with_a_late_start_a_gap_or_an_early_end_stays_in_step(sound: Sound, tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mkv", sounds=[sound])

    assert click_s(sound_in(annotated(video, {}).path)) == pytest.approx(1.2, abs=0.02)


def test_of_several_sound_tracks_one_is_copied_and_that_is_said(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", sounds=[Sound(click_s=0.5), Sound(click_s=1.5)])

    written = annotated(video, {})

    assert click_s(sound_in(written.path)) == pytest.approx(0.5, abs=0.02)
    assert written.warnings == ("the video has 2 sound tracks; only one of them was copied",)


def test_sound_is_left_out_where_something_is_blurred_unless_it_is_wanted(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", sounds=[Sound(click_s=1.2)])

    silent = annotated(video, {}, blur="people")
    with av.open(silent.path) as file:
        assert not file.streams.audio
    assert not silent.has_sound
    assert annotated(video, {}, blur="people", keep_sound=True).has_sound


def test_metadata_of_the_source_is_not_copied(tmp_path: Path) -> None:
    secret = {"location": "+52.5-013.4/", "title": "Hof", "creation_time": "2026-03-02T09:00:00Z"}
    video = write_video(tmp_path / "video.mp4", metadata=secret)

    written = annotated(video, {})

    with av.open(written.path) as file:
        assert set(file.metadata) <= {"ENCODER"}
    assert not any(text.encode() in written.path.read_bytes() for text in ("+52.5", "Hof", "2026-03-02"))


def test_a_result_of_track_video_can_be_drawn(tmp_path: Path) -> None:
    class Standing:
        name = "standing"

        def detect(self, image: np.ndarray) -> object:
            from people_pathing.engine import FrameDetections

            height, width = image.shape[:2]
            box = np.array([[0.25 * width, 0.25 * height, 0.5 * width, 0.75 * height]], np.float32)
            return FrameDetections(box, np.array([0.9], np.float32))

        def input_size(self, width: int, height: int) -> tuple[int, int]:
            return width, height

    video = write_video(tmp_path / "video.mp4", draw=stripes)
    result = track_video(video, detector=Standing(), reidentifier=None)  # type: ignore[arg-type]
    assert len(result) == 1

    written = annotate_video(video, result, tmp_path / "out.webm", blur="people", layers=NOTHING)

    for _, picture in pictures_in(written.path):
        assert picture[60:180, 80:160].std() < 8


def test_damaged_frames_are_missing_and_that_is_said(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "video.ts", frames=60, codec="mpeg2video", container="mpegts")
    content = bytearray(video.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2000] = bytes(2000)
    folder = tmp_path / "results"
    results_of(video, {}, folder)
    video.write_bytes(content)

    written = annotate_video(video, folder, tmp_path / "out.webm", layers=NOTHING)

    copied = pictures_in(written.path)
    assert 30 < written.frame_count == len(copied) <= 60
    for time_s, picture in copied[-5:]:
        assert number_in(picture) == round(time_s * 30)


def test_results_of_another_video_are_refused(tmp_path: Path) -> None:
    videos = [
        write_video(tmp_path / name, **options)  # type: ignore[arg-type]
        for name, options in {
            "a.mp4": {},
            "long.mp4": {"frames": 75},
            "large.mp4": {"size": (640, 480)},
        }.items()
    ]
    results_of(videos[0], {}, tmp_path / "a")

    for video, problem in zip(videos[1:], ("it is 3.0 s long", "640x480"), strict=True):
        with pytest.raises(AnnotationError, match=problem):
            annotate_video(video, tmp_path / "a", tmp_path / "out.webm")
    other_rate = write_clip(tmp_path / "rate.mp4", frames=60, rate=30, size=(320, 240))
    with pytest.raises(AnnotationError, match="30 frames per second, the results 25"):
        annotate_video(other_rate, tmp_path / "a", tmp_path / "out.webm")
    assert not (tmp_path / "out.webm").exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"blur": AllBut(4)}, "there is no person 4 in the results; they have 0"),
        ({"blur": "heads"}, 'blur must be "faces", "people" or AllBut'),
        ({"codec": "h264"}, "codec must be vp9 or av1, not 'h264'"),
        ({"crf": 64}, "crf must be a whole number from 0 to 63, not 64"),
        ({"timezone": "Mars"}, "'Mars' is not a time zone"),
        ({"zones": __file__}, "is not JSON"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(
    options: dict[str, object], problem: str, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "video.mp4", frames=5)

    with pytest.raises(AnnotationError, match=problem):
        annotated(video, {0: standing(BOX, until_ms=200)}, **options)

    assert not list(tmp_path.glob("*.webm"))


def test_a_name_of_another_format_and_a_folder_without_results_are_refused(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", frames=5)

    with pytest.raises(AnnotationError, match=r"must end with \.webm"):
        annotate_video(video, tmp_path, tmp_path / "out.mp4")
    with pytest.raises(StoredResultError, match="is not a folder with result files"):
        annotate_video(video, tmp_path, tmp_path / "out.webm")


def test_an_interrupted_copy_leaves_nothing_and_keeps_the_older_file(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4")
    out = video.with_suffix(".webm")
    out.write_bytes(b"older")

    def stop(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        annotated(video, {}, on_progress=stop)

    assert out.read_bytes() == b"older"
    assert {path.name for path in tmp_path.iterdir()} == {"video.mp4", "video.results", "video.webm"}


def test_progress_ascends_to_one(tmp_path: Path) -> None:
    shares: list[float] = []

    annotated(write_video(tmp_path / "video.mp4"), {}, on_progress=shares.append)

    assert shares == sorted(shares)
    assert (len(shares) > 50, shares[-1]) == (True, 1.0)


def test_the_encoder_writes_nothing_to_standard_error(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", frames=5)
    results_of(video, {}, tmp_path / "results")
    program = (
        "import sys; from people_pathing import annotate_video; annotate_video(*sys.argv[1:], codec='av1')"
    )
    paths = [str(video), str(tmp_path / "results"), str(tmp_path / "out.webm")]

    completed = subprocess.run(
        [sys.executable, "-c", program, *paths], capture_output=True, text=True, check=True
    )

    assert (completed.stdout, completed.stderr) == ("", "")


def test_the_same_input_gives_the_same_pictures_twice(tmp_path: Path) -> None:
    video = write_video(tmp_path / "video.mp4", draw=numbered)
    people = {0: standing(BOX), 1: standing((0.6, 0.2, 0.2, 0.4))}

    first = pictures_in(annotated(video, people, layers=Layers()).path)
    second = pictures_in(annotated(video, people, layers=Layers()).path)

    assert all((one[1] == other[1]).all() for one, other in zip(first, second, strict=True))
