"""Calculates how long a result takes after its job: collecting its pages, and writing its report."""

from __future__ import annotations

from functools import cache
from math import ceil

from benchmarks.scaling.aws import (
    CALL_S,
    FIRST_BYTE_S,
    IMAGE_START_S,
    MEGABYTE,
    MEGABYTE_S,
    NOTICE_S,
    REQUEST_S,
    UPLOAD_CALLS,
    Setup,
    memory_mb,
    one_thread_s,
)
from benchmarks.scaling.measuring import Measured
from people_pathing.common.read_ahead import READS_AHEAD
from people_pathing.pipeline.result_collection import CHUNK_PAGES
from people_pathing.results import chunked_files
from people_pathing.service.result_pages.layout import BLOCK_BYTES, PAGE_SIZE, PageRange
from people_pathing.service.result_pages.sequential_reads import SequentialReads


def collect_s(measured: Measured, observations: int, setup: Setup) -> float:
    """Returns how long CollectResults takes in an environment that has started.

    A page is read while the one before it is stored. After each chunk, the record is written. The pieces of
    the files that are stored on the way are read again at the end, several at once, and each file is uploaded
    in parts.
    """
    pages, files = ceil(observations / PAGE_SIZE), len(chunked_files())
    chunks = ceil(pages / CHUNK_PAGES) - 1
    pieces = chunks * files
    work_s = one_thread_s(
        observations * collect_rate_s(measured), setup.slowness, memory_mb("CollectResults")
    )
    pieces_s = pieces * setup.first_byte_s
    reading_s = serving_s(measured, pages, setup.slowness) + pages * REQUEST_S
    ending_s = (ceil(pieces / READS_AHEAD) + files * UPLOAD_CALLS) * setup.first_byte_s
    return max(reading_s, work_s + pieces_s + chunks * CALL_S) + ending_s


def report_s(measured: Measured, observations: int, setup: Setup) -> float:
    """Returns how long the tables and the report take after the results, which do not wait for them."""
    fewer, more = measured.results
    each_s = (more.analyze_s - fewer.analyze_s) / (more.observations - fewer.observations)
    analyze_s = fewer.analyze_s + each_s * max(0, observations - fewer.observations)
    work_s = one_thread_s(analyze_s, setup.slowness, memory_mb("AnalyzeResults"))
    return NOTICE_S + IMAGE_START_S + work_s + sum(more.analyze_calls.values()) * setup.first_byte_s


def collect_rate_s(measured: Measured) -> float:
    """Returns the processor time of collecting one observation."""
    fewer, more = measured.results
    return (more.collect_s - fewer.collect_s) / (more.observations - fewer.observations)


def serving_s(measured: Measured, pages: int, slowness: float) -> float:
    """Returns how long the API works and waits for S3 while a client requests the pages of a result in turn.

    One environment serves them, as it does while no other client reads a result.
    """
    reads = reads_of_pages(pages)
    return (
        pages * one_thread_s(measured.page_s, slowness, memory_mb("TrackingApi"))
        + len(reads) * FIRST_BYTE_S * slowness
        + sum(reads) / MEGABYTE * MEGABYTE_S
    )


@cache
def reads_of_pages(pages: int) -> tuple[int, ...]:
    """Returns the bytes of each read of S3 that the API makes for so many pages in turn."""
    sizes: list[int] = []

    def read_range(_: str, start: int, end: int) -> bytes:
        sizes.append(min(end, pages * BLOCK_BYTES) - start)
        return b""

    reads = SequentialReads(read_range, lambda: 0)
    for number in range(pages):
        read = reads.next_page if number else reads.first_page
        read("account", "key", PageRange("INDEX", number * PAGE_SIZE, PAGE_SIZE))
    return tuple(sizes)
