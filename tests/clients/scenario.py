"""Plays scenario.json with one client, and every modelled error against a server that gives nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from people_pathing.service.protocol.errors import ServiceError
from people_pathing.service.protocol.wire import error_reply, model
from tests.clients.drivers import Client, Outcome
from tests.clients.world import World

SCENARIO = json.loads(Path(__file__).with_name("scenario.json").read_text("utf-8"))
POLL_S = 2
PATIENCE_S = 240
TYPES: dict[str, type | tuple[type, ...]] = {"<str>": str, "<int>": int, "<float>": (float, int)}


class Finding(NamedTuple):
    """What a step shows, and what was otherwise; None if nothing was."""

    shows: str
    problem: str | None


def play(client: Client, world: World) -> Iterator[Finding]:
    """All steps in order; a step that goes wrong does not end the scenario."""
    known = {**world.names, "client": client.token}
    observations: set[tuple[int, int]] = set()
    for step in SCENARIO["steps"]:
        try:
            outcome = _play_step(step, client, world, known)
            problem = "; ".join(_problems(step, outcome, known)) or None
            if step.get("sorted_by") and problem is None:
                seen = {(seen["Timestamp"], seen["Person"]["Index"]) for seen in _persons(outcome)}
                problem = None if not observations or seen == observations else "other observations"
                observations = seen
        except (KeyError, LookupError) as error:
            problem = f"could not be played: {error!r}"
        yield Finding(step["shows"], problem)


def errors_of(client_class: type[Any], environment: Mapping[str, str]) -> Iterator[Finding]:
    """Every error of the model, as the client's own exception."""
    with _error_server() as endpoint_url, client_class(endpoint_url, environment) as client:
        for operation, described in model()["operations"].items():
            for code in described["errors"]:
                if operation == "StartPersonTracking":
                    place = {"S3Object": {"Bucket": "bucket", "Name": "name"}}
                    outcome = client.call(operation, {"Video": place, "JobTag": code})
                else:
                    outcome = client.call(operation, {"JobId": code})
                problem = None if outcome.error == code else f"{outcome.error}: {outcome.message}"
                yield Finding(f"{operation}: {code}", problem)


def _play_step(step: Mapping[str, Any], client: Client, world: World, known: dict[str, Any]) -> Outcome:
    parameters = _fill_in(step["with"], known)
    if step.get("when") == "all places are taken":
        with world.all_places_taken():
            return client.call(step["call"], parameters)
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        outcome = client.call(step["call"], parameters, paged=step.get("paged", False))
        is_running = outcome.replies and outcome.replies[0].get("JobStatus") == "IN_PROGRESS"
        if not (step.get("until_ended") and is_running and time.monotonic() < ends_at):
            break
        time.sleep(POLL_S)
    if outcome.replies:
        known.update({name: outcome.replies[0][member] for name, member in step.get("keep", {}).items()})
    return outcome


def _problems(step: Mapping[str, Any], outcome: Outcome, known: Mapping[str, Any]) -> Iterator[str]:
    if outcome.error != step.get("error"):
        yield f"{outcome.error}: {outcome.message}" if outcome.error else f"no error but {outcome.replies}"
    elif "reply" in step:
        yield from _differences(_fill_in(step["reply"], known), outcome.replies[0], step["call"])
    elif "some_face" in step:
        faces = [seen["Person"]["Face"] for seen in _persons(outcome) if "Face" in seen["Person"]]
        yield from _differences(step["some_face"], faces[0] if faces else None, "Face")
    elif "sorted_by" in step:
        keys = [
            tuple({"Timestamp": seen["Timestamp"], **seen["Person"]}[name] for name in step["sorted_by"])
            for seen in _persons(outcome)
        ]
        if keys != sorted(set(keys)):
            yield f"not sorted by {step['sorted_by']}, or doubled"
        if len(outcome.replies) < 2:
            yield "fewer than two pages"
        for reply in outcome.replies:
            if not {"JobStatus", "VideoMetadata", "JobId", "Video", "JobTag"} <= set(reply):
                yield f"a page says only {sorted(reply)}"


def _differences(expected: Any, actual: Any, path: str) -> Iterator[str]:
    if isinstance(expected, str) and expected in TYPES:
        if not isinstance(actual, TYPES[expected]):
            yield f"{path} is {actual!r}, not of type {expected}"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        optional = {"NextToken", "ColorRange", "Persons", "VideoMetadata", "Face"}
        for name in expected.keys() | actual.keys():
            if name in expected and name in actual:
                yield from _differences(expected[name], actual[name], f"{path}.{name}")
            elif name in expected or name not in optional:
                yield f"{path}.{name} is {'missing' if name in expected else 'unexpected'}"
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{path} has {len(actual)} items, not {len(expected)}"
        for number, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from _differences(one, other, f"{path}[{number}]")
    elif expected != actual:
        yield f"{path} is {actual!r}, not {expected!r}"


def _persons(outcome: Outcome) -> list[Any]:
    return [seen for reply in outcome.replies for seen in reply["Persons"]]


def _fill_in(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _fill_in(member, known) for name, member in value.items()}
    if isinstance(value, list):
        return [_fill_in(item, known) for item in value]
    return value.format(**known) if isinstance(value, str) else value


@contextmanager
def _error_server() -> Iterator[str]:
    """Answers every call with the error that its JobTag or JobId names, as the front door spells it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            kind: Any = type(body.get("JobTag") or body["JobId"], (ServiceError,), {})
            if kind.__name__ == "InternalServerError":
                kind.status_code = 500
            reply = error_reply(operation, kind("as ordered"), "request-id")
            data = reply["body"].encode()
            self.send_response(reply["statusCode"])
            for name, value in {**reply["headers"], "content-length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
