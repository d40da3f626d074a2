"""MiniStack with what it lacks: real function processes, and Function URLs that verify who calls.

Runs in the tools' virtual environment (`python -m local.ministack_server ...`), started by `local.stack`, and
stops when its standard input closes, so it never outlives the process that started it.

Its private names that are used here are checked to exist before the server starts:
- `lambda_svc._execute_function_dispatch` is replaced: every function runs in an `awslambdaric` process;
- `lambda_svc._build_function_url_event` is wrapped: the event carries the caller, as AWS sends it;
- `s3._get_object` is wrapped: reading a range of a version gives the range and not the whole;
- the ASGI application is wrapped: nobody comes in unsigned or under a well-known key, Function URLs verify
  the request's signature, and every request counts as TLS, because only this machine reaches loopback.
"""

import argparse
import asyncio
import contextvars
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from local.lambda_runtime import Function, FunctionPool

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HEALTH_PATH = "/_ministack/health"
_WEEK_S = 7 * 24 * 3600
_FUNCTION_URL = re.compile(r"https://([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/?")
_FUNCTION_URL_PATH = re.compile(r"^/_aws/lambda-url/([a-z0-9]{32})(?:/|$)")
_PATCHED = {
    "ministack.services.lambda_svc": (
        "_execute_function_dispatch",
        "_build_function_url_event",
        "_emit_lambda_logs",
        "_resolve_layer_zip",
        "resolve_function_url",
    ),
    "ministack.services.s3": ("_get_object", "_parse_range"),
    "ministack.core.lambda_runtime": ("execution_credentials",),
    "ministack.core.iam_evaluator": (
        "resolve_credential",
        "find_iam_access_key_account",
        "is_root_access_key",
    ),
    "ministack.core.router": ("extract_access_key_id",),
    "ministack.core.sigv4": ("parse_header_signature", "request_time_failure", "header_signature_failure"),
}

_caller: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("caller", default=None)


@dataclass(frozen=True)
class ServerOptions:
    """Where the server listens (`listener`: file descriptor of a bound socket) and what runs the functions.

    `zip_search_path` holds the runtime client alone, so that a zip function sees only what its zip and layers
    carry; image functions run in `image_root` with every package of `python`.
    """

    port: int
    listener: int
    python: Path
    zip_search_path: Path
    image_root: Path
    log_dir: Path
    code_dir: Path
    environments_per_function: int

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def main(arguments: list[str] | None = None) -> None:
    options = _parse(arguments)
    _require_patched_names()
    from ministack.app import app

    _send_the_caller_in_function_url_events()
    _serve_ranges_of_versions()
    with tempfile.TemporaryDirectory(prefix="people-pathing-") as scratch:
        tempfile.tempdir = scratch
        pool = FunctionPool(options.environments_per_function, os.environ)
        _run_functions_as_processes(pool, options)
        try:
            # The environment's key is the root's, and known to the stack that started this server alone.
            application = refuse_strangers(app, root_key=os.environ["AWS_ACCESS_KEY_ID"])
            application = count_as_tls(verify_function_url_callers(application))
            asyncio.run(_serve(application, options.listener, pool.close))
        finally:
            pool.close()


def _parse(arguments: list[str] | None) -> ServerOptions:
    parser = argparse.ArgumentParser(prog="local.ministack_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--zip-search-path", type=Path, required=True)
    parser.add_argument("--image-root", type=Path, required=True)
    parser.add_argument("--log-dir", type=Path, required=True)
    parser.add_argument("--code-dir", type=Path, required=True)
    parser.add_argument("--environments-per-function", type=int, required=True)
    return ServerOptions(**vars(parser.parse_args(arguments)))


def _require_patched_names() -> None:
    """Raise SystemExit naming what this MiniStack no longer has."""
    import importlib

    missing = [
        f"{module}.{name}"
        for module, names in _PATCHED.items()
        for name in names
        if not hasattr(importlib.import_module(module), name)
    ]
    if missing:
        raise SystemExit(
            f"this version of MiniStack lacks {', '.join(missing)}: use the one in requirements/aws.txt"
        )


async def _serve(application: Application, listener: int, before_stop: Callable[[], None]) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    config.graceful_timeout = 0.5
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def await_end_of_input() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(stopping.set)

    async def stopped() -> None:
        await stopping.wait()
        # The event loop ends only after the calls that its threads are in.
        before_stop()

    threading.Thread(target=await_end_of_input, name="parent-watch", daemon=True).start()
    await serve(application, config, shutdown_trigger=stopped)


# ---- functions as processes


def _run_functions_as_processes(pool: FunctionPool, options: ServerOptions) -> None:
    from ministack.core.lambda_runtime import execution_credentials
    from ministack.services import lambda_svc

    roots = _CodeRoots(options.code_dir)

    def function_of(record: dict[str, Any], config: dict[str, Any]) -> Function:
        variables = {
            **(config.get("Environment") or {}).get("Variables", {}),
            **execution_credentials(config),
        }
        environment = {
            name: local_function_urls(str(value), options.endpoint_url) for name, value in variables.items()
        }
        environment["AWS_ENDPOINT_URL"] = options.endpoint_url
        common = {
            "name": config["FunctionName"],
            "arn": config["FunctionArn"],
            "environment": environment,
            "timeout_s": int(config.get("Timeout") or 3),
            "memory_mb": int(config.get("MemorySize") or 128),
            "region": config["FunctionArn"].split(":")[3],
        }
        if config.get("PackageType") == "Image":
            image = (
                (config.get("ImageConfigResponse") or {}).get("ImageConfig")
                or config.get("ImageConfig")
                or {}
            )
            return Function(
                **common,
                handler=image["Command"][0],
                task_root=options.image_root,
                command=(str(options.python), "-m", "awslambdaric"),
            )
        layers = [
            roots.unpacked(layer["Arn"], partial(lambda_svc._resolve_layer_zip, layer))
            for layer in config.get("Layers") or []
        ]
        return Function(
            **common,
            handler=config["Handler"],
            task_root=roots.unpacked(config["CodeSha256"], lambda: record["code_zip"]),
            # -S: the host's own packages stay out of sight.
            command=(str(options.python), "-S", "-m", "awslambdaric"),
            search_path=(*(layer / "python" for layer in layers), options.zip_search_path),
        )

    def dispatch(
        record: dict[str, Any], config: dict[str, Any], event: Any, _request_id: str, _started: float
    ) -> dict[str, Any]:
        function = function_of(record, config)
        invocation = pool.invoke(function, json.dumps(event, ensure_ascii=False).encode())
        lines = [
            f"START RequestId: {invocation.request_id} Version: $LATEST",
            *invocation.log.splitlines(),
            f"END RequestId: {invocation.request_id}",
            invocation.report,
        ]
        log = "\n".join(lines)
        with (options.log_dir / f"{function.name}.log").open("a", encoding="utf-8") as file:
            file.write(log + "\n")
        lambda_svc._emit_lambda_logs(
            record,
            invocation.request_id,
            log,
            invocation.error is not None,
            int(invocation.duration_ms),
            log_source="rie",  # the lines already carry START, END and REPORT
        )
        result: dict[str, Any] = {"body": _decoded(invocation.payload), "log": log}
        if invocation.error:
            result |= {"error": True, "function_error": invocation.error}
        return result

    lambda_svc._execute_function_dispatch = dispatch


def _decoded(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")


def local_function_urls(text: str, endpoint_url: str) -> str:
    """`text` with every Function URL replaced by where this server answers it; stands in for their DNS."""
    return _FUNCTION_URL.sub(rf"{endpoint_url}/_aws/lambda-url/\1/", text)


def remove_older_folders(directory: Path) -> None:
    """Take away what nobody has touched for a week."""
    for folder in directory.iterdir():
        if folder.is_dir() and time.time() - folder.stat().st_mtime > _WEEK_S:
            shutil.rmtree(folder, ignore_errors=True)


class _CodeRoots:
    """Function and layer archives, each unpacked once, and kept for the next stack.

    Unpacking a layer and taking it away again would cost each stack some seconds.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        remove_older_folders(directory)
        self._directory = directory
        self._lock = threading.Lock()
        self._roots: dict[str, Path] = {}

    def unpacked(self, identity: str, archive: Callable[[], bytes]) -> Path:
        """Where the archive lies unpacked. `identity` names its content as far as this server goes."""
        with self._lock:
            if identity not in self._roots:
                self._roots[identity] = self._unpack(archive())
            return self._roots[identity]

    def _unpack(self, archive: bytes) -> Path:
        root = self._directory / hashlib.sha256(archive).hexdigest()[:16]
        if root.exists():
            root.touch()
            return root
        unfinished = Path(tempfile.mkdtemp(dir=self._directory))
        zipfile.ZipFile(io.BytesIO(archive)).extractall(unfinished)
        try:
            unfinished.rename(root)
        except OSError:  # another stack was faster
            shutil.rmtree(unfinished)
        return root


# ---- S3


def _serve_ranges_of_versions() -> None:
    from ministack.services import s3

    get_object = s3._get_object

    def ranged(
        bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        status, reply, body = get_object(bucket, key, headers, query)
        span = s3._parse_range(headers.get("range", ""), len(body)) if status == 200 else None
        if span is None:
            return status, reply, body
        first, last = span
        part = body[first : last + 1]
        whole = {
            name: value for name, value in reply.items() if not name.lower().startswith("x-amz-checksum")
        }
        sizes = {"Content-Length": str(len(part)), "Content-Range": f"bytes {first}-{last}/{len(body)}"}
        return 206, {**whole, **sizes}, part

    s3._get_object = ranged


# ---- who calls


def refuse_strangers(application: Application, root_key: str) -> Application:
    """Refuse unsigned requests and well-known keys ("test", account numbers).

    MiniStack takes both for the root; other users of this machine, and web pages in its browsers, reach the
    loopback interface too.
    """
    from ministack.core.iam_evaluator import is_root_access_key
    from ministack.core.router import extract_access_key_id

    async def known_callers_only(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != HEALTH_PATH:
            key = extract_access_key_id(_headers(scope), _query(scope))
            if is_root_access_key(key) and key != root_key:
                await _refuse(_Refusal("AccessDeniedException", "Sign with this stack's credentials."), send)
                return
        await application(scope, receive, send)

    return known_callers_only


def count_as_tls(application: Application) -> Application:
    """Every request arrives as if TLS had ended in front of the server: policies that demand TLS hold."""

    async def forwarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        await application(scope, receive, send)

    return forwarded


def verify_function_url_callers(application: Application) -> Application:
    """Refuse unsigned and wrongly signed requests to Function URLs with AuthType AWS_IAM, as AWS does."""

    async def verified(scope: Scope, receive: Receive, send: Send) -> None:
        match = _FUNCTION_URL_PATH.match(scope["path"]) if scope["type"] == "http" else None
        if match is None:
            await application(scope, receive, send)
            return
        body = await _whole_body(receive)
        caller = _caller_of(scope, body, match[1])
        if isinstance(caller, _Refusal):
            await _refuse(caller, send)
            return
        _caller.set(caller)
        await application(scope, _replay(body, receive), send)

    return verified


@dataclass(frozen=True)
class _Refusal:
    error_type: str
    message: str


def _caller_of(scope: Scope, body: bytes, url_id: str) -> dict[str, Any] | _Refusal | None:
    """The `requestContext.authorizer` of a rightly signed request; None where the URL is open or unknown."""
    from ministack.core import iam_evaluator, sigv4
    from ministack.services import lambda_svc

    resolved = lambda_svc.resolve_function_url(url_id)
    if resolved is None or resolved[-1].get("AuthType") != "AWS_IAM":
        return None
    account_id, region = resolved[:2]
    headers = _headers(scope)
    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        return _Refusal("AccessDeniedException", "Forbidden")
    signature = sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple):
        return _Refusal("IncompleteSignatureException", signature[1])
    if (signature.service, signature.region) != ("lambda", region):
        return _Refusal(
            "InvalidSignatureException",
            f"Credential should be scoped to a valid region and to correct service: 'lambda' in {region}.",
        )
    owner = iam_evaluator.find_iam_access_key_account(signature.access_key_id) or account_id
    credential = iam_evaluator.resolve_credential(
        signature.access_key_id, owner, headers.get("x-amz-security-token", "")
    )
    if not hasattr(credential, "secret_access_key"):
        return _Refusal(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
    failure = sigv4.request_time_failure(signature) or sigv4.header_signature_failure(
        signature,
        credential.secret_access_key,
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        _query(scope),
        headers,
        body,
    )
    if failure:
        return _Refusal("InvalidSignatureException", failure[1])
    return {
        "iam": {
            "accessKey": signature.access_key_id,
            "accountId": credential.account_id,
            "callerId": credential.principal_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": credential.principal_arn,
            "userId": credential.principal_id,
        }
    }


def _send_the_caller_in_function_url_events() -> None:
    from ministack.services import lambda_svc

    build_event = lambda_svc._build_function_url_event

    def with_caller(*arguments: Any, **keywords: Any) -> dict[str, Any]:
        event: dict[str, Any] = build_event(*arguments, **keywords)
        if (caller := _caller.get()) is not None:
            event["requestContext"]["authorizer"] = caller
        return event

    lambda_svc._build_function_url_event = with_caller


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)


async def _whole_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def _refuse(refusal: _Refusal, send: Send) -> None:
    body = json.dumps({"Message": refusal.message}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"x-amzn-errortype", refusal.error_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    main()
