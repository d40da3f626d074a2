import io
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import people_pathing.engine.detections as detections_module
from people_pathing.engine.detections import FACE, Detections, DetectionsWriter, RowsOnDisk, concatenate


def detections(seed: int, *, sampled: int = 3, each: int = 2) -> Detections:
    """Detections in a stretch of 2 * sampled frames, with every second one sampled."""
    random = np.random.default_rng(seed)
    count = sampled * each
    faces = np.zeros((count + 1) // 2, FACE)
    faces["row"], faces["score"] = np.arange(0, count, 2), random.random(len(faces))
    return Detections(
        frame_numbers=np.arange(0, 2 * sampled, 2, dtype=np.int64),
        timestamps_us=np.arange(sampled, dtype=np.int64) * 80_000 + seed * 1_000_000,
        searched=random.random(sampled) > 0.3,
        cuts=random.random(sampled) > 0.7,
        camera_steps=random.random((sampled, 4), np.float32),
        frame_count=2 * sampled,
        expected_frame_count=2 * sampled + 1,
        rows=np.repeat(np.arange(sampled, dtype=np.int32), each),
        boxes=random.random((count, 4), np.float32),
        scores=random.random(count, np.float32),
        descriptors=random.integers(0, 256, (count, 5), np.uint8),
        faces=faces,
        embedding_rows=np.arange(1, count, 2, dtype=np.int64),
        embeddings=random.integers(0, 256, (count // 2, 4), np.uint8),
    )


def assert_same(a: Detections, b: Detections) -> None:
    assert (a.frame_count, a.expected_frame_count) == (b.frame_count, b.expected_frame_count)
    for field in fields(Detections):
        if field.type != "int":
            one, other = getattr(a, field.name)[:], getattr(b, field.name)[:]
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


def test_saved_detections_load_unchanged_and_save_to_the_same_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    detections(1).save(first)
    loaded = Detections.load(io.BytesIO(first.getvalue()))
    loaded.save(second)
    assert_same(loaded, detections(1))
    assert first.getvalue() == second.getvalue()


def test_detections_are_shown_in_one_short_line_without_arrays() -> None:
    shown = repr(detections(1, sampled=3, each=2))

    assert shown.startswith("Detections(6 in 3 sampled frames of ")
    assert "array" not in shown
    assert len(shown) < 60


def test_a_file_without_detections_is_rejected() -> None:
    other = io.BytesIO()
    np.savez(other, something=np.zeros(3))
    for content in (b"", b"not a zip file", other.getvalue()):
        with pytest.raises(ValueError, match=r"not detections as Detections\.save writes them"):
            Detections.load(io.BytesIO(content))


def test_concatenation_counts_frames_and_rows_from_the_first_part() -> None:
    joined = concatenate([detections(0), detections(1, sampled=0), detections(2, sampled=1)])
    assert joined.frame_count == 8
    assert joined.frame_numbers.tolist() == [0, 2, 4, 6]
    assert joined.timestamps_us.tolist() == [0, 80_000, 160_000, 2_000_000]
    assert joined.rows.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    np.testing.assert_array_equal(joined.boxes[6:], detections(2, sampled=1).boxes)
    assert joined.faces["row"].tolist() == [0, 2, 4, 6]
    assert joined.faces["score"][3] == detections(2, sampled=1).faces["score"][0]


def test_concatenation_does_not_change_the_parts() -> None:
    parts = [detections(0), detections(1)]
    concatenate(parts)
    assert_same(parts[1], detections(1))


def test_concatenation_of_no_parts_has_no_frames() -> None:
    empty = concatenate([])
    assert (empty.frame_count, len(empty), empty.boxes.shape) == (0, 0, (0, 4))


def test_many_descriptors_are_read_from_disk_like_an_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detections_module, "SPILL_BYTES", 16)
    parts = [detections(seed) for seed in range(3)]
    everything = np.concatenate([part.descriptors[:] for part in parts])
    stored = concatenate(parts).descriptors
    assert isinstance(stored, RowsOnDisk)
    assert (stored.shape, len(stored)) == (everything.shape, 18)
    np.testing.assert_array_equal(stored[:], everything)
    np.testing.assert_array_equal(stored[4:7], everything[4:7])
    np.testing.assert_array_equal(stored[np.array([17, 0, 5])], everything[[17, 0, 5]])
    np.testing.assert_array_equal(stored[9:2], everything[9:2])


def resident_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc shows the resident memory")
def test_reading_rows_from_disk_does_not_fill_the_memory() -> None:
    size_bytes, row_bytes = 64 << 20, 256
    rows = RowsOnDisk(row_bytes)
    for _ in range(64):
        rows.append(bytes(size_bytes // 64))
    before_bytes = resident_bytes()
    for first in range(0, len(rows), 64):
        assert rows[np.arange(first, first + 64)].shape == (64, row_bytes)
    assert resident_bytes() - before_bytes < size_bytes / 4


def test_descriptors_of_another_size_are_rejected() -> None:
    writer = DetectionsWriter()
    writer.append(detections(1))
    wider = replace(detections(2), descriptors=np.zeros((6, 7), np.uint8))
    with pytest.raises(ValueError, match="changes from 5 to 7 bytes"):
        writer.append(wider)
