"""Whether an MP4 file has lost its index."""

from __future__ import annotations

import io

import pytest

from people_pathing.engine.video_files.mp4_index import lacks_index


def box(kind: bytes, content: bytes = b"", length: int | None = None) -> bytes:
    return (8 + len(content) if length is None else length).to_bytes(4) + kind + content


FILE_TYPE = box(b"ftyp", b"isom")
LONG_BOX = (1).to_bytes(4) + b"mdat" + (16 + 5).to_bytes(8) + b"12345"


@pytest.mark.parametrize(
    ("content", "lacks"),
    [
        (FILE_TYPE + box(b"mdat", b"123") + box(b"moov", b"12"), False),
        (FILE_TYPE + LONG_BOX + box(b"moov", b"12"), False),
        (FILE_TYPE + box(b"moov", b"12", length=0), False),
        (FILE_TYPE + box(b"mdat", b"123") + box(b"moov", b"12")[:-1], True),
        (FILE_TYPE + box(b"mdat", b"123", length=0), True),
        (FILE_TYPE + box(b"mdat", b"123"), True),
        (FILE_TYPE + LONG_BOX, True),
        (FILE_TYPE + box(b"mdat", b"123", length=9000), True),
        # A recorder that was switched off has written no length.
        (FILE_TYPE + box(b"mdat", b"123", length=3), True),
        (FILE_TYPE[:6], False),
        (b"These are my holiday notes, not a video.", False),
        (b"", False),
    ],
)
def test_an_mp4_file_lacks_its_index_if_no_whole_box_of_the_index_is_there(
    content: bytes, lacks: bool
) -> None:
    assert lacks_index(io.BytesIO(content), len(content)) is lacks
