"""Reads further ahead in a result object when its pages are requested in turn, as file systems do.

The first byte of each read of S3 takes about 0.1 seconds, and an hour of video has hundreds of pages. An
execution environment of Lambda therefore keeps what it has read for some seconds. It reads as much again as
the reader has requested in turn, up to BLOCKS_AT_ONCE blocks. So nothing is read ahead with a first page,
with a page out of turn, or before the reader has had as many observations as a block holds.

Only bytes are kept, so every request still checks the header that it finds in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import NamedTuple, Self

from people_pathing.service.result_pages.layout import PAGE_SIZE, PageRange, SortOrder

BLOCKS_AT_ONCE = 8
"""The most blocks that one read includes. A block has both orders, so eight are 1.7 MB for eight pages."""
MAX_SEQUENCES = 4
"""How many readers' bytes are kept: 7 MB at most."""
KEPT_MS = 10_000
"""How long bytes are served after their read began, and so how long after their object was erased."""


class _Reader(NamedTuple):
    """Who reads what. Accounts share nothing, so they learn nothing of each other's requests from times."""

    account: str
    key: str
    order: SortOrder


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What a reader has read.

    Attributes:
        next_first: number of the observation after the reader's last page.
        in_turn: how many observations the reader has had in turn, without a gap.
        start: position of the first byte in the object.
        end: position after the last byte that was requested.
        data: bytes start..end, as far as the object goes.
        read_ms: when the read began.
    """

    next_first: int
    in_turn: int
    start: int
    end: int
    data: bytes
    read_ms: int

    def includes(self, page: PageRange) -> bool:
        """Returns whether these bytes include the page's."""
        return self.start <= page.start and page.end <= self.end

    def bytes_of(self, page: PageRange) -> bytes:
        """Returns the page's bytes, as far as the object goes."""
        return self.data[page.start - self.start : page.end - self.start]

    def after(self, page: PageRange) -> Self:
        """Returns the sequence after the reader has had this page, too."""
        in_turn = self.in_turn + (page.count if page.first == self.next_first else 0)
        return replace(self, next_first=page.first + page.count, in_turn=in_turn)


class SequentialReads:
    """Reads the bytes of pages. Several threads may use it.

    Args:
        read_range: returns bytes start..end (exclusive) of the object with a key, cut at the object's end, or
            None if it does not exist.
        now_ms: the clock. It must not stop while Lambda freezes the environment.
    """

    def __init__(
        self, read_range: Callable[[str, int, int], bytes | None], now_ms: Callable[[], int]
    ) -> None:
        self._read_range = read_range
        self._now_ms = now_ms
        self._lock = Lock()
        self._sequences: dict[_Reader, _Sequence] = {}

    def first_page(self, account: str, key: str, page: PageRange) -> bytes | None:
        """Reads the page that a request without a token asks for. Always asks the store.

        Returns:
            Bytes page.start..page.end, as far as the object goes, or None if it does not exist.
        """
        return self._read(_Reader(account, key, page.order), page, 0)

    def next_page(self, account: str, key: str, page: PageRange) -> bytes | None:
        """Reads the page that a token names. Asks the store unless the page was read in the last KEPT_MS.

        Returns:
            Bytes page.start..page.end, as far as the object goes, or None if it does not exist.
        """
        reader = _Reader(account, key, page.order)
        known = self._known(reader)
        if known is None:
            return self._read(reader, page, 0)
        if known.includes(page):
            self._keep(reader, known.after(page))
            return known.bytes_of(page)
        return self._read(reader, page, known.in_turn if page.first == known.next_first else 0)

    def _read(self, reader: _Reader, page: PageRange, in_turn: int) -> bytes | None:
        blocks = min(BLOCKS_AT_ONCE, in_turn // PAGE_SIZE)
        last_block = page.first // PAGE_SIZE + blocks - 1
        ahead = PageRange(page.order, last_block * PAGE_SIZE, PAGE_SIZE).end if blocks else 0
        start, end, read_ms = page.start, max(page.end, ahead), self._now_ms()
        data = self._read_range(reader.key, start, end)
        if data is None:
            self._forget(reader)
            return None
        sequence = _Sequence(page.first + page.count, in_turn + page.count, start, end, data, read_ms)
        self._keep(reader, sequence)
        return sequence.bytes_of(page)

    def _known(self, reader: _Reader) -> _Sequence | None:
        """Returns what a reader has read lately, and drops everything that is older."""
        now_ms = self._now_ms()
        with self._lock:
            self._sequences = {
                one: sequence
                for one, sequence in self._sequences.items()
                if 0 <= now_ms - sequence.read_ms < KEPT_MS
            }
            return self._sequences.get(reader)

    def _keep(self, reader: _Reader, sequence: _Sequence) -> None:
        with self._lock:
            self._sequences.pop(reader, None)
            self._sequences[reader] = sequence
            while len(self._sequences) > MAX_SEQUENCES:
                del self._sequences[next(iter(self._sequences))]

    def _forget(self, reader: _Reader) -> None:
        with self._lock:
            self._sequences.pop(reader, None)
