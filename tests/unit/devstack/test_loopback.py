import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from devstack.lambda_runtime.function import Outcome
from devstack.lambda_runtime.runtime_api import Event, RuntimeApi
from devstack.loopback import rejection_reason

PORT = 4566
RUNTIME = "/2018-06-01/runtime"
ATTACKS = {
    "a page of another site": {"Origin": "https://evil.example"},
    "a page that hides its origin": {"Origin": "null"},
    "an image in a page": {"Sec-Fetch-Site": "cross-site"},
    "a page whose name leads to this machine": {"Host": "evil.example"},
    "a page whose name leads to this port": {"Host": f"evil.example:{PORT}"},
    "a name that only starts like this machine": {"Host": f"127.0.0.1.evil.example:{PORT}"},
    "another port of this machine": {"Host": "127.0.0.1:1"},
}


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_program_on_this_machine_is_accepted(host: str) -> None:
    assert rejection_reason({"host": f"{host}:{PORT}", "user-agent": "Boto3"}, PORT) is None


def test_an_address_that_a_person_typed_into_a_browser_is_accepted() -> None:
    assert rejection_reason({"host": f"127.0.0.1:{PORT}", "sec-fetch-site": "none"}, PORT) is None


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_request_of_a_web_page_is_rejected(attack: str) -> None:
    assert rejection_reason({"host": f"127.0.0.1:{PORT}", **lower(ATTACKS[attack])}, PORT)


def test_a_request_without_a_host_is_rejected() -> None:
    assert rejection_reason({}, PORT)


# ---- the Runtime API, with one event that waits for its outcome


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    api = RuntimeApi("arn:aws:lambda:us-east-1:000000000000:function:tested")
    yield api
    api.close()


def request(
    api: RuntimeApi, method: str, path: str, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", api.server_port, timeout=10)
    try:
        body = b'"forged"' if method == "POST" else None
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


@pytest.fixture
def started(api: RuntimeApi) -> RuntimeApi:
    api.events.put(Event("the-id", b'"event"', 0))
    assert request(api, "GET", f"{RUNTIME}/invocation/next") == (200, "event")
    return api


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_web_page_cannot_answer_an_event(attack: str, started: RuntimeApi) -> None:
    for kind in ("response", "error"):
        status, _ = request(started, "POST", f"{RUNTIME}/invocation/the-id/{kind}", ATTACKS[attack])
        assert status == 403

    assert started.outcomes.empty()


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_web_page_cannot_take_an_event_away(attack: str, api: RuntimeApi) -> None:
    api.events.put(Event("the-id", b'"event"', 0))

    assert request(api, "GET", f"{RUNTIME}/invocation/next", ATTACKS[attack])[0] == 403
    assert api.events.qsize() == 1
    assert not api.initialized.is_set()


def test_an_answer_to_another_event_is_rejected(started: RuntimeApi) -> None:
    assert request(started, "POST", f"{RUNTIME}/invocation/another-id/response")[0] == 400
    assert started.outcomes.empty()


def test_an_event_is_answered_once(started: RuntimeApi) -> None:
    statuses = [request(started, "POST", f"{RUNTIME}/invocation/the-id/response")[0] for _ in range(2)]

    assert statuses == [202, 400]
    assert started.outcomes.get_nowait() == Outcome(b'"forged"')
    assert started.outcomes.empty()


def test_a_failed_initialization_is_accepted_only_before_the_first_event(started: RuntimeApi) -> None:
    assert request(started, "POST", f"{RUNTIME}/init/error")[0] == 400
    assert started.init_failure is None


@pytest.mark.parametrize("path", ["/", "/forged/response", "/x/init/error", "/invocation/the-id/response"])
def test_a_path_that_only_ends_like_one_of_the_api_is_rejected(path: str, started: RuntimeApi) -> None:
    assert request(started, "POST", path)[0] == 404
    assert (started.outcomes.empty(), started.init_failure) == (True, None)


@pytest.mark.parametrize("length", ["-1", "many", "1.5", "", "\u00b2"])
def test_a_length_that_is_no_number_is_rejected(length: str, started: RuntimeApi) -> None:
    headers = {"Content-Length": length}

    assert request(started, "POST", f"{RUNTIME}/invocation/the-id/response", headers)[0] == 400
    assert started.outcomes.empty()


def test_a_thread_that_waits_for_an_event_ends_with_the_server() -> None:
    api = RuntimeApi("arn:aws:lambda:us-east-1:000000000000:function:tested")
    waiting = threading.Thread(target=api.next_event, daemon=True)
    waiting.start()
    api.close()
    waiting.join(timeout=10)

    assert not waiting.is_alive()
