"""Files that are no videos: texts, pictures, sounds, archives, and texts that refer to other files."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import av
from av.audio.stream import AudioStream

from tests import clips
from tests.hostile import boxes
from tests.hostile.file import Builder, HostileFile, clip, constant

PRIVATE_PATH, PRIVATE_URL = "@private-path@", "@private-url@"
"""Stand for a video on this machine and for an address, which no job may read."""


def foreign_files() -> tuple[HostileFile, ...]:
    """Returns the files that are no videos."""
    return (*_without_video(), *_other_kinds(), *_references())


def _without_video() -> list[HostileFile]:
    return [
        HostileFile(
            "streams: sound only", partial(_written, clips.write_sound, "a.mp4"), "rejected", "audio"
        ),
        HostileFile("streams: subtitles only", _subtitles, "rejected"),
        HostileFile(
            "streams: a song with a cover",
            partial(_written, partial(clips.write_sound, cover=clips.numbered(5)), "a.mp4"),
            "rejected",
        ),
    ]


def _written(write: Callable[[Path], Path], name: str, folder: Path) -> bytes:
    return write(folder / name).read_bytes()


def _subtitles(_: Path) -> bytes:
    return b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n" * 50


def _other_kinds() -> list[HostileFile]:
    picture = clips.numbered(5)

    def image(codec: str, pixels: str) -> Builder:
        def build(folder: Path) -> bytes:
            return clips.write_clip(
                folder / "a",
                frames=1,
                codec=codec,
                pixels=pixels,
                container="image2pipe",
                draw=lambda *_: picture,
            ).read_bytes()

        return build

    def archive(_: Path) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("video.mp4", bytes(100 << 20))
        return file.getvalue()

    def sound(codec: str, container: str) -> Builder:
        def build(folder: Path) -> bytes:
            path = folder / "a"
            with av.open(path, "w", format=container) as file:
                stream = file.add_stream(codec, rate=48_000, layout="mono")
                assert isinstance(stream, AudioStream)
                frame = av.AudioFrame(format=stream.format, layout="mono", samples=1024)
                frame.sample_rate = 48_000
                for plane in frame.planes:
                    plane.update(bytes(plane.buffer_size))
                file.mux(stream.encode(frame))
                file.mux(stream.encode())
            return path.read_bytes()

        return build

    contents: dict[str, bytes] = {
        "one byte": b"\0",
        "zeros": bytes(100_000),
        "noise": random.Random(1).randbytes(200_000),
        "text": b"These are my holiday notes, not a video.\n" * 40,
        "html": b"<!DOCTYPE html><html><body><video src='http://127.0.0.1:9/a.mp4'></video></body></html>",
        "xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "entities that expand": b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>"
        + b"<!ENTITY b '&a;&a;&a;&a;'>" * 9
        + b"]>",
        "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
        "elf": b"\x7fELF\2\1\1" + bytes(500),
        "json": b'{"video": "a.mp4"}',
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "lyrics": b"[00:12.00]Line one\n[00:17.20]Line two\n" * 20,
        "gzip of zeros": gzip.compress(bytes(50 << 20)),
        "bzip2 of zeros": bz2.compress(bytes(50 << 20)),
        "styled subtitles": b"[Script Info]\nScriptType: v4.00+\n[Events]",
        "web subtitles": b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n",
    }
    return [
        *(
            HostileFile(f"other kinds: {name}", partial(constant, data), "rejected")
            for name, data in contents.items()
        ),
        HostileFile("other kinds: a zip that expands to 100 MB", archive, "rejected"),
        HostileFile("other kinds: png", image("png", "rgb24"), "rejected"),
        HostileFile("other kinds: jpeg", image("mjpeg", "yuvj420p"), "rejected"),
        HostileFile("other kinds: bmp", image("bmp", "bgr24"), "rejected"),
        HostileFile("other kinds: tiff", image("tiff", "rgb24"), "rejected"),
        HostileFile("other kinds: wav", sound("pcm_s16le", "wav"), "rejected", "audio"),
        HostileFile("other kinds: flac", sound("flac", "flac"), "rejected", "audio"),
        HostileFile("other kinds: ogg", sound("flac", "ogg"), "rejected", "audio"),
    ]


def _references() -> list[HostileFile]:
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n"
    texts = {
        "an HLS playlist of an address": f"{hls}#EXTINF:9,\n{PRIVATE_URL}/a.ts\n#EXT-X-ENDLIST\n",
        "an HLS playlist of a file": f"{hls}#EXTINF:9,\n{PRIVATE_PATH}\n#EXT-X-ENDLIST\n",
        "an HLS playlist with a key": f'{hls}#EXT-X-KEY:METHOD=AES-128,URI="{PRIVATE_URL}"\n#EXTINF:9,\n'
        "data:video/mp4;base64,AAAA\n#EXT-X-ENDLIST\n",
        "an HLS playlist of a concatenation": f"{hls}#EXTINF:9,\nconcat:{PRIVATE_PATH}|{PRIVATE_PATH}\n",
        "an HLS playlist of playlists": f"{hls}#EXT-X-STREAM-INF:BANDWIDTH=1\n{PRIVATE_URL}/b.m3u8\n",
        "a concatenation list": f"ffconcat version 1.0\nfile '{PRIVATE_PATH}'\n",
        "a concatenation list of an address": f"ffconcat version 1.0\nfile '{PRIVATE_URL}/a.mp4'\n",
        "a session description": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "a DASH manifest": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static' "
        "mediaPresentationDuration='PT9S'><Period><AdaptationSet mimeType='video/mp4'>"
        f"<Representation id='1' bandwidth='1'><BaseURL>{PRIVATE_URL}/a.mp4</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>",
        "a smooth streaming manifest": f"<SmoothStreamingMedia><StreamIndex Url='{PRIVATE_URL}'/>",
        "an IMF playlist": "<?xml version='1.0'?><CompositionPlaylist "
        "xmlns='http://www.smpte-ra.org/schemas/2067-3/2016'><Id>urn:uuid:0</Id></CompositionPlaylist>",
        "a real media link": f"rtsp://127.0.0.1:9/a.rm\n{PRIVATE_URL}\n",
        "a windows media link": f"<asx version='3.0'><entry><ref href='{PRIVATE_URL}'/></entry></asx>",
        "a filter graph": f"movie={PRIVATE_PATH}[out]",
        "a test source": "testsrc=size=320x240:rate=30",
        "an address": f"{PRIVATE_URL}/a.mp4",
        "a path": PRIVATE_PATH,
        "a part of a file": f"subfile,,start,0,end,1000,,:{PRIVATE_PATH}",
    }
    return [
        *(
            HostileFile(f"references: {name}", partial(constant, text.encode()), "rejected")
            for name, text in texts.items()
        ),
        HostileFile("references: a movie whose data is in another file", _external_data),
    ]


def _external_data(_: Path) -> bytes:
    """An MP4 whose data reference names a file, as QuickTime's reference movies do."""
    entry = boxes.box(b"url ", bytes(4), f"file://{PRIVATE_PATH}\0".encode())
    return boxes.replaced(
        clip("a.mp4"), b"dinf", boxes.box(b"dinf", boxes.box(b"dref", bytes(4), struct.pack(">I", 1), entry))
    )
