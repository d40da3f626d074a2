import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from people_pathing.engine.decoding import open_video, read_metadata
from people_pathing.engine.video import Segment
from people_pathing.engine.video_files.display import PERSPECTIVE_ONE, display
from tests import clips
from tests.unit.engine.video_files.camera_files import UNITY, with_exif, with_matrix

WHOLE = Segment(0, 0, None)
WIDTH, HEIGHT = 96, 64
QUARTERS = np.array([[10, 90], [170, 250]], np.uint8)


def quarters(_number: int, width: int, height: int) -> clips.Picture:
    """Draws four quarters of different brightness."""
    picture = QUARTERS.repeat(height // 2, axis=0).repeat(width // 2, axis=1)
    return picture[:, :, None].repeat(3, axis=2)


def matrix(a: int, b: int, c: int, d: int) -> list[int]:
    """Returns the display matrix that takes (x, y) to (a x + c y, b x + d y), plus a shift."""
    x = (WIDTH if a < 0 else 0) + (HEIGHT if c < 0 else 0)
    y = (WIDTH if b < 0 else 0) + (HEIGHT if d < 0 else 0)
    return [a * UNITY, b * UNITY, 0, c * UNITY, d * UNITY, 0, x * UNITY, y * UNITY, PERSPECTIVE_ONE]


def shown(path: Path) -> list[list[int]]:
    """Returns the brightness of the quarters as the decoder shows them."""
    with open_video(path) as video:
        frame = next(video.frames(WHOLE))
        image = video.image(frame, video.width_px, video.height_px)
        grey = video.grey_image(frame, video.width_px, video.height_px)
    height, width = image.shape[:2]
    assert grey.shape == (height, width)
    means = image.reshape(2, height // 2, 2, width // 2, 3).mean(axis=(1, 3, 4))
    return [[round(float(value)) // 80 * 80 + 10 for value in row] for row in means]


@pytest.mark.parametrize(
    "entries",
    [
        (1, 0, 0, 1),
        (-1, 0, 0, 1),
        (1, 0, 0, -1),
        (-1, 0, 0, -1),
        (0, 1, 1, 0),
        (0, 1, -1, 0),
        (0, -1, 1, 0),
        (0, -1, -1, 0),
    ],
)
def test_a_picture_is_mirrored_and_turned_as_its_matrix_says(
    tmp_path: Path, entries: tuple[int, int, int, int]
) -> None:
    path = with_matrix(
        tmp_path / "front.mp4", matrix(*entries), frames=2, size=(WIDTH, HEIGHT), draw=quarters
    )
    # An oracle that moves the centre of each quarter by the matrix.
    a, b, c, d = entries
    expected = np.zeros((2, 2), int)
    for row in (0, 1):
        for column in (0, 1):
            x, y = 2 * column - 1, 2 * row - 1
            expected[(b * x + d * y + 1) // 2, (a * x + c * y + 1) // 2] = QUARTERS[row, column]
    assert shown(path) == expected.tolist()
    metadata = read_metadata(path)
    size = (WIDTH, HEIGHT) if a else (HEIGHT, WIDTH)
    assert (metadata.frame_width, metadata.frame_height) == size


def test_the_matrix_may_also_scale(tmp_path: Path) -> None:
    doubled = [2 * one for one in matrix(-1, 0, 0, 1)[:8]] + [PERSPECTIVE_ONE]
    path = with_matrix(tmp_path / "a.mp4", doubled, frames=2, size=(WIDTH, HEIGHT), draw=quarters)
    assert shown(path) == QUARTERS[:, ::-1].tolist()


@pytest.mark.parametrize(
    "entries",
    [
        [0] * 9,
        [UNITY, 0, 1 << 20, 0, UNITY, 0, 0, 0, PERSPECTIVE_ONE],
        [46341, 46341, 0, -46341, 46341, 0, 0, 0, PERSPECTIVE_ONE],
    ],
)
def test_any_other_matrix_is_reported(
    tmp_path: Path, entries: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    path = with_matrix(tmp_path / "a.mp4", entries, frames=2, size=(WIDTH, HEIGHT), draw=quarters)
    with caplog.at_level(logging.WARNING), open_video(path) as video:
        assert (video.width_px, video.height_px) in [(WIDTH, HEIGHT), (HEIGHT, WIDTH)]
    if any(entries):
        assert "a.mp4" in caplog.text


@pytest.mark.parametrize("name", ["photo.avi", "photo.mov"])
@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, QUARTERS),
        (2, QUARTERS[:, ::-1]),
        (3, QUARTERS[::-1, ::-1]),
        (4, QUARTERS[::-1]),
        (5, QUARTERS.T),
        (6, QUARTERS.T[:, ::-1]),
        (8, QUARTERS.T[::-1]),
    ],
)
def test_a_picture_is_shown_as_its_exif_says(
    tmp_path: Path, name: str, orientation: int, expected: NDArray[np.uint8]
) -> None:
    path = with_exif(tmp_path / name, orientation, frames=2, size=(WIDTH, HEIGHT), draw=quarters)
    assert shown(path) == expected.tolist()


def anamorphic(path: Path, ratio: Fraction, rotation: int = 0) -> Path:
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.sample_aspect_ratio = ratio
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(2):
            frame = VideoFrame.from_ndarray(quarters(number, WIDTH, HEIGHT), "rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", ["tape.mp4", "tape.mkv"])
@pytest.mark.parametrize(
    ("ratio", "rotation", "size"),
    [
        (Fraction(4, 3), 0, (128, 64)),
        (Fraction(2, 3), 0, (64, 64)),
        (Fraction(4, 3), 90, (64, 128)),
        (Fraction(1), 0, (96, 64)),
    ],
)
def test_pixels_that_are_no_squares_are_stretched(
    tmp_path: Path, name: str, ratio: Fraction, rotation: int, size: tuple[int, int]
) -> None:
    path = anamorphic(tmp_path / name, ratio, rotation)
    metadata = read_metadata(path)
    assert (metadata.frame_width, metadata.frame_height) == size
    expected = np.rot90(QUARTERS, rotation // 90)
    assert shown(path) == expected.tolist()


@pytest.mark.parametrize("ratio", [Fraction(100), Fraction(1, 100), Fraction(8)])
def test_an_impossible_pixel_ratio_is_reported_and_ignored(
    ratio: Fraction, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        shape = display("tape.mkv", (1920, 1080), None, ratio, max_pixels=4096 * 2304)
    assert (shape.width_px, shape.height_px) == (1920, 1080)
    assert f"tape.mkv: pixels of the shape {ratio} are taken for squares" in caplog.text
