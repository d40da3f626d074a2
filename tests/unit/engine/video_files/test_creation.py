from pathlib import Path

import av
import pytest

from people_pathing.engine import read_metadata
from people_pathing.engine.video_files.creation import creation_ms
from tests.clips import write_clip

NINE_IN_BERLIN = 1_772_438_400_000


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("text", ["2026-03-02T08:00:00.000000Z", "2026-03-02T09:00:00+01:00"])
def test_the_creation_time_in_a_file_is_read(tmp_path: Path, suffix: str, text: str) -> None:
    plain = write_clip(tmp_path / f"plain.{suffix}")
    dated = tmp_path / f"dated.{suffix}"
    with av.open(plain) as source, av.open(dated, "w") as target:
        target.metadata["creation_time"] = text
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)

    assert read_metadata(plain).created_ms is None
    assert read_metadata(dated).created_ms == NINE_IN_BERLIN


def test_the_creation_date_of_a_phone_comes_first() -> None:
    tags = {
        "creation_time": "2026-05-01T00:00:00Z",
        "com.apple.quicktime.creationdate": "2026-03-02T09:00:00+0100",
    }

    assert creation_ms(tags) == NINE_IN_BERLIN


@pytest.mark.parametrize("text", ["", "yesterday", "2026-03-02", "2026-03-02T09:00:00", "9" * 50])
def test_a_text_that_is_no_time_in_a_zone_is_not_used(text: str) -> None:
    assert creation_ms({"creation_time": text}) is None
