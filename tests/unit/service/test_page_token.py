"""Page tokens: signed by the job's secret, valid for one job, one order and 24 hours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.service.protocol.errors import InvalidPaginationTokenException
from people_pathing.service.result_pages.layout import ORDERS, SortOrder
from people_pathing.service.result_pages.page_token import PageToken
from tests.unit.service.world import a_header

ISSUED_S = 1_750_000_000
DAY_S = 24 * 3600
HEADER = a_header(secret="5e" * 32)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _fields(token_format: int = 1, order: int = 1, first: int = 1000, issued_s: int = ISSUED_S) -> bytes:
    return struct.pack(">BBQI", token_format, order, first, issued_s)


def _signature(fields: bytes, message: bytes = b"j/1/") -> bytes:
    return hmac.new(bytes.fromhex("5e" * 32), message + fields, hashlib.sha256).digest()[:16]


@pytest.mark.parametrize(("number", "order"), [(0, "TIMESTAMP"), (1, "INDEX")])
def test_a_token_has_format_order_position_time_and_a_signature_over_the_job(
    number: int, order: SortOrder
) -> None:
    fields = _fields(order=number)

    token = str(PageToken.issue(HEADER, order, 1000, ISSUED_S))

    assert token == _encoded(fields + _signature(fields))


@given(st.sampled_from(ORDERS), st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_a_parsed_token_equals_the_issued_one(order: SortOrder, first: int, issued_s: int) -> None:
    token = PageToken.issue(HEADER, order, first, issued_s)

    parsed = PageToken.parse(str(token))

    assert parsed == token
    assert (parsed.order, parsed.first, parsed.issued_s) == (order, first, issued_s)
    parsed.check(HEADER, order, issued_s)


def test_a_page_token_has_40_characters_at_any_position() -> None:
    token = PageToken.issue(a_header(), "INDEX", 2**39, 4_000_000_000)

    assert len(str(token)) == 40
    assert PageToken.parse(str(token)) == token


@given(st.text(max_size=255))
def test_an_invented_page_token_is_rejected(text: str) -> None:
    with pytest.raises(InvalidPaginationTokenException):
        PageToken.parse(text).check(a_header(), "TIMESTAMP", 0)


VALID = str(PageToken.issue(HEADER, "INDEX", 1000, ISSUED_S))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        VALID[:-1],
        VALID + "=",
        VALID + "A",
        " " + VALID,
        VALID + "\n",
        VALID.replace(VALID[0], "*", 1),
        "\u00e9" + VALID[1:],
        _encoded(_fields()[:-1]),
        _encoded(_fields(token_format=0) + _signature(_fields(token_format=0))),
        _encoded(_fields(token_format=2) + _signature(_fields(token_format=2))),
        _encoded(_fields(order=2) + _signature(_fields(order=2))),
        _encoded(_fields(order=255) + _signature(_fields(order=255))),
        # The last character encodes four bits more than the data has. Only the issued spelling is valid.
        _encoded(_fields() + b"\0" * 15)[:-1] + "B",
    ],
)
def test_a_text_that_was_never_issued_is_rejected(text: str) -> None:
    with pytest.raises(
        InvalidPaginationTokenException,
        match=r"^Invalid Pagination Token\. The NextToken was not issued for this",
    ):
        PageToken.parse(text).check(HEADER, "INDEX", ISSUED_S)


def test_a_token_written_in_standard_base64_is_rejected() -> None:
    token = next(
        token
        for token in (str(PageToken.issue(HEADER, "INDEX", first, ISSUED_S)) for first in range(1000))
        if "-" in token
    )

    assert PageToken.parse(token)
    with pytest.raises(InvalidPaginationTokenException):
        PageToken.parse(token.replace("-", "+"))


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_signature_of_another_length_is_rejected(length: int) -> None:
    full = hmac.new(bytes.fromhex("5e" * 32), b"j/1/" + _fields(), hashlib.sha256).digest()
    token = PageToken.parse(_encoded(_fields() + full[:length]))

    with pytest.raises(InvalidPaginationTokenException):
        token.check(HEADER, "INDEX", ISSUED_S)


def test_a_token_is_valid_until_24_hours_after_its_issue() -> None:
    token = PageToken.parse(VALID)

    token.check(HEADER, "INDEX", ISSUED_S + DAY_S - 1)
    with pytest.raises(InvalidPaginationTokenException):
        token.check(HEADER, "INDEX", ISSUED_S + DAY_S)


def test_a_token_is_invalid_for_another_order_job_account_or_secret() -> None:
    token = PageToken.parse(VALID)

    token.check(HEADER, "INDEX", ISSUED_S)
    with pytest.raises(InvalidPaginationTokenException):
        token.check(HEADER, "TIMESTAMP", ISSUED_S)
    for changes in ({"job_id": "k"}, {"account": "2"}, {"secret": "5f" * 32}):
        with pytest.raises(InvalidPaginationTokenException):
            token.check(a_header(**{"secret": "5e" * 32} | changes), "INDEX", ISSUED_S)


def test_a_token_with_one_changed_bit_is_invalid() -> None:
    for bit in range(8 * 30):
        data = bytearray(_fields() + _signature(_fields()))
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(InvalidPaginationTokenException):
            PageToken.parse(_encoded(bytes(data))).check(HEADER, "INDEX", ISSUED_S)
