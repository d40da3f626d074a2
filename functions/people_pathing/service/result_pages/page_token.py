"""The NextToken of GetPersonTracking: where the next page begins, signed with the job's secret.

A token is 30 bytes, written in 40 characters of URL-safe base64: format (1 byte), order (1), number of the
first observation (8), time of issue in seconds since the epoch (4), all big-endian, then 16 bytes of
HMAC-SHA256. The signature covers the job, the account and the token's other fields, and its key is the job's
secret. The service therefore stores nothing about the tokens that it issues.
"""

from __future__ import annotations

import base64
import hmac
import struct
from dataclasses import dataclass
from typing import Self

from people_pathing.service.protocol.errors import InvalidPaginationTokenException
from people_pathing.service.result_pages.layout import ORDERS, Header, SortOrder

TOKEN_LIFE_S = 24 * 3600
TOKEN_FORMAT = 1
SIGNATURE_BYTES = 16

_FIELDS = struct.Struct(">BBQI")


@dataclass(frozen=True, slots=True)
class PageToken:
    """Where the next page begins. A token that a client sent is not trusted until `check` has passed.

    Attributes:
        order: the order of the pages.
        first: number of the page's first observation in that order.
        issued_s: time of issue, in seconds since the epoch.
        signature: SIGNATURE_BYTES bytes.
    """

    order: SortOrder
    first: int
    issued_s: int
    signature: bytes

    @classmethod
    def issue(cls, header: Header, order: SortOrder, first: int, issued_s: int) -> Self:
        """Creates a signed token for a job's page."""
        return cls(order, first, issued_s, _signature(header, _packed(order, first, issued_s)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a token that a client sent.

        Raises:
            InvalidPaginationTokenException: the service did not issue this text.
        """
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            token_format, order, first, issued_s = _FIELDS.unpack(data[: _FIELDS.size])
            token = cls(ORDERS[order], first, issued_s, data[_FIELDS.size :])
        except (ValueError, IndexError, struct.error) as error:
            raise invalid_page_token() from error
        # Base64 has several texts for the same bytes, and decoding ignores foreign characters. Only the text
        # that was issued is valid.
        if token_format != TOKEN_FORMAT or str(token) != text:
            raise invalid_page_token()
        return token

    def check(self, header: Header, order: SortOrder, now_s: int) -> None:
        """Checks that the token was issued for this job and order, is unchanged, and has not expired.

        Raises:
            InvalidPaginationTokenException: one of these does not hold.
        """
        expected = _signature(header, _packed(self.order, self.first, self.issued_s))
        is_signed = hmac.compare_digest(self.signature, expected)
        if not is_signed or order != self.order or now_s - self.issued_s >= TOKEN_LIFE_S:
            raise invalid_page_token()

    def __str__(self) -> str:
        """Returns the token as a client receives it."""
        fields = _packed(self.order, self.first, self.issued_s)
        return base64.urlsafe_b64encode(fields + self.signature).rstrip(b"=").decode()


def invalid_page_token() -> InvalidPaginationTokenException:
    """Returns the one error for all invalid tokens. It does not say which rule the token breaks."""
    return InvalidPaginationTokenException.of(
        "The NextToken was not issued for this JobId and SortBy, has been changed, or is older than 24 hours"
    )


def _packed(order: SortOrder, first: int, issued_s: int) -> bytes:
    return _FIELDS.pack(TOKEN_FORMAT, ORDERS.index(order), first, issued_s)


def _signature(header: Header, fields: bytes) -> bytes:
    message = f"{header.job_id}/{header.account}/".encode() + fields
    return hmac.digest(bytes.fromhex(header.secret), message, "sha256")[:SIGNATURE_BYTES]
