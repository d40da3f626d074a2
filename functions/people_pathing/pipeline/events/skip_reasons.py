"""Which objects cannot be videos, by their keys alone."""

from __future__ import annotations

from pathlib import PurePosixPath

from people_pathing.common.zones_objects import ZONES_PREFIX

# fmt: off
NOT_VIDEO_SUFFIXES = frozenset(f".{name}" for name in (
    "csv", "doc", "docx", "htm", "html", "json", "jsonl", "log", "md", "pdf", "rtf", "srt", "tsv", "txt",
    "vtt", "xls", "xlsx", "xml", "yaml", "yml",
    "gz", "tar", "zip",
    "bmp", "jpeg", "jpg", "png", "webp",
))
# fmt: on
"""File name endings that no video has. The service examines the content of all other objects."""

UNFINISHED_SUFFIXES = frozenset(
    (".aria2", ".crdownload", ".download", ".filepart", ".opdownload", ".part", ".partial", ".temp", ".tmp")
)
"""File name endings of transfers that have not finished. The finished file has another name."""

SYSTEM_FILES = {
    ".ds_store": "macOS",
    ".localized": "macOS",
    "desktop.ini": "Windows",
    "ehthumbs.db": "Windows",
    "thumbs.db": "Windows",
}
SYSTEM_FILE_PREFIXES = {
    "._": "macOS",
    "~$": "Microsoft Office",
    ".~lock.": "LibreOffice",
    ".fuse_hidden": "FUSE",
    ".nfs0": "NFS",
}
SYSTEM_FOLDERS = {
    "__macosx": "macOS",
    ".fseventsd": "macOS",
    ".spotlight-v100": "macOS",
    ".temporaryitems": "macOS",
    ".trashes": "macOS",
    "$recycle.bin": "Windows",
    "system volume information": "Windows",
    "lost+found": "Linux",
    "@eadir": "Synology",
    "#recycle": "Synology",
    "@recycle": "QNAP",
}
SYSTEM_FOLDER_PREFIXES = {".trash-": "Linux"}


def skip_reason(key: str) -> str | None:
    """Returns why an object cannot be a video, or None if only its content can tell."""
    if key.endswith("/"):
        return f"{key} ends in a slash, which marks a folder"
    if key.startswith(ZONES_PREFIX):
        return f"{key} is not a video: keys under {ZONES_PREFIX} hold zones"
    if system := _system_of(key):
        return f"{key} is not a video: {system} uses this name for files of its own"
    suffix = PurePosixPath(key).suffix.lower()
    if suffix in UNFINISHED_SUFFIXES:
        return f"{key} is not a video yet: {suffix} marks an unfinished transfer"
    if suffix in NOT_VIDEO_SUFFIXES:
        return f"{key} is not a video: no video has a name that ends in {suffix}"
    return None


def _system_of(key: str) -> str | None:
    """Returns the system whose own files have such keys, or None."""
    *folders, name = key.lower().split("/")
    for folder in folders:
        if system := SYSTEM_FOLDERS.get(folder) or _by_prefix(folder, SYSTEM_FOLDER_PREFIXES):
            return system
    return SYSTEM_FILES.get(name) or _by_prefix(name, SYSTEM_FILE_PREFIXES)


def _by_prefix(name: str, systems: dict[str, str]) -> str | None:
    return next((system for prefix, system in systems.items() if name.startswith(prefix)), None)
