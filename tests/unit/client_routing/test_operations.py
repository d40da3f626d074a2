"""The data files add the two operations to an SDK that drops them, and change no other operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from people_pathing.client_routing.data_files import FOLDER
from tests.unit.client_routing.later_sdk import OPERATIONS, sdk_model, write_later_sdk
from tests.unit.client_routing.offline_client import ROUTE, URL, OfflineClient, write_files

FACTS = ("required", "min", "max", "pattern", "enum", "sensitive")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("models"), ROUTE)


@pytest.fixture(scope="module")
def later_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_later_sdk(tmp_path_factory.mktemp("later-sdk"))


def test_calls_work_with_an_sdk_that_has_dropped_the_operations(later_sdk: Path, folder: Path) -> None:
    assert not hasattr(OfflineClient([later_sdk]).client, "start_person_tracking")
    client = OfflineClient([later_sdk, folder])

    assert client.start().url == URL
    client.reply = json.dumps(
        {"JobStatus": "SUCCEEDED", "Persons": [{"Timestamp": 5, "Person": {"Index": 1}}], "NextToken": "t"}
    ).encode()
    reply = client.client.get_person_tracking(JobId="a-job")
    assert reply["Persons"] == [{"Timestamp": 5, "Person": {"Index": 1}}]
    with pytest.raises(ParamValidationError):
        client.client.start_person_tracking(Video={"S3Object": {"Bucket": 5}})


def test_errors_keep_their_classes_with_an_sdk_that_has_dropped_the_operations(
    later_sdk: Path, folder: Path
) -> None:
    client = OfflineClient([later_sdk, folder])
    client.status = 400
    client.reply = b'{"__type": "IdempotentParameterMismatchException", "Message": "another video"}'

    with pytest.raises(client.client.exceptions.IdempotentParameterMismatchException, match="another video"):
        client.start()


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_operations_are_those_of_the_sdk(later_sdk: Path, folder: Path, name: str) -> None:
    loader = Loader(extra_search_paths=[str(later_sdk), str(folder)])
    ours = ServiceModel(loader.load_service_model("rekognition", "service-2")).operation_model(name)
    theirs = ServiceModel(sdk_model()).operation_model(name)

    assert ours.http == theirs.http
    for kind in ("input_shape", "output_shape"):
        assert _described(getattr(ours, kind)) == _described(getattr(theirs, kind))
    assert [shape.name for shape in ours.error_shapes] == [shape.name for shape in theirs.error_shapes]


def test_no_other_operation_changes_and_the_help_of_the_parameters_stays(
    folder: Path,
) -> None:
    before = sdk_model()
    merged = Loader(extra_search_paths=[str(folder)]).load_service_model("rekognition", "service-2")

    assert {
        name: operation for name, operation in merged["operations"].items() if name not in OPERATIONS
    } == {name: operation for name, operation in before["operations"].items() if name not in OPERATIONS}
    assert {
        name
        for name, shape in before["shapes"].items()
        if merged["shapes"][name] != shape and "PersonTracking" not in name
    } == set()
    video = merged["shapes"]["StartPersonTrackingRequest"]["members"]["Video"]
    assert "video" in video["documentation"]


def test_shapes_that_an_sdk_has_changed_since_stay_as_they_are(tmp_path: Path, folder: Path) -> None:
    model = sdk_model()
    model["shapes"]["EmotionName"]["enum"].append("BORED")
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "service-2.json").write_text(json.dumps(model))

    merged = Loader([str(tmp_path), str(folder)]).load_service_model("rekognition", "service-2")

    assert merged["shapes"]["EmotionName"] == model["shapes"]["EmotionName"]


def _described(shape: Shape) -> Any:
    """Returns a shape and those in it without their names and descriptions."""
    facts = {name: shape.metadata[name] for name in FACTS if name in shape.metadata}
    if isinstance(shape, StructureShape):
        return {**facts, "members": {name: _described(member) for name, member in shape.members.items()}}
    if isinstance(shape, ListShape):
        return {**facts, "member": _described(shape.member)}
    return {**facts, "type": shape.type_name}
