"""What happens when Lambda imports the service's handlers."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from people_pathing.service.composition.api import compose_operations
from people_pathing.service.composition.finish import compose_finish
from people_pathing.service.composition.sweep import compose_sweep

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "ARTIFACT_BUCKET": "artifacts",
    "JOB_STORE_TABLE": "jobs",
    "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:track",
    "MAX_CONCURRENT_JOBS": "20",
    "VIDEO_BUCKETS": "videos",
    "NOTIFICATION_ROLE_ARNS": "arn:aws:iam::123456789012:role/completion",
    "SERVICE_ROLE_ARNS": "arn:aws:iam::123456789012:role/service",
}
COMPOSERS = {"api": compose_operations, "finish": compose_finish, "sweep": compose_sweep}


@pytest.fixture(autouse=True)
def _nothing_composed() -> Iterator[None]:
    for compose in COMPOSERS.values():
        compose.cache_clear()
    yield
    for compose in COMPOSERS.values():
        compose.cache_clear()


@pytest.mark.parametrize("name", COMPOSERS)
def test_lambda_creates_the_clients_when_it_imports_the_handler(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)

    importlib.reload(importlib.import_module(f"people_pathing.service.handlers.{name}"))

    assert COMPOSERS[name].cache_info().currsize == 1


@pytest.mark.parametrize("name", COMPOSERS)
def test_a_handler_can_be_imported_without_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ENVIRONMENT:
        monkeypatch.delenv(variable, raising=False)

    importlib.reload(importlib.import_module(f"people_pathing.service.handlers.{name}"))

    assert COMPOSERS[name].cache_info().currsize == 0


def test_the_worker_imports_libraries_and_the_reader_of_masks_only_when_a_step_needs_them() -> None:
    program = "import sys, people_pathing.service.handlers.worker; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    imported = set(ran.stdout.split())

    assert "boto3" in imported
    late = {"av", "cv2", "numpy", "onnx", "onnxruntime", "zoneinfo", "people_pathing.analysis"}
    assert imported & late == set()
