import pytest

from people_pathing.pipeline.events.envelopes import InvalidEventError, records_in
from people_pathing.pipeline.events.s3_events import (
    Skipped,
    UploadedVideo,
    parse_record,
)
from people_pathing.pipeline.video import Video
from tests.fakes.pipeline import event, upload_event


def _parsed(name: str) -> UploadedVideo | Skipped:
    (record,) = records_in(event(name))
    return parse_record(record)


def _changed(path: str, value: object) -> object:
    record = event("s3-put")["Records"][0]
    *parents, name = path.split(".")
    container = record
    for parent in parents:
        container = container[parent]
    container[name] = value
    return record


def test_an_upload_gives_a_video_with_its_version_and_time() -> None:
    upload = _parsed("s3-put")
    version = "096fKKXTRTtl3on89fVO.nfljtsv6qko"
    video = Video("people-pathing-videos", "entrance/2026-01-31.mp4", version, version)
    assert upload == UploadedVideo(video, uploaded_ms=1_769_860_800_000)


def test_a_multipart_upload_gives_a_video() -> None:
    assert isinstance(_parsed("s3-multipart"), UploadedVideo)


def test_a_key_is_decoded_exactly_once() -> None:
    upload = _parsed("s3-encoded-key")
    assert isinstance(upload, UploadedVideo)
    assert upload.video.key == "Café Süd/red flower + [Tür 1] 100%.mp4"


def test_the_test_event_of_s3_has_no_records() -> None:
    assert list(records_in(event("s3-test-event"))) == []


def test_without_versions_a_repeated_event_gives_the_same_video_and_an_overwrite_another() -> None:
    def video(uploaded_ms: int, etag: str, version: str | None = None) -> Video:
        (record,) = records_in(upload_event("a.mp4", version, uploaded_ms, etag=etag))
        upload = parse_record(record)
        assert isinstance(upload, UploadedVideo)
        return upload.video

    assert video(1, "e1").video_id == video(1, "e1").video_id
    assert len({video(1, "e1").video_id, video(2, "e1").video_id, video(1, "e2").video_id}) == 3
    assert video(1, "e1", version="null") == video(1, "e1")
    assert video(1, "e1").version is None
    assert video(1, "0a1b-17").etag == "0a1b-17"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("s3.object.key", "zones/cam1.mp4", "zones/cam1.mp4 is not a video: keys under zones/ hold zones"),
        ("s3.object.key", "entrance/", "entrance/ ends in a slash, which marks a folder"),
        (
            "s3.object.key",
            "entrance/notes.JSON",
            "entrance/notes.JSON is not a video: no video has a name that ends in .json",
        ),
        ("eventName", "ObjectRemoved:Delete", "ObjectRemoved:Delete does not create an object"),
    ],
)
def test_an_object_that_is_not_a_video_is_skipped_with_a_reason(
    path: str, value: object, reason: str
) -> None:
    assert parse_record(_changed(path, value)) == Skipped(reason)


def test_an_object_without_bytes_is_an_empty_video() -> None:
    upload = parse_record(_changed("s3.object.size", 0))

    assert isinstance(upload, UploadedVideo)
    assert upload.is_empty


@pytest.mark.parametrize("key", ["a.TXT", "a.mp4.json", "a.tar.gz", "b/a.srt", "a.xlsx", "a.Png", "a.md"])
def test_a_key_that_ends_like_no_video_is_skipped(key: str) -> None:
    assert isinstance(parse_record(_changed("s3.object.key", key)), Skipped)


@pytest.mark.parametrize("key", ["a", "a.mp4", "a.json.mp4", "notes.txt/a", "a.unknown", ".json"])
def test_any_other_key_may_be_a_video(key: str) -> None:
    assert isinstance(parse_record(_changed("s3.object.key", key)), UploadedVideo)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("eventVersion", "3.0", "eventVersion"),
        ("eventVersion", None, "eventVersion"),
        ("eventName", 7, "eventName"),
        ("eventTime", "yesterday", "eventTime"),
        ("s3", "not an object", "s3.bucket.name"),
        ("s3.bucket.name", "", "s3.bucket.name"),
        ("s3.object.key", "%FF%FE", "s3.object.key"),
        ("s3.object.key", "\ud800", "s3.object.key"),
        ("s3.object.key", "k" * 1025, "s3.object.key"),
        ("s3.object.size", "big", "s3.object.size"),
        ("s3.object.size", None, "s3.object.size"),
        ("s3.object.size", -1, "s3.object.size"),
        ("s3.object.versionId", 1, "s3.object.versionId"),
    ],
)
def test_the_error_for_a_malformed_record_names_the_field(path: str, value: object, named: str) -> None:
    with pytest.raises(InvalidEventError, match=named):
        parse_record(_changed(path, value))


@pytest.mark.parametrize("malformed", [None, [], "text", {}, {"Records": {}}, {"Records": None}])
def test_a_malformed_event_is_an_error(malformed: object) -> None:
    with pytest.raises(InvalidEventError, match="an S3 event"):
        records_in(malformed)


def test_a_later_minor_version_of_the_event_format_is_accepted() -> None:
    assert isinstance(parse_record(_changed("eventVersion", "2.9")), UploadedVideo)
