import re

from hypothesis import given
from hypothesis import strategies as st

from people_pathing.pipeline.events.s3_events import UploadedVideo, parse_record
from people_pathing.pipeline.video import MAX_KEY_BYTES, RESERVED_PREFIXES, Video, video_id_of_results
from tests.fakes.pipeline import upload_event


def _fits(key: str) -> bool:
    return 1 <= len(key.encode()) <= MAX_KEY_BYTES


KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=1024).filter(_fits)
CONTENT_IDS = st.text("abcXYZ019._-", min_size=1, max_size=64)


def _video(key: str, content_id: str = "v1") -> Video:
    return Video("videos", key, content_id, content_id)


@given(KEYS, CONTENT_IDS)
def test_a_client_token_and_a_video_id_are_legal_and_differ(key: str, content_id: str) -> None:
    video = _video(key, content_id)
    assert re.fullmatch("[0-9a-f]{64}", video.video_id)
    assert re.fullmatch("[0-9a-f]{64}", video.client_token("secret"))
    assert video.client_token("secret") == _video(key, content_id).client_token("secret")
    assert len({video.video_id, video.client_token("secret"), video.client_token("another")}) == 3


@given(KEYS, KEYS, CONTENT_IDS, CONTENT_IDS)
def test_two_videos_share_neither_id_nor_results_prefix(
    key: str, other_key: str, content_id: str, other: str
) -> None:
    one, two = _video(key, content_id), _video(other_key, other)
    assert (one.video_id == two.video_id) == (one == two)
    assert (one.client_token("secret") == two.client_token("secret")) == (one == two)
    assert (one.results_prefix == two.results_prefix) == (one == two)


@given(KEYS | KEYS.map("tables/{}".format), CONTENT_IDS)
def test_the_prefix_of_results_tells_the_id_of_the_video(key: str, content_id: str) -> None:
    video = _video(key, content_id)
    assert video_id_of_results(video.results_prefix, "videos") == video.video_id


@given(KEYS | KEYS.map("tables/{}".format), CONTENT_IDS)
def test_no_result_is_among_the_tables(key: str, content_id: str) -> None:
    assert not _video(key, content_id).results_prefix.startswith("tables/")


@given(KEYS, CONTENT_IDS)
def test_the_keys_of_result_files_are_legal_in_s3(key: str, content_id: str) -> None:
    assert _fits(_video(key, content_id).results_prefix + "observations.jsonl.gz")


def test_results_are_stored_under_key_and_version() -> None:
    assert _video("entrance/morning.mp4").results_prefix == "entrance/morning.mp4/v1/"


def test_a_key_is_too_long_if_the_longest_file_name_does_not_fit_after_it() -> None:
    longest = "k" * (1024 - len("/v1/") - len("observations.jsonl.gz"))
    assert _video(longest).results_prefix == f"{longest}/v1/"
    assert _video(longest + "k").results_prefix.startswith(".people-pathing/by-video-id/")


def test_results_of_a_long_or_reserved_key_are_stored_under_the_video_id() -> None:
    assert RESERVED_PREFIXES == (".people-pathing/", "tables/")
    for key in ("k" * 1024, *(f"{prefix}people/a.mp4" for prefix in RESERVED_PREFIXES)):
        video = _video(key)
        assert video.results_prefix == f".people-pathing/by-video-id/{video.video_id}/"


@given(KEYS.filter(lambda key: not key.endswith("/")), st.integers(0, 2**42))
def test_any_key_is_decoded_from_the_event_unchanged(key: str, uploaded_ms: int) -> None:
    upload = parse_record(upload_event(key, "v1", uploaded_ms)["Records"][0])
    assert not isinstance(upload, UploadedVideo) or upload == UploadedVideo(
        Video("people-pathing-videos", key, "v1", "v1"), uploaded_ms
    )
