"""The path of every person in a video.

    from people_pathing import track_video

    for track in track_video("street.mp4").tracks:
        print(track.index, track.timestamps_ms[0], track.boxes[0])

Importing this package is cheap: a name's module is loaded when the name is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from people_pathing.engine import track_video as track_video

__all__ = ["track_video"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from people_pathing import engine

    return getattr(engine, name)


def __dir__() -> list[str]:
    return list(__all__)
