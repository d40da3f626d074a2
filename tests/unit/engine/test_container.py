import io
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest

from people_pathing.engine.decoding import open_video, read_metadata
from people_pathing.engine.segments import plan_segments
from people_pathing.engine.video import Segment, VideoError
from tests import clips


def test_a_file_with_sound_alone_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"talk\.m4a: has no video stream, only audio"):
        read_metadata(clips.write_sound(tmp_path / "talk.m4a"))


def test_the_cover_picture_of_a_song_is_not_a_video(tmp_path: Path) -> None:
    song = clips.write_sound(tmp_path / "song.m4a", cover=clips.numbered(5))
    with pytest.raises(VideoError, match=r"song\.m4a: has no video stream, only audio"):
        read_metadata(song)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("text.mp4", b"These are my holiday notes, not a video.\n" * 40),
        ("text.txt", b"These are my holiday notes, not a video.\n" * 40),
        ("random.mp4", np.random.default_rng(1).bytes(5000)),
        (
            "playlist.mp4",
            b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        ),
    ],
)
def test_a_file_that_is_not_a_video_is_rejected_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(VideoError, match=rf"{path}: FFmpeg cannot read this as a video"):
        read_metadata(path)


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
@pytest.mark.parametrize(
    ("options", "cut"),
    [
        ({}, 24),
        ({}, 300),
        # The index is the last box. FFmpeg still reads one that lacks a few bytes.
        ({}, -1000),
        ({"movflags": "faststart"}, 24),
        ({"movflags": "faststart"}, 300),
    ],
)
def test_the_error_for_a_video_that_is_cut_off_names_the_missing_index(
    suffix: str, options: dict[str, str], cut: int, tmp_path: Path
) -> None:
    path = clips.write_clip(tmp_path / f"cut-off.{suffix}", frames=30, container_options=options)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(
        VideoError, match=rf"cut-off\.{suffix}: FFmpeg .*: its index \(moov\) is missing or incomplete"
    ):
        read_metadata(path)


def test_files_that_a_playlist_names_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips.write_clip(tmp_path / "private.mp4")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upload.mp4").write_text("ffconcat version 1.0\nfile private.mp4\n")
    with pytest.raises(VideoError, match=r"upload\.mp4: FFmpeg cannot read this as a video"):
        read_metadata(tmp_path / "upload.mp4")


def test_a_still_image_is_not_a_video(tmp_path: Path) -> None:
    picture = clips.write_clip(
        tmp_path / "photo.png", frames=1, codec="png", pixels="rgb24", container="image2pipe"
    )
    with pytest.raises(VideoError, match=r"photo\.png: a still image"):
        read_metadata(picture)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi", "a.flv"])
@pytest.mark.parametrize("tag", [b"Stra\xdfe im M\xe4rz", b"\xff\xfe\xfd\xfc", b"Stra\xdfe " * 20_000])
def test_metadata_that_is_not_utf_8_is_ignored(tmp_path: Path, name: str, tag: bytes) -> None:
    valid = "x" * len(tag)
    path = clips.write_clip(tmp_path / name, frames=12, codec="mpeg4" if name != "a.flv" else "flv1")
    with av.open(path) as source, av.open(tmp_path / f"tagged-{name}", "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        target.metadata["title"] = valid
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    content = (tmp_path / f"tagged-{name}").read_bytes()
    if valid.encode() not in content:
        pytest.skip("the format keeps no title of this length")
    path.write_bytes(content.replace(valid.encode(), tag))
    with open_video(path) as video:
        assert [frame.timestamp_us // 33_000 for frame in video.frames(Segment(0, 0, None))] == list(
            range(12)
        )


def test_a_metadata_tag_too_short_to_be_found_is_refused_with_advice(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "a.mp4", frames=2)
    content = path.read_bytes()
    encoder = content[content.index(b"Lavf") :].split(b"\0")[0]
    at = content.index(encoder) - 16
    size = int.from_bytes(content[at : at + 4])
    text = b"\xff".ljust(size - 16, b"\0")
    path.write_bytes(content[: at + 16] + text + content[at + size :])
    with pytest.raises(VideoError, match=r"a\.mp4: has metadata that is not UTF-8; remove it: ffmpeg -i IN"):
        read_metadata(path)


def test_errors_name_a_file_object_by_its_own_name() -> None:
    class UploadedVideo(io.BytesIO):
        name = "s3://videos/holiday notes.txt"

    with pytest.raises(VideoError, match=r"^s3://videos/holiday notes\.txt: "):
        read_metadata(UploadedVideo(b"not a video"))


def test_a_read_error_is_not_reported_as_a_bad_video() -> None:
    class Unreadable(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("the network is gone")

    with pytest.raises(ConnectionResetError, match="the network is gone"):
        read_metadata(Unreadable(b"x" * 100))
    with pytest.raises(FileNotFoundError):
        read_metadata("nowhere.mp4")


class FailingOnce(io.BytesIO):
    """A file whose nth read fails, as a connection does. Later reads succeed."""

    def __init__(self, content: bytes, failing: int) -> None:
        super().__init__(content)
        self.failing = failing
        self.reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads == self.failing:
            raise TimeoutError("the connection timed out")
        return super().read(size)


@pytest.mark.parametrize(
    "name", ["index-at-end.mp4", "index-first.mp4", "b.mkv", "c.ts", "d.avi", "e.flv", "f.mpg"]
)
def test_a_read_that_fails_at_any_point_is_raised_or_repeated_and_never_taken_for_the_end_or_for_damage(
    tmp_path: Path, name: str
) -> None:
    def noise(number: int, width: int, height: int) -> clips.Picture:
        return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)

    codec = {".avi": "mpeg4", ".mpg": "mpeg2video", ".flv": "flv1"}.get(name[-4:], "libx264")
    options = {"movflags": "faststart"} if name == "index-first.mp4" else None
    content = clips.write_clip(
        tmp_path / name, frames=60, size=(160, 96), codec=codec, draw=noise, container_options=options
    ).read_bytes()

    def frame_count(failing: int) -> tuple[int, int]:
        file = FailingOnce(content, failing)
        segments = plan_segments(file, count=3)[1]
        shown = 0
        for segment in segments:
            with open_video(file) as video:
                shown += sum(1 for _ in video.frames(segment))
        return shown, file.reads

    frames, reads = frame_count(failing=0)
    assert frames == 60
    assert reads >= 20
    raised = 0
    for failing in range(1, reads + 1):
        shown = None
        with suppress(TimeoutError):
            shown, _ = frame_count(failing)
        raised += shown is None
        # What was read ahead may not have been needed, and is read again later.
        assert shown in {None, frames}
    assert raised > reads * 0.8
