"""The trackers that the engine is compared with, and how they are run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.engine.detecting import Detected
from benchmarks.timing import Seconds

ROOT = Path(__file__).parents[3]
PEERS_ENVIRONMENT = ROOT / ".venv-peers"
PEERS_PYTHON = PEERS_ENVIRONMENT / "bin" / "python"
SCRIPT = Path(__file__).with_name("process.py")
TIMEOUT_S = 1800


@dataclass(frozen=True, slots=True)
class Peer:
    """A tracker to compare with.

    Attributes:
        name: its name in `process.MAKERS`.
        title: its name in tables.
        python: the interpreter that has its package.
        sees_pictures: whether it compensates for the camera's motion, which needs the pictures.
    """

    name: str
    title: str
    python: Path = Path(sys.executable)
    sees_pictures: bool = False


PEERS = (
    Peer("bytetrack", "ByteTrack, live"),
    Peer("botsort", "BoT-SORT, live"),
    Peer("botsort-camera", "BoT-SORT with camera motion, live", sees_pictures=True),
    Peer("ocsort", "OC-SORT, live"),
    Peer("cbiou", "C-BIoU, live"),
    Peer("sort", "SORT, live"),
    Peer("supervision", "supervision's ByteTrack, live", PEERS_PYTHON),
    Peer("norfair", "norfair, live", PEERS_PYTHON),
    Peer("motpy", "motpy, live", PEERS_PYTHON),
)


class PeerError(Exception):
    """A tracker cannot be run. The message says why."""


def skip_reason(peer: Peer) -> str | None:
    """Returns why a tracker cannot be run here; None if it can."""
    environment = peer.python.parents[1]
    if environment == PEERS_ENVIRONMENT and not (environment / "ready").exists():
        return f"{environment.name} is not installed; `make bench-engine` installs it"
    return None


def run_peer(peer: Peer, detected: Detected) -> tuple[list[list[float]], Seconds]:
    """Tracks stored detections.

    Returns:
        MOTChallenge rows, and the processor time of the tracker alone, on both clocks.

    Raises:
        PeerError: The tracker failed.
    """
    detections = detected.load()
    steps_us = np.diff(detections.timestamps_us)
    frame_rate = 1e6 / float(np.median(steps_us)) if len(steps_us) else detected.metadata.frame_rate
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder, "rows.npz")
        command = [peer.python, SCRIPT, peer.name, detected.file, rows, "--frame-rate", str(frame_rate)]
        if peer.sees_pictures:
            command += ["--video", detected.labelled.video]
        ran = subprocess.run(  # noqa: S603 - a script of this project
            list(map(str, command)), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        if ran.returncode:
            raise PeerError(f"{peer.title} failed: {ran.stderr.strip().splitlines()[-1:]}")
        with np.load(rows) as found:
            seconds = float(found["seconds"])
            return found["rows"].tolist(), Seconds(seconds, seconds)
