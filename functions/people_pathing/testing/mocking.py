"""The context in which moto's Rekognition answers StartPersonTracking and GetPersonTracking.

moto calls the method of `RekognitionResponse` that has the operation's name. The context adds the two methods
while it is active. moto answers all other operations as before.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ContextDecorator, ExitStack, contextmanager
from importlib import import_module
from inspect import isasyncgenfunction, isclass, iscoroutinefunction, isgeneratorfunction
from threading import RLock
from typing import TYPE_CHECKING, Any, Self, TypeVar
from unittest.mock import patch

from people_pathing.testing.outcome import Outcome

if TYPE_CHECKING:
    from people_pathing.testing.region import RegionService

OPERATIONS = {
    "StartPersonTracking": "start_person_tracking",
    "GetPersonTracking": "get_person_tracking",
}
MAX_CONCURRENT_JOBS = 20

# A call of these ends before their code runs, which would then send its requests to AWS.
_NOT_DECORATED = (isclass, iscoroutinefunction, isgeneratorfunction, isasyncgenfunction)

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_REGION = re.compile(r"Credential=[^/]+/\d+/([^/]+)/")


def person_tracking(
    outcome: Outcome | None = None,
    *,
    videos: Mapping[str, Outcome] | None = None,
    max_concurrent_jobs: int = MAX_CONCURRENT_JOBS,
) -> PersonTracking:
    """Returns a context manager, which is also a decorator, in which moto answers the two operations.

    It starts `moto.mock_aws`, too, and works inside and outside of a `mock_aws` of your own. The video must
    exist in moto's S3, and the topic of a NotificationChannel in moto's SNS.

    Args:
        outcome: how every job ends; by default it succeeds at once with two people.
        videos: how the jobs of certain videos end, by the object's name.
        max_concurrent_jobs: how many jobs may run at once, in each region.

    Raises:
        ModuleNotFoundError: the extra `testing` is not installed.
    """
    _require_extra()
    return PersonTracking(outcome or Outcome(), videos or {}, max_concurrent_jobs)


class PersonTracking(ContextDecorator):
    """The two operations for one test. It has no jobs when it is entered. See `person_tracking`."""

    def __init__(self, outcome: Outcome, videos: Mapping[str, Outcome], max_concurrent_jobs: int) -> None:
        self._outcome = outcome
        self._videos = dict(videos)
        self._max_concurrent_jobs = max_concurrent_jobs
        self._regions: dict[str, RegionService] = {}
        self._requested_errors: dict[str, list[Exception]] = {name: [] for name in OPERATIONS}
        self._active: ExitStack | None = None
        self._lock = RLock()

    def __call__(self, func: Decorated) -> Decorated:
        """Decorates a function.

        Raises:
            TypeError: `func` is a class, a coroutine or a generator.
        """
        if any(is_kind(func) for is_kind in _NOT_DECORATED):
            raise TypeError(
                "person_tracking() decorates functions, and no classes, coroutines or generators; "
                f"use `with person_tracking():` inside {func.__qualname__}"
            )
        return super().__call__(func)

    def __enter__(self) -> Self:
        """Adds the two operations to moto.

        Raises:
            RuntimeError: this has been done already, or moto runs as a server in another process.
        """
        if self._active is not None:
            raise RuntimeError("this person_tracking() is active already; create another one")
        from botocore.httpsession import URLLib3Session
        from moto import mock_aws
        from moto.core.models import botocore_stubber
        from moto.rekognition.responses import RekognitionResponse

        self._regions.clear()
        for errors in self._requested_errors.values():
            errors.clear()
        send_to_network = URLLib3Session.send

        def answer(response: Any) -> Any:
            return self._answer(response)

        def send(session: Any, request: Any) -> Any:
            """Answers requests that moto has not seen: of older clients, and to a stack's own address."""
            address = request.url
            request.url = _moto_address(request) or address
            reply = botocore_stubber("before-send", request)
            if reply is None:
                request.url = address
                return send_to_network(session, request)
            return reply

        with ExitStack() as entered:
            entered.enter_context(mock_aws())
            if not botocore_stubber.enabled:
                # Requests would leave this process.
                raise RuntimeError(
                    "person_tracking() needs moto in this process; unset TEST_SERVER_MODE and TEST_PROXY_MODE"
                )
            for method in OPERATIONS.values():
                entered.enter_context(patch.object(RekognitionResponse, method, answer, create=True))
            entered.enter_context(patch.object(URLLib3Session, "send", send))
            self._active = entered.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Removes the two operations from moto."""
        if self._active is not None:
            self._active.close()
            self._active = None

    @property
    def job_ids(self) -> tuple[str, ...]:
        """The JobIds of all jobs, by region and then in the order in which they were started."""
        return tuple(job_id for region in self._regions.values() for job_id in region.job_ids)

    def finish_jobs(self) -> None:
        """Ends all running jobs as their outcomes say, and publishes their completion notices."""
        with self._lock:
            for region in self._regions.values():
                for job_id in region.job_ids:
                    region.finish(job_id)

    def fail_next(self, operation: str, error: str, *, message: str | None = None, times: int = 1) -> None:
        """Lets the next valid calls of an operation fail. In the meantime, nothing is started or counted.

        SDKs repeat a call that fails with ThrottlingException, ProvisionedThroughputExceededException or
        InternalServerError. `times` has to be at least the number of attempts, if the caller shall see them.

        Args:
            operation: "StartPersonTracking" or "GetPersonTracking".
            error: an error that the API's model lists for the operation, for example "ThrottlingException".
            message: the error's message.
            times: how many calls fail.

        Raises:
            ValueError: there is no such operation, or it has no such error. The message lists the right ones.
        """
        from people_pathing.service.protocol import errors
        from people_pathing.service.protocol.api_model import model

        if operation not in OPERATIONS:
            raise ValueError(f"there is no operation {operation!r}; choose from {', '.join(OPERATIONS)}")
        known = model()["operations"][operation]["errors"]
        if error not in known:
            raise ValueError(f"{operation} has no error {error!r}; choose from {', '.join(known)}")
        kind = getattr(errors, error, None) or type(error, (errors.ServiceError,), {})
        requested = kind(message or f"The test asked for {error}")
        self._requested_errors[operation] += [requested] * times

    def _answer(self, response: Any) -> tuple[int, dict[str, Any], str]:
        """Answers one request. `response` is moto's handler of it, which knows the region and the account."""
        from people_pathing.service.protocol.answering import answer

        with self._lock, _quiet():
            service = self._region(response.region)
            reply = answer(_url_event(response), str(uuid.uuid4()), service.operations)
        # moto reads the status from the headers.
        headers = {**reply["headers"], "status": reply["statusCode"]}
        return reply["statusCode"], headers, reply["body"]

    def _region(self, name: str) -> RegionService:
        from people_pathing.testing.region import RegionService

        if name not in self._regions:
            self._regions[name] = RegionService(
                name,
                outcome_of=lambda video: self._videos.get(video, self._outcome),
                raise_requested_error=self._raise_requested_error,
                max_concurrent_jobs=self._max_concurrent_jobs,
            )
        return self._regions[name]

    def _raise_requested_error(self, operation: str) -> None:
        if requested := self._requested_errors[operation]:
            raise requested.pop(0)


def _require_extra() -> None:
    try:
        for name in ("aws_lambda_powertools", "boto3", "moto"):
            import_module(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"people_pathing.testing needs the testing extra ({error.name} is missing): "
            "pip install './people-pathing[testing]'",
            name=error.name,
        ) from error


def _moto_address(request: Any) -> str | None:
    """Returns where moto answers a call of the two operations, whatever endpoint the client uses."""
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    prefix, _, operation = headers.get("x-amz-target", "").partition(".")
    if prefix != "RekognitionService" or operation not in OPERATIONS:
        return None
    region = _REGION.search(headers.get("authorization", ""))
    return f"https://rekognition.{region[1] if region else 'us-east-1'}.amazonaws.com/"


def _url_event(response: Any) -> dict[str, Any]:
    """Returns moto's request as a Function URL passes it on."""
    body = response.body
    data = body if isinstance(body, bytes) else str(body).encode()
    return {
        "version": "2.0",
        "rawPath": "/",
        "headers": {name: _text(value) for name, value in response.headers.items()},
        "requestContext": {
            "http": {"method": response.method, "path": "/"},
            "authorizer": {"iam": {"accountId": response.current_account}},
        },
        "body": base64.b64encode(data).decode(),
        "isBase64Encoded": True,
    }


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the service's log and metrics out of the output of a test. Failures of the service are logged."""
    from people_pathing.service.observability import logger, metrics

    level = logger.log_level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)
        metrics.clear_metrics()
