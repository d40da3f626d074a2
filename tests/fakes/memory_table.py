"""The job table in memory, for tests with thousands of jobs. It passes the tests of the real one."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from tracking_app.job_record import JobRecord, JobState
from tracking_app.job_table import JobTable


class MemoryTable(JobTable):
    """`before` is called with the name of each operation before it is done, and may raise."""

    def __init__(self, before: Callable[[str], None] = lambda _operation: None) -> None:
        self._before = before
        self._records: dict[str, JobRecord] = {}
        self._by_state: dict[JobState, list[tuple[int, str]]] = defaultdict(list)

    def add(self, record: JobRecord) -> bool:
        self._before("PutItem")
        if record.token in self._records:
            return False
        self._store(record)
        return True

    def get(self, token: str) -> JobRecord | None:
        self._before("GetItem")
        return self._records.get(token)

    def replace(self, old: JobRecord, new: JobRecord) -> JobRecord | None:
        self._before("PutItem")
        stored = self._records.get(old.token)
        if stored is None or stored.edition != old.edition:
            return None
        new = replace(new, edition=old.edition + 1)
        self.remove(old.token)
        self._store(new)
        return new

    def in_state(self, state: JobState, *, due_ms: int | None = None) -> Iterator[JobRecord]:
        self._before("Query")
        place = (-1, "")
        order = self._by_state[state]
        while (at := bisect_left(order, place)) < len(order):
            uploaded_ms, token = order[at]
            place = (uploaded_ms, token + "\0")
            record = self._records[token]
            if due_ms is None or max(record.due_ms, record.held_until_ms) <= due_ms:
                yield record

    def of_object(self, bucket: str, key: str) -> Iterator[JobRecord]:
        self._before("Scan")
        return (one for one in list(self._records.values()) if (one.bucket, one.key) == (bucket, key))

    def remove(self, token: str) -> None:
        record = self._records.pop(token)
        order = self._by_state[record.state]
        del order[bisect_left(order, (record.uploaded_ms, token))]

    def _store(self, record: JobRecord) -> None:
        self._records[record.token] = record
        insort(self._by_state[record.state], (record.uploaded_ms, record.token))
