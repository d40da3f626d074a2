"""Objects that no function downloads, because their names say that they are not videos."""

import pytest

from people_pathing.pipeline.events.skip_reasons import skip_reason


@pytest.mark.parametrize(
    ("key", "system"),
    [
        (".DS_Store", "macOS"),
        ("a/.DS_Store", "macOS"),
        ("a/._street.mp4", "macOS"),
        ("__MACOSX/street.mp4", "macOS"),
        ("a/.Trashes/501/street.mp4", "macOS"),
        ("Thumbs.db", "Windows"),
        ("a/desktop.ini", "Windows"),
        ("$RECYCLE.BIN/S-1-5/street.mp4", "Windows"),
        ("System Volume Information/tracking.log.mp4", "Windows"),
        ("a/~$street.mp4", "Microsoft Office"),
        ("a/.~lock.street.mp4#", "LibreOffice"),
        ("a/.Trash-1000/files/street.mp4", "Linux"),
        ("lost+found/#123", "Linux"),
        ("a/@eaDir/street.mp4/SYNOVIDEO.mp4", "Synology"),
        ("#recycle/street.mp4", "Synology"),
        ("@Recycle/street.mp4", "QNAP"),
        ("a/.nfs00000000012", "NFS"),
    ],
)
def test_leftovers_of_operating_systems_are_skipped_with_the_reason(key: str, system: str) -> None:
    assert skip_reason(key) == f"{key} is not a video: {system} uses this name for files of its own"


@pytest.mark.parametrize(
    "key", ["a.mp4.part", "a.mp4.crdownload", "a.mp4.filepart", "b/a.MP4.TMP", "a.mp4.partial", "a.aria2"]
)
def test_unfinished_transfers_are_skipped_with_the_reason(key: str) -> None:
    suffix = key[key.rindex(".") :].lower()
    assert skip_reason(key) == f"{key} is not a video yet: {suffix} marks an unfinished transfer"


@pytest.mark.parametrize(
    "key",
    [
        "street.mp4",
        "lost+found.mp4",
        "__MACOSX.mp4",
        "tmp/street.mp4",
        "part/street",
        "street.part.mp4",
        "my-@eaDir/street.mp4",
        "thumbs.db.mp4",
        "_.mp4",
        "~street.mp4",
        ".hidden.mp4",
        ".part",
        "trash-1000/street.mp4",
        "desktop.ini/street.mp4",
    ],
)
def test_names_that_only_resemble_leftovers_may_be_videos(key: str) -> None:
    assert skip_reason(key) is None
