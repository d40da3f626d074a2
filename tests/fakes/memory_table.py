"""The job table in memory, for tests with thousands of jobs. It passes the same tests as the real one."""

import threading
from bisect import bisect_left, insort
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import PAGE_SIZE, JobTable


class MemoryTable(JobTable):
    """A job table in memory.

    `before` is called with the name of each operation first, and may raise. The index shows a change `lag_ms`
    after it was made, by the clock `now_ms`.
    """

    def __init__(
        self,
        before: Callable[[str], None] = lambda _operation: None,
        now_ms: Callable[[], int] = lambda: 0,
        lag_ms: int = 0,
    ) -> None:
        self._before = before
        self._now_ms = now_ms
        self._lag_ms = lag_ms
        self._lock = threading.RLock()
        self._records: dict[str, JobRecord] = {}
        self._tombstones: set[str] = set()
        self._indexed: dict[str, JobRecord] = {}
        self._by_state: dict[JobState, list[tuple[int, str]]] = defaultdict(list)
        self._changes: deque[tuple[int, str, JobRecord | None]] = deque()
        self.counts: Counter[JobState] = Counter()

    def add(self, record: JobRecord) -> bool:
        self._before("PutItem")
        with self._lock:
            if record.video_id in self._records or record.video_id in self._tombstones:
                return False
            self._set(record.video_id, record)
            return True

    def get(self, video_id: str) -> JobRecord | None:
        self._before("GetItem")
        return self._records.get(video_id)

    def replace(self, old: JobRecord, new: JobRecord) -> JobRecord | None:
        self._before("PutItem")
        with self._lock:
            stored = self._records.get(old.video_id)
            if stored is None or stored.revision != old.revision:
                return None
            new = replace(new, revision=old.revision + 1)
            self._set(old.video_id, new)
            return new

    def in_state(
        self, state: JobState, *, due_ms: int | None = None, page_size: int = PAGE_SIZE
    ) -> Iterator[JobRecord]:
        self._before("Query")
        position = (-1, "")
        read_count = 0
        are_stuck = []
        while record := self._next_indexed(state, position):
            if due_ms is not None and record.due_ms > due_ms:
                return
            position = (record.due_ms, record.video_id + "\0")
            if due_ms is None or record.lease_until_ms <= due_ms:
                are_stuck.append(record.is_stuck)
                yield record
            read_count += 1
            if read_count == page_size:
                self._before("Query")
                page_size = PAGE_SIZE if are_stuck and all(are_stuck) else page_size
                read_count, are_stuck = 0, []

    def newest_untroubled(self, state: JobState, due_ms: int, limit: int) -> list[JobRecord]:
        self._before("Query")
        with self._lock:
            self._update_index()
            order = self._by_state[state]
            end = bisect_left(order, (due_ms + 1, ""))
            found = [self._indexed[video_id] for _, video_id in reversed(order[max(0, end - limit) : end])]
        return [
            record for record in found if record.lease_until_ms <= due_ms and record.trouble_since_ms is None
        ]

    def count(self, state: JobState) -> int:
        self._before("Query")
        return self.counts[state]

    def count_up_to(self, state: JobState, limit: int) -> int:
        self._before("Query")
        return min(self.counts[state], limit)

    def find(self, bucket: str, prefix: str = "") -> Iterator[JobRecord]:
        self._before("Scan")
        for record in list(self._records.values()):
            if record.bucket == bucket and record.key.startswith(prefix):
                yield record

    def bury(self, record: JobRecord, ttl_s: int) -> bool:
        self._before("PutItem")
        with self._lock:
            stored = self._records.get(record.video_id)
            if stored is None or stored.revision != record.revision:
                return False
            self._set(record.video_id, None)
            self._tombstones.add(record.video_id)
            return True

    def bury_unrecorded(self, video_id: str, ttl_s: int) -> bool:
        self._before("PutItem")
        with self._lock:
            if video_id not in self._records:
                self._tombstones.add(video_id)
            return video_id not in self._records

    def _set(self, video_id: str, record: JobRecord | None) -> None:
        if old := self._records.pop(video_id, None):
            self.counts[old.state] -= 1
        if record:
            self._records[video_id] = record
            self.counts[record.state] += 1
        self._changes.append((self._now_ms() + self._lag_ms, video_id, record))
        self._update_index()

    def _next_indexed(self, state: JobState, position: tuple[int, str]) -> JobRecord | None:
        with self._lock:
            self._update_index()
            order = self._by_state[state]
            at = bisect_left(order, position)
            return self._indexed[order[at][1]] if at < len(order) else None

    def _update_index(self) -> None:
        while self._changes and self._changes[0][0] <= self._now_ms():
            _, video_id, record = self._changes.popleft()
            self._index(video_id, record)

    def _index(self, video_id: str, record: JobRecord | None) -> None:
        if old := self._indexed.pop(video_id, None):
            order = self._by_state[old.state]
            del order[bisect_left(order, (old.due_ms, video_id))]
        if record:
            self._indexed[video_id] = record
            insort(self._by_state[record.state], (record.due_ms, video_id))
