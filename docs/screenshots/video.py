"""Writes the video of the generated shop."""

from __future__ import annotations

from pathlib import Path

import av

from docs.screenshots.camera import HEIGHT_PX, WIDTH_PX
from docs.screenshots.drawing import frames
from docs.screenshots.visitors import DURATION_S, VISITORS

FRAMES_PER_S = 15


def write_video(path: Path) -> None:
    """Encodes the video as VP8 in WebM, which Chromium plays everywhere."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libvpx", rate=FRAMES_PER_S)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        # A key frame in each second, because the browser seeks. With a negative number, the encoder does not
        # adapt to the machine's load, so that each run gives the same video. A low `qmax` keeps areas calm.
        stream.options = {
            "deadline": "realtime",
            "cpu-used": "-6",
            "b": "20M",
            "qmax": "12",
            "g": str(FRAMES_PER_S),
        }
        for image in frames(VISITORS, DURATION_S, FRAMES_PER_S):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


def cut_video(source: Path, target: Path, from_s: int, to_s: int) -> None:
    """Copies some seconds of a video, without encoding them again.

    Args:
        source: what `write_video` wrote.
        target: where the part goes.
        from_s: where the part begins. There is a key frame at each full second.
        to_s: where it ends.
    """
    with av.open(source) as whole, av.open(target, "w") as part:
        stream = whole.streams.video[0]
        copied = part.add_stream_from_template(stream)
        start = None
        for packet in whole.demux(stream):
            if packet.pts is None or packet.dts is None:
                # The last packet is empty.
                continue
            if not from_s <= packet.pts * packet.time_base < to_s:
                continue
            start = packet.dts if start is None else start
            packet.dts -= start
            packet.pts -= start
            packet.stream = copied
            part.mux(packet)
