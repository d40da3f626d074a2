from itertools import pairwise

from people_pathing.engine.tracking.association import plan_windows
from people_pathing.engine.video import VideoMetadata


def test_only_a_long_video_has_several_windows_and_they_cover_it() -> None:
    assert [len(plan_windows(metadata_of(minutes))) for minutes in (0, 1, 22, 23, 60, 360)] == [
        1,
        1,
        1,
        2,
        4,
        24,
    ]
    windows = plan_windows(metadata_of(60))
    assert (windows[0].start_us, windows[-1].end_us) == (0, None)
    assert all(before.end_us == after.start_us for before, after in pairwise(windows))


def metadata_of(minutes: int) -> VideoMetadata:
    return VideoMetadata("h264", "QuickTime / MOV", minutes * 60_000, 25.0, 640, 480, None)
