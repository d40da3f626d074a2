"""Hostile files end with a result or a reason: no step crashes, hangs or needs much memory."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.damaged import damaged_files
from tests.hostile.file import HostileFile, clip
from tests.hostile.foreign import PRIVATE_PATH, PRIVATE_URL, foreign_files
from tests.hostile.jobs import Ending
from tests.hostile.unusual import unusual_videos

REPOSITORY = Path(__file__).parents[2]
TIMEOUT_S = 300
MAX_SECONDS, MAX_MB = 30, 600
"""Limits for one file. The slowest takes about two seconds on two cores, and the largest 360 MB."""

COLLECTION = (*damaged_files(), *unusual_videos(), *foreign_files())


class PrivatePlace:
    """An address on this machine that counts its visitors."""

    def __init__(self) -> None:
        self.visitors = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._count, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _count(self) -> None:
        try:
            while True:
                connection, _ = self._server.accept()
                self.visitors += 1
                connection.close()
        except OSError:
            return


@pytest.fixture(scope="module")
def private_place() -> Iterator[PrivatePlace]:
    place = PrivatePlace()
    yield place
    place.close()


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory, private_place: PrivatePlace) -> dict[str, Ending]:
    """How the job of each file ended, by the file's name."""
    folder = tmp_path_factory.mktemp("hostile")
    private = folder / "private.mp4"
    private.write_bytes(clip("a.mp4"))
    for number, file in enumerate(COLLECTION):
        temporary = tmp_path_factory.mktemp("made")
        content = file.build(temporary)
        content = content.replace(PRIVATE_PATH.encode(), str(private).encode())
        content = content.replace(PRIVATE_URL.encode(), private_place.url.encode())
        (folder / f"{number}.bin").write_bytes(content)
    names = "".join(f"{number}.bin\n" for number in range(len(COLLECTION)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.jobs", str(folder)],
        cwd=REPOSITORY,
        input=names,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    by_number = {int(line["name"].removesuffix(".bin")): Ending(**line) for line in lines}
    return {file.name: by_number[number] for number, file in enumerate(COLLECTION)}


def test_the_collection_has_over_a_hundred_files_with_different_names() -> None:
    assert len({file.name for file in COLLECTION}) == len(COLLECTION) >= 105


@pytest.mark.parametrize("file", COLLECTION, ids=lambda file: file.name)
def test_a_hostile_file_ends_with_a_result_or_a_reason(endings: dict[str, Ending], file: HostileFile) -> None:
    ending = endings[file.name]
    assert ending.kind in ("tracked", "rejected"), ending.message
    assert file.outcome in ("either", ending.kind), ending.message
    assert ending.seconds <= MAX_SECONDS
    assert ending.peak_mb <= MAX_MB
    if ending.kind == "rejected":
        assert ending.message.startswith("s3://hostile/video")
        assert file.advice in ending.message


def test_no_file_makes_the_worker_connect_to_an_address(
    endings: dict[str, Ending], private_place: PrivatePlace
) -> None:
    assert endings
    assert private_place.visitors == 0
