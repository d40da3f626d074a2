"""Routes: where calls of the two operations go in one region."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Route:
    """Where calls of StartPersonTracking and GetPersonTracking go in one region.

    Attributes:
        region: the region of the calls.
        url: the endpoint that answers them, for example a Function URL.
        signing_name: the service that requests are signed for: "lambda" for a Function URL.
        account: the AWS account of the stack that owns the endpoint.
        stack_name: the name of that stack.
    """

    region: str
    url: str
    signing_name: str
    account: str
    stack_name: str

    @property
    def authority(self) -> str:
        """Returns the host, and the port if the URL names one."""
        return urlsplit(self.url).netloc

    def is_same_stack(self, other: Route) -> bool:
        """Returns whether both routes lead to the same stack, perhaps to an earlier deployment of it."""
        return (self.region, self.account, self.stack_name) == (
            other.region,
            other.account,
            other.stack_name,
        )
