"""The reply of Google Video Intelligence: its members, and how Google's own classes read it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from people_pathing.exports import ExportSource, google
from people_pathing.results.files.job_summary import VideoFile
from tests.unit.exports.stored import METADATA, seen, store

ROOT = Path(__file__).parents[3]
# The client library needs gRPC and 15 other packages, so it has an environment of its own.
GOOGLE_PYTHON = ROOT / ".venv-google" / "bin" / "python"
READ_WITH_GOOGLE = """
import json, sys
from google.cloud import videointelligence_v1, videointelligence_v1p3beta1
for version in (videointelligence_v1, videointelligence_v1p3beta1):
    response = version.AnnotateVideoResponse.from_json(open(sys.argv[1], encoding="utf-8").read())
    [result] = response.annotation_results
    print(json.dumps({
        "uri": result.input_uri,
        "end": result.segment.end_time_offset.total_seconds(),
        "people": [
            [
                [
                    track.segment.start_time_offset.total_seconds(),
                    track.segment.end_time_offset.total_seconds(),
                    track.confidence,
                    [
                        [
                            seen.time_offset.total_seconds(),
                            seen.normalized_bounding_box.left,
                            seen.normalized_bounding_box.top,
                            seen.normalized_bounding_box.right,
                            seen.normalized_bounding_box.bottom,
                        ]
                        for seen in track.timestamped_objects
                    ],
                    len(track.attributes),
                ]
                for track in annotation.tracks
            ]
            for annotation in result.person_detection_annotations
        ],
    }))
"""
PERSONS = [
    seen(0, 0, (0.25, 0.125, 0.5, 0.25)),
    seen(0, 1240, (0.3, 0.1, 0.7000000476837158, 0.9)),
    seen(4, 3_601_000, (0.1, 0.2, 0.05, 0.1)),
]


def exported(folder: Path, persons: list[dict[str, Any]], **changes: Any) -> Any:
    google.write(ExportSource(store(folder, persons, **changes)), folder / "google.json")
    return json.loads((folder / "google.json").read_text("utf-8"))


def test_the_members_are_those_of_the_rest_reference(tmp_path: Path) -> None:
    document = exported(tmp_path, PERSONS[:2])

    assert document == {
        "annotationResults": [
            {
                "inputUri": "s3://videos/lobby/ramp 1.mp4",
                "segment": {"startTimeOffset": "0s", "endTimeOffset": "4.240s"},
                "personDetectionAnnotations": [
                    {
                        "tracks": [
                            {
                                "segment": {"startTimeOffset": "0s", "endTimeOffset": "1.240s"},
                                "timestampedObjects": [
                                    {
                                        "timeOffset": "0s",
                                        "normalizedBoundingBox": {
                                            "left": 0.25,
                                            "top": 0.125,
                                            "right": 0.75,
                                            "bottom": 0.375,
                                        },
                                    },
                                    {
                                        "timeOffset": "1.240s",
                                        "normalizedBoundingBox": {
                                            "left": 0.3,
                                            "top": 0.1,
                                            "right": 1.0,
                                            "bottom": 1.0,
                                        },
                                    },
                                ],
                            }
                        ]
                    }
                ],
            }
        ]
    }


def test_each_person_is_one_annotation_with_one_track(tmp_path: Path) -> None:
    [result] = exported(tmp_path, PERSONS)["annotationResults"]

    assert [len(one["tracks"]) for one in result["personDetectionAnnotations"]] == [1, 1]
    [track] = result["personDetectionAnnotations"][1]["tracks"]
    assert track["segment"] == {"startTimeOffset": "3601s", "endTimeOffset": "3601s"}


def test_a_video_without_people_has_an_empty_list(tmp_path: Path) -> None:
    [result] = exported(tmp_path, [], video=VideoFile("Straße.mp4"))["annotationResults"]

    assert result["personDetectionAnnotations"] == []
    assert result["inputUri"] == "Straße.mp4"


def test_an_observation_without_a_box_has_only_a_time(tmp_path: Path) -> None:
    [result] = exported(tmp_path, [seen(0, 40)])["annotationResults"]

    [annotation] = result["personDetectionAnnotations"]
    assert annotation["tracks"][0]["timestampedObjects"] == [{"timeOffset": "0.040s"}]


def test_what_is_not_known_is_left_out_instead_of_invented(tmp_path: Path) -> None:
    exported(tmp_path, PERSONS)

    text = (tmp_path / "google.json").read_text()
    assert not any(name in text for name in ("confidence", "attributes", "landmarks"))


def test_googles_own_classes_read_the_file(tmp_path: Path) -> None:
    if not GOOGLE_PYTHON.exists():
        reason = "the Google client library is not installed: make .venv-google/ready"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    exported(tmp_path, PERSONS, metadata={**METADATA, "DurationMillis": 3_602_500})

    command = [str(GOOGLE_PYTHON), "-c", READ_WITH_GOOGLE, str(tmp_path / "google.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    stable, beta = map(json.loads, done.stdout.splitlines())
    assert stable == beta
    assert (stable["uri"], stable["end"]) == ("s3://videos/lobby/ramp 1.mp4", 3602.5)
    [[first], [second]] = stable["people"]
    boxes = [pytest.approx([0, 0.25, 0.125, 0.75, 0.375]), pytest.approx([1.24, 0.3, 0.1, 1, 1])]
    assert first == [0, 1.24, 0, boxes, 0]
    assert second == [3601, 3601, 0, [pytest.approx([3601, 0.1, 0.2, 0.15, 0.3])], 0]
