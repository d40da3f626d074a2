"""Pages that are requested in turn are read ahead of the requests, and their bytes are kept for seconds."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.service.artifacts import observations_key
from people_pathing.service.job import RESULTS_KEPT_S
from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.protocol.errors import InvalidPaginationTokenException, ResourceNotFoundException
from people_pathing.service.protocol.wire import Request, reply
from people_pathing.service.result_pages.from_tracks import blocks
from people_pathing.service.result_pages.layout import (
    BLOCK_BYTES,
    HEADER_BYTES,
    ORDERS,
    PAGE_SIZE,
    PART_BYTES,
    PageRange,
    SortOrder,
)
from people_pathing.service.result_pages.sequential_reads import (
    BLOCKS_AT_ONCE,
    KEPT_MS,
    MAX_SEQUENCES,
    SequentialReads,
)
from tests.unit.service.fakes import Call
from tests.unit.service.in_memory_service import Service
from tests.unit.service.world import (
    ACCOUNT,
    ARTIFACT_BUCKET,
    Clock,
    a_header,
    header_of,
    store_results,
    walking_people,
)

KEY = "jobs/j/observations.bin"
FRAMES, PEOPLE = 850, 15
COUNT = FRAMES * PEOPLE
"""Twelve full blocks and one with 750 observations."""

LONGEST_READ = (BLOCKS_AT_ONCE - 1) * BLOCK_BYTES + PART_BYTES + HEADER_BYTES


@cache
def stored() -> bytes:
    return b"".join(blocks(a_header(observation_count=COUNT), walking_people(PEOPLE, FRAMES)))


class Store:
    """One object, and a record of the reads of it."""

    def __init__(self) -> None:
        self.data: bytes | None = stored()
        self.clock = Clock()
        self.sizes: list[int] = []
        self.reads = SequentialReads(self.read_range, self.clock.now_ms)

    def read_range(self, key: str, start: int, end: int) -> bytes | None:
        assert key == KEY
        self.sizes.append(end - start)
        return None if self.data is None else self.data[start:end]

    def next_page(self, order: SortOrder, first: int, count: int, account: str = ACCOUNT) -> bytes | None:
        return self.reads.next_page(account, KEY, PageRange(order, first, count))

    def pages(self, order: SortOrder, count: int) -> list[int]:
        """Reads all pages in turn. Returns how many reads each of them has cost."""
        costs = []
        for first in range(0, COUNT, count):
            page, before = PageRange(order, first, count), len(self.sizes)
            read = self.reads.next_page if first else self.reads.first_page
            assert read(ACCOUNT, KEY, page) == stored()[page.start : page.end]
            costs.append(len(self.sizes) - before)
        return costs


@pytest.mark.parametrize("order", ORDERS)
def test_pages_in_turn_are_read_in_doubling_numbers_up_to_eight(order: SortOrder) -> None:
    store = Store()

    assert store.pages(order, PAGE_SIZE) == [1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]
    one_page = PART_BYTES + HEADER_BYTES
    assert store.sizes == [one_page + blocks_more * BLOCK_BYTES for blocks_more in (0, 0, 1, 3, 7)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("count", [1, 10, 300, 999])
def test_the_first_thousand_observations_cost_no_longer_reads_than_their_pages(
    order: SortOrder, count: int
) -> None:
    store = Store()
    for first in range(0, PAGE_SIZE, count):
        page, before = PageRange(order, first, count), len(store.sizes)
        store.next_page(order, first, count)
        assert sum(store.sizes[before:]) <= page.end - page.start


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("count", [1, 10, 1000])
def test_pages_out_of_turn_cost_no_longer_reads_than_their_pages(order: SortOrder, count: int) -> None:
    store = Store()
    store.pages(order, PAGE_SIZE)
    store.clock.sleep(KEPT_MS / 1000)
    for first in (9_000, 2_000, 11_000, 5_000, 7_000, 3_000):
        page, before = PageRange(order, first, count), len(store.sizes)
        store.next_page(order, first, count)
        assert sum(store.sizes[before:]) == page.end - page.start


def test_a_first_page_is_always_read_and_begins_a_new_sequence() -> None:
    store = Store()
    store.pages("INDEX", PAGE_SIZE)
    store.sizes.clear()

    store.reads.first_page(ACCOUNT, KEY, PageRange("INDEX", 0, PAGE_SIZE))
    store.reads.first_page(ACCOUNT, KEY, PageRange("INDEX", 0, PAGE_SIZE))
    store.next_page("INDEX", 1_000, PAGE_SIZE)

    assert store.sizes == [PART_BYTES + HEADER_BYTES] * 3


def test_a_repeated_page_is_served_from_memory() -> None:
    store = Store()
    assert store.next_page("INDEX", 1_000, PAGE_SIZE) == store.next_page("INDEX", 1_000, PAGE_SIZE)
    assert len(store.sizes) == 1


def test_a_page_that_is_repeated_counts_once() -> None:
    store = Store()
    for _ in range(200):
        store.next_page("INDEX", 0, 10)
    store.sizes.clear()

    store.next_page("INDEX", 10, 10)

    page = PageRange("INDEX", 10, 10)
    assert store.sizes == [page.end - page.start]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("count", [7, 300, 700, 999])
def test_page_sizes_that_do_not_divide_a_block_read_the_same_bytes_more_rarely(
    order: SortOrder, count: int
) -> None:
    costs = Store().pages(order, count)

    assert set(costs) == {0, 1}
    assert sum(costs[-(5_000 // count) :]) <= 2


Requests = st.lists(
    st.tuples(
        st.sampled_from(["next", "again", "anywhere"]),
        st.sampled_from(ORDERS),
        st.integers(0, COUNT + 3_000),
        st.sampled_from([1, 10, 333, 999, 1000]),
        st.sampled_from([0.0, 0.0, 0.0, 4.0, 11.0]),
    ),
    max_size=30,
)


@given(Requests)
def test_any_sequence_of_pages_has_the_bytes_of_the_object(
    requests: list[tuple[str, SortOrder, int, int, float]],
) -> None:
    store, last = Store(), dict.fromkeys(ORDERS, PageRange("INDEX", 0, PAGE_SIZE))
    for kind, order, anywhere, count, wait_s in requests:
        before = last[order]
        first = {"next": before.first + before.count, "again": before.first, "anywhere": anywhere}[kind]
        last[order] = page = PageRange(order, first, count)
        assert store.next_page(order, first, count) == stored()[page.start : page.end]
        store.clock.sleep(wait_s)
    assert all(size <= LONGEST_READ for size in store.sizes)


def test_bytes_are_served_for_ten_seconds_from_the_beginning_of_their_read() -> None:
    store = Store()
    read_range = store.read_range

    def slow(key: str, start: int, end: int) -> bytes | None:
        store.clock.sleep(1)
        return read_range(key, start, end)

    store.reads = SequentialReads(slow, store.clock.now_ms)
    store.next_page("INDEX", 0, PAGE_SIZE)
    store.data = None

    store.clock.sleep(8.999)
    assert store.next_page("INDEX", 0, PAGE_SIZE) == stored()[PART_BYTES:BLOCK_BYTES]
    store.clock.sleep(0.001)
    assert store.next_page("INDEX", 0, PAGE_SIZE) is None


def test_bytes_are_not_served_if_the_clock_was_set_back() -> None:
    store = Store()
    store.next_page("INDEX", 0, PAGE_SIZE)
    store.clock.sleep(-1)

    store.next_page("INDEX", 0, PAGE_SIZE)

    assert len(store.sizes) == 2


def test_nothing_is_kept_of_an_object_that_does_not_exist() -> None:
    store = Store()
    store.data = None
    assert store.next_page("INDEX", 0, PAGE_SIZE) is None
    store.data = stored()
    assert store.next_page("INDEX", 0, PAGE_SIZE) == stored()[PART_BYTES:BLOCK_BYTES]
    store.data = None
    assert store.reads.first_page(ACCOUNT, KEY, PageRange("INDEX", 0, PAGE_SIZE)) is None
    assert store.next_page("INDEX", 0, PAGE_SIZE) is None


def test_accounts_share_no_bytes() -> None:
    store = Store()
    store.next_page("INDEX", 0, PAGE_SIZE)
    store.next_page("INDEX", 0, PAGE_SIZE, account="another")

    assert len(store.sizes) == 2


def test_the_bytes_of_few_readers_are_kept_those_of_the_last_ones() -> None:
    store = Store()
    for number in range(MAX_SEQUENCES + 1):
        store.next_page("INDEX", 0, PAGE_SIZE, account=str(number))
    store.sizes.clear()

    for number in range(MAX_SEQUENCES, 0, -1):
        store.next_page("INDEX", 0, PAGE_SIZE, account=str(number))
    assert not store.sizes
    store.next_page("INDEX", 0, PAGE_SIZE, account="0")
    assert len(store.sizes) == 1
    assert MAX_SEQUENCES * LONGEST_READ < 7_000_000


def test_the_bytes_of_a_reader_who_continues_are_kept() -> None:
    store = Store()
    for number in [*range(MAX_SEQUENCES), 0, MAX_SEQUENCES]:
        store.next_page("INDEX", 0, PAGE_SIZE, account=str(number))
    store.sizes.clear()

    store.next_page("INDEX", 0, PAGE_SIZE, account="0")
    assert not store.sizes
    store.next_page("INDEX", 0, PAGE_SIZE, account="1")
    assert len(store.sizes) == 1


def test_threads_can_read_one_result_at_once() -> None:
    store = Store()

    def all_pages(number: int) -> bool:
        order = ORDERS[number % 2]
        pages = (PageRange(order, first, 500) for first in range(0, COUNT, 500))
        return all(
            store.reads.next_page(str(number % 3), KEY, page) == stored()[page.start : page.end]
            for page in pages
        )

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(all_pages, range(12)))


class Environment:
    """One execution environment of the API, with a finished job of 12,750 observations."""

    def __init__(self) -> None:
        self.service = Service()
        self.job_id = self.service.start()
        self.job = self.service.job(self.job_id)
        header = header_of(self.job, COUNT, self.job.started_ms)
        store_results(self.service.store, header, walking_people(PEOPLE, FRAMES))
        self.service.end(self.job_id)
        self.operation = GetPersonTracking(self.service.jobs, self.service.store, now_ms=self.service.now_ms)

    def get(self, account: str = ACCOUNT, **parameters: Any) -> dict[str, Any]:
        request = Request("GetPersonTracking", {"JobId": self.job_id} | parameters, account, None)
        structure: dict[str, Any] = json.loads(
            reply(request.operation, self.operation(request), "id")["body"]
        )
        return structure

    def turn_to_page(self, number: int) -> str:
        """Requests so many pages in turn. Returns the token of the next one."""
        token = ""
        for _ in range(number):
            token = self.get(NextToken=token)["NextToken"]
        self.service.log.calls.clear()
        return token


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("page_size", [333, 1000])
def test_a_warm_environment_returns_the_same_pages_as_new_ones(
    environment: Environment, order: SortOrder, page_size: int
) -> None:
    parameters: dict[str, Any] = {"SortBy": order, "MaxResults": page_size}
    page, pages = environment.get(**parameters), 1
    while token := page.get("NextToken"):
        page = environment.get(NextToken=token, **parameters)
        assert page == environment.service.get(environment.job_id, NextToken=token, **parameters)
        pages += 1

    assert pages == -(-COUNT // page_size)


def test_thirteen_pages_in_turn_cost_five_reads_and_one_of_the_job(environment: Environment) -> None:
    environment.service.log.calls.clear()
    page = environment.get()
    while token := page.get("NextToken"):
        page = environment.get(NextToken=token)

    read = Call("GetObject", observations_key(environment.job_id))
    assert environment.service.log.calls == [Call("GetItem", environment.job_id[:32]), *[read] * 5]


def test_another_account_is_refused_although_the_page_is_in_memory(environment: Environment) -> None:
    token = environment.turn_to_page(3)

    with pytest.raises(ResourceNotFoundException, match="Could not find JobId"):
        environment.get("999999999999", NextToken=token)

    environment.service.log.calls.clear()
    assert environment.get(NextToken=token)["Persons"]
    assert not environment.service.log.calls


def test_a_changed_token_is_refused_although_the_page_is_in_memory(environment: Environment) -> None:
    token = environment.turn_to_page(3)
    changed = f"{token[:-1]}{'A' if token[-1] != 'A' else 'Q'}"

    with pytest.raises(InvalidPaginationTokenException):
        environment.get(NextToken=changed)
    assert not environment.service.log.calls


def test_a_result_that_expires_is_refused_although_the_page_is_in_memory(environment: Environment) -> None:
    environment.service.wait(RESULTS_KEPT_S - 5)
    token = environment.turn_to_page(3)

    environment.service.wait(4)
    assert environment.get(NextToken=token)["Persons"]
    environment.service.wait(1)
    with pytest.raises(ResourceNotFoundException):
        environment.get(NextToken=token)
    assert not environment.service.log.calls


def test_an_erased_result_is_served_for_less_than_ten_seconds(environment: Environment) -> None:
    token = environment.turn_to_page(3)
    del environment.service.s3.objects[ARTIFACT_BUCKET, observations_key(environment.job_id)]

    environment.service.wait(9.999)
    assert environment.get(NextToken=token)["Persons"]
    environment.service.wait(0.001)
    with pytest.raises(InvalidPaginationTokenException):
        environment.get(NextToken=token)


def test_the_first_page_of_an_erased_result_is_refused_at_once(environment: Environment) -> None:
    token = environment.turn_to_page(3)
    del environment.service.s3.objects[ARTIFACT_BUCKET, observations_key(environment.job_id)]

    with pytest.raises(ResourceNotFoundException):
        environment.get()
    with pytest.raises(InvalidPaginationTokenException):
        environment.get(NextToken=token)
