"""Reviewed tracks: which observations they become, and which files are refused."""

import gzip
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from people_pathing.exports import ExportError, ExportSource, cvat
from people_pathing.results.stored_result import StoredResult
from people_pathing.review.cvat_format import CvatError
from people_pathing.review.replacement import write_reviewed
from people_pathing.review.reviewed_tracks import check_reviewed_tracks
from tests.unit.exports.stored import METADATA, seen, store
from tests.unit.exports.walkers import as_rows, results
from tests.unit.review.cvat_files import HEAD, box, track, write_xml, write_zip

BOX = (0.25, 0.125, 0.5, 0.25)
EVERY_SECOND_FRAME = [seen(0, 80 * step, BOX) for step in range(10)]


@pytest.fixture
def original(tmp_path: Path) -> StoredResult:
    """One person is seen in the frames 0, 2, …, 18. Therefore the sampled frames are 0, 2, …, 104."""
    return store(tmp_path / "results", EVERY_SECOND_FRAME)


def reviewed(path: Path, original: StoredResult) -> list[tuple[int, int, float]]:
    """Returns person, frame and left edge in pixels of each observation."""
    tracks = check_reviewed_tracks(path, original)
    return [
        (one.person_index, round(one.timestamp_ms / 40), round(one.box.left * 640, 2))
        for one in tracks.observations()
        if one.box
    ]


@settings(max_examples=60, deadline=None)
@given(results())
def test_an_export_that_is_imported_again_gives_the_same_observations(persons: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        stored = store(Path(folder) / "results", persons, metadata={**METADATA, "DurationMillis": 2400})
        cvat.write(ExportSource(stored), Path(folder) / "cvat.xml")
        (Path(folder) / "new").mkdir()
        write_reviewed(check_reviewed_tracks(Path(folder) / "cvat.xml", stored), Path(folder) / "new")
        people = [(path / "people.json").read_bytes() for path in (Path(folder) / "new", stored.folder)]
        assert people[0] == people[1]
        with gzip.open(Path(folder) / "new" / "observations.jsonl.gz", "rt") as lines:
            assert as_rows(list(map(json.loads, lines))) == as_rows(persons)


def test_boxes_of_every_frame_become_observations_of_the_sampled_frames(
    tmp_path: Path, original: StoredResult
) -> None:
    """CVAT writes a box for each frame, and says which of them are key frames."""
    boxes = [box(frame, 10 * frame, keyframe=frame == 3) for frame in range(3, 8)]
    path = write_xml(tmp_path / "a.xml", track(0, [*boxes, box(8, 70, outside=1)]))

    assert reviewed(path, original) == [(0, 4, 40.0), (0, 6, 60.0)]


def test_between_two_boxes_the_path_is_straight(tmp_path: Path, original: StoredResult) -> None:
    path = write_xml(tmp_path / "a.xml", track(0, [box(2, 100), box(8, 130.3)]))

    assert reviewed(path, original) == [(0, 2, 100.0), (0, 4, 110.1), (0, 6, 120.2), (0, 8, 130.3)]


def test_a_person_is_not_seen_from_a_box_outside_to_the_next_box(
    tmp_path: Path, original: StoredResult
) -> None:
    boxes = [box(0, 10), box(4, 10, outside=1), box(10, 50), box(11, 50), box(12, 50, outside=1)]
    path = write_xml(tmp_path / "a.xml", track(0, boxes))

    assert reviewed(path, original) == [(0, 0, 10.0), (0, 2, 10.0), (0, 10, 50.0)]


def test_a_person_may_be_added_where_the_program_saw_nobody(tmp_path: Path, original: StoredResult) -> None:
    path = write_xml(tmp_path / "a.xml", track(0, [box(0, 10)]), track(1, [box(90, 10), box(94, 10)]))

    assert reviewed(path, original) == [(0, 0, 10.0), (1, 90, 10.0), (1, 92, 10.0), (1, 94, 10.0)]


def test_without_any_original_person_the_known_sampling_counts(tmp_path: Path) -> None:
    nobody = store(tmp_path / "results", [])
    path = write_xml(tmp_path / "a.xml", track(0, [box(3, 10), box(5, 10)]))

    assert [frame for _, frame, _ in reviewed(path, nobody)] == [3, 4, 5]


def test_ascending_ids_are_the_indexes_and_others_are_numbered(
    tmp_path: Path, original: StoredResult
) -> None:
    ascending = write_xml(tmp_path / "a.xml", track(2, [box(0, 10)]), track(5, [box(0, 20)]))
    mixed = write_xml(tmp_path / "b.xml", track(5, [box(0, 10)]), track(2, [box(0, 20)]))

    assert [index for index, _, _ in reviewed(ascending, original)] == [2, 5]
    assert [index for index, _, _ in reviewed(mixed, original)] == [0, 1]


def test_a_zip_file_is_read_too(tmp_path: Path, original: StoredResult) -> None:
    assert reviewed(write_zip(tmp_path / "a.zip", track(0, [box(0, 10)])), original) == [(0, 0, 10.0)]


def test_a_track_between_two_sampled_frames_is_named(tmp_path: Path, original: StoredResult) -> None:
    path = write_xml(
        tmp_path / "a.xml", track(0, [box(0, 10)]), track(4, [box(3, 10), box(4, 10, outside=1)])
    )

    assert check_reviewed_tracks(path, original).unsampled_tracks == (4,)


def test_a_box_that_reaches_out_of_the_frame_is_possible(tmp_path: Path, original: StoredResult) -> None:
    path = write_xml(tmp_path / "a.xml", track(2**31 - 1, [box(0, -30)]))

    assert reviewed(path, original) == [(2**31 - 1, 0, -30.0)]


def test_a_video_whose_frames_have_no_known_size_is_refused(tmp_path: Path) -> None:
    sizeless = store(tmp_path / "results", [], metadata={**METADATA, "FrameWidth": 0})
    head = HEAD.replace("<width>640</width>", "<width>0</width>")

    with pytest.raises(CvatError, match="does not say how large the frames of the video are"):
        check_reviewed_tracks(write_xml(tmp_path / "a.xml", track(0, [box(0, 10)]), head=head), sizeless)


def test_a_review_that_leaves_nobody_is_possible(tmp_path: Path, original: StoredResult) -> None:
    assert reviewed(write_xml(tmp_path / "a.xml"), original) == []


@pytest.mark.parametrize(
    ("tracks", "message"),
    [
        ([track(0, [box(0, 10)], label="car")], "track 0 has the label 'car'; rename the label to 'person'"),
        ([track(0, ['<polygon frame="0" points="1,2;3,4;5,6"/>'])], "track 0 is a polygon; only rectangles"),
        ([track(0, ['<skeleton frame="0"></skeleton>'])], "track 0 is a skeleton; only rectangles"),
        ([track(0, [box(0, 10), box(0, 20)])], "track 0 has two boxes in frame 0"),
        ([track(0, [box(0, 10, extra=' rotation="12.5"')])], "frame 0: the box is rotated by 12.5 degrees"),
        ([track(0, [box(0, 10).replace('xbr="74.00"', 'xbr="10.00"')])], "frame 0: the box has no area"),
        (
            [track(7, [box(2, 10).replace("74.00", "inf")])],
            "track 7, frame 2: xbr is inf; it must be from -640 to 1280 pixels",
        ),
        (
            [track(7, [box(2, 10).replace("10.00", "-1e300")])],
            r"track 7, frame 2: xtl is -1e\+300; it must be from -640 to 1280 pixels",
        ),
        (
            [track(7, [box(2, 10).replace("240.00", "1e300")])],
            r"track 7, frame 2: ybr is 1e\+300; it must be from -480 to 960 pixels",
        ),
        ([track(7, [box(2, 10).replace("48.00", "nan")])], "track 7, frame 2: ytl is nan; it must be from"),
        (
            # The place of a person who is not seen matters for the path to it.
            [track(7, [box(0, 10), box(2, 1e9, outside=1)])],
            r"track 7, frame 2: xtl is 1e\+09; it must be from",
        ),
        ([track(2**31, [box(0, 10)])], "track 2147483648: the id must be from 0 to 2147483647"),
        ([track(-1, [box(0, 10)])], "track -1: the id must be from 0 to 2147483647"),
        ([track(10**50, [box(0, 10)])], "track 1{1}0{39}: the id must be from 0 to 2147483647"),
        (
            [track(0, [box(0, 10).replace("74.00", "far")])],
            "a box needs the numbers frame, xtl, ytl, xbr and",
        ),
        ([track(0, [box(-1, 10)])], "track 0, frame -1: frames are numbered from 0 to 10367999"),
        ([track(0, [box(10**50, 10)])], "frame 1{1}0{39}: frames are numbered from 0 to 10367999"),
        ([track(0, [box(900, 10)])], "track 0 has a box in frame 900, but .* has about 106 frames"),
        ([track(0, [box(0, 10)]).replace('id="0"', "")], "track without an id: the id is not a whole number"),
        (['<image id="0" name="a.png" width="640" height="480"></image>'], '"CVAT for images"'),
        (["<skeletons></skeletons>"], "it has <skeletons>, which is not read"),
    ],
)
def test_what_cannot_be_imported_is_named(
    tmp_path: Path, original: StoredResult, tracks: list[str], message: str
) -> None:
    with pytest.raises(CvatError, match=message):
        check_reviewed_tracks(write_xml(tmp_path / "a.xml", *tracks), original)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "<width>640</width>",
            "<width>1280</width>",
            "its frames have 1280x480 pixels, but those of .* 640x480",
        ),
        ("<mode>interpolation</mode>", "<mode>annotation</mode>", '"CVAT for images"'),
        ("original_size", "size_of_it", "it has no original_size with width and height"),
        ("<task>", "<project></project><task>", "it is the export of a project"),
        ("meta>", "facts>", "it has <facts>, which is not read"),
        (
            "<annotations>",
            '<!DOCTYPE a [<!ENTITY b "c">]><annotations>',
            "it has a document type or entities",
        ),
    ],
)
def test_a_file_about_something_else_is_refused(
    tmp_path: Path, original: StoredResult, old: str, new: str, message: str
) -> None:
    path = write_xml(tmp_path / "a.xml", track(0, [box(0, 10)]), head=HEAD.replace(old, new))

    with pytest.raises(CvatError, match=message):
        check_reviewed_tracks(path, original)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not complete XML"),
        (b"{}", "it is not complete XML"),
        (HEAD.encode(), "it is not complete XML"),
        (b"\xff\xfe\x00", "it is not complete XML"),
        (b"<html></html>", "its root is <html> instead of <annotations>"),
        (b"<annotations></annotations>", "it has no meta with the size of the frames"),
        (b'<annotations><track id="0" label="person"/></annotations>', "it has no meta with the size"),
    ],
)
def test_what_is_no_export_of_cvat_is_refused(
    tmp_path: Path, original: StoredResult, content: bytes, message: str
) -> None:
    (tmp_path / "a.xml").write_bytes(content)

    with pytest.raises(CvatError, match=message):
        check_reviewed_tracks(tmp_path / "a.xml", original)


def test_a_zip_file_of_another_format_is_refused(tmp_path: Path, original: StoredResult) -> None:
    with pytest.raises(CvatError, match=r"the zip file has no annotations\.xml"):
        check_reviewed_tracks(write_zip(tmp_path / "a.zip", name="gt/gt.txt"), original)


def test_a_damaged_zip_file_is_refused(tmp_path: Path, original: StoredResult) -> None:
    path = write_zip(tmp_path / "a.zip", track(0, [box(0, 10)]))
    path.write_bytes(path.read_bytes().replace(b"interpolation", b"Interpolation"))

    with pytest.raises(CvatError, match="the zip file is damaged"):
        check_reviewed_tracks(path, original)


def test_an_export_has_what_the_documentation_of_the_format_lists(tmp_path: Path) -> None:
    """Frame 4 is sampled, because person 1 is seen in it, but person 0 is not."""
    stored = store(tmp_path, [*(seen(0, at_ms, BOX) for at_ms in (0, 80, 240)), seen(1, 160, BOX)])
    cvat.write(ExportSource(stored), tmp_path / "cvat.xml")

    text = (tmp_path / "cvat.xml").read_text("utf-8")

    assert re.findall(r"<(version|size|mode|width|height)>(.*?)</", text) == [
        ("version", "1.1"),
        ("size", "106"),
        ("mode", "interpolation"),
        ("width", "640"),
        ("height", "480"),
    ]
    assert re.findall(r'<track id="(\d)" label="(\w+)"', text) == [("0", "person"), ("1", "person")]
    assert re.findall(r'frame="(\d+)" outside="(\d)" occluded="0" keyframe="1" xtl="([\d.]+)"', text) == [
        ("0", "0", "160.00"),
        ("2", "0", "160.00"),
        ("4", "1", "160.00"),
        ("6", "0", "160.00"),
        ("8", "1", "160.00"),
        ("4", "0", "160.00"),
        ("6", "1", "160.00"),
    ]


def test_two_boxes_of_a_person_in_one_frame_are_refused(tmp_path: Path) -> None:
    stored = store(tmp_path, [seen(0, 80, BOX), seen(0, 80, BOX)])

    with pytest.raises(ExportError, match="person 0 has two boxes in frame 2, at 80 ms"):
        cvat.write(ExportSource(stored), tmp_path / "cvat.xml")
