"""Other trackers follow people along known paths on stored detections."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.engine.detecting import Detected
from benchmarks.engine.ground_truth import Labelled
from benchmarks.engine.peers import running
from benchmarks.engine.peers.running import PEERS, Peer, PeerError, run_peer, skip_reason
from benchmarks.engine.scoring import evaluate
from people_pathing.engine import Detections, VideoMetadata
from people_pathing.engine.detections import FIXED_CAMERA
from tests.clips import write_clip

FRAMES, RATE, SIZE = 40, 10, (320, 240)


@pytest.fixture(scope="module")
def detected(tmp_path_factory: pytest.TempPathFactory) -> Detected:
    """Two people who walk side by side, and their exact detections."""
    folder = tmp_path_factory.mktemp("peers")
    video = write_clip(folder / "walk.mp4", frames=FRAMES, rate=RATE, size=SIZE)
    left = np.add.outer(2.0 * np.arange(FRAMES), [20, 150]).ravel()
    rows = np.repeat(np.arange(FRAMES, dtype=np.int32), 2)
    boxes = np.stack([left, np.full_like(left, 60), left + 40, np.full_like(left, 180)], axis=1)
    detections = Detections(
        frame_numbers=np.arange(FRAMES),
        timestamps_us=np.arange(FRAMES) * 1_000_000 // RATE,
        searched=np.ones(FRAMES, np.bool_),
        cuts=np.zeros(FRAMES, np.bool_),
        camera_steps=np.tile(np.array(FIXED_CAMERA, np.float32), (FRAMES, 1)),
        frame_count=FRAMES,
        expected_frame_count=FRAMES,
        rows=rows,
        boxes=boxes.astype(np.float32),
        scores=np.full(2 * FRAMES, 0.9, np.float32),
        descriptors=np.empty((2 * FRAMES, 0), np.uint8),
    )
    file = folder / "walk.npz"
    with file.open("wb") as opened:
        detections.save(opened)
    truth = np.column_stack(
        [rows + 1, np.tile([1, 2], FRAMES), boxes[:, :2], boxes[:, 2:] - boxes[:, :2], np.ones(2 * FRAMES)]
    )
    metadata = VideoMetadata("h264", "MP4", FRAMES * 1000 // RATE, RATE, *SIZE, None)
    return Detected(Labelled("walk", video, truth), metadata, file)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_tracker_follows_two_people(peer: Peer, detected: Detected) -> None:
    if reason := skip_reason(peer):
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)

    rows, seconds = run_peer(peer, detected)

    score = evaluate(detected.labelled, rows)
    # Some report a person from the third or fourth frame on.
    assert score.mota >= 85
    assert score.switches == 0
    assert seconds.processor > 0


def test_a_failure_is_reported_with_its_last_line(detected: Detected) -> None:
    with pytest.raises(PeerError, match=r"Unknown failed: .*invalid choice"):
        run_peer(Peer("unknown", "Unknown"), detected)


def test_trackers_are_skipped_with_the_reason_if_their_environment_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PEERS_ENVIRONMENT", tmp_path)

    assert "make bench-engine" in str(skip_reason(Peer("norfair", "norfair", tmp_path / "bin" / "python")))
    assert skip_reason(Peer("botsort", "BoT-SORT")) is None
