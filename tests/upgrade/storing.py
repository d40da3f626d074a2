"""Makes `stored.tar.xz`: what the previous release stored about three videos.

    python -m tests.upgrade.storing

Deploys the previous release. One job has ended, one is in the middle of its execution, and one waits.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

from devstack.stack import LocalStack
from tests.stack.walkers import write_clip
from tests.upgrade.held_steps import HeldSteps
from tests.upgrade.scenario import (
    FRAME_COUNT,
    WALKERS,
    deployed,
    get_all_pages,
    job_of,
    parameters,
    previous_release,
    start,
    wait_for_job,
    wait_until_waiting,
)
from tests.upgrade.stored import ARCHIVE

TOKEN = "running"


def main() -> None:
    """Deploys the previous release, starts three jobs and writes what is stored about them."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "hold").mkdir()
        steps = HeldSteps(folder / "hold")
        clip = folder / "walkers.mp4"
        write_clip(clip, WALKERS, FRAME_COUNT)
        release = previous_release(folder, steps)
        with LocalStack(parameters=parameters(), on_step=print, release=release) as stack:
            pipeline = deployed(stack)
            record = wait_for_job(pipeline, pipeline.upload(clip, "finished.mp4"))
            pages = get_all_pages(stack, job_of(record))
            steps.hold_next()
            job_id = start(stack, TOKEN, "finished.mp4")
            steps.wait_until_held(1)
            steps.hold_next()
            pipeline.upload(clip, "running.mp4")
            steps.wait_until_held(2)
            wait_until_waiting(pipeline, pipeline.upload(clip, "waiting.mp4"))
            write(stack, folder / "stored", pages, job_id)
            steps.release()
        with tarfile.open(ARCHIVE, "w:xz") as archive:
            for path in sorted(one for one in (folder / "stored").rglob("*") if one.is_file()):
                # Without a time and an owner, equal content makes equal archives.
                member = tarfile.TarInfo(str(path.relative_to(folder / "stored")))
                member.size = path.stat().st_size
                with path.open("rb") as file:
                    archive.addfile(member, file)


def write(stack: LocalStack, folder: Path, pages: list[dict[str, Any]], job_id: str) -> None:
    """Writes items, objects, pages and the requests that were sent."""
    folder.mkdir()
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    for name in ("JobStoreTable", "JobTable"):
        items = dynamodb.scan(TableName=stack.outputs[f"{name}Name"])["Items"]
        (folder / f"{name}.json").write_text(json.dumps(items, indent=1, sort_keys=True, default=bytes.hex))
    for bucket in ("ArtifactBucket", "ResultsBucket"):
        name = stack.outputs[f"{bucket}Name"]
        for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
            path = folder / bucket / found["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(s3.get_object(Bucket=name, Key=found["Key"])["Body"].read())
    facts = {
        "now_ms": time.time_ns() // 1_000_000,
        "pages": pages,
        "started": {"token": TOKEN, "job_id": job_id, "bucket": stack.outputs["VideoBucketName"]},
    }
    (folder / "facts.json").write_text(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
