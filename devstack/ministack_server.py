"""MiniStack with what it lacks: real function processes, and Function URLs that verify who calls.

Runs in the tools' virtual environment (`python -m devstack.ministack_server ...`), started by `devstack.stack`, and
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
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from devstack.callers import (
    Application,
    count_as_tls,
    refuse_strangers,
    send_the_caller_in_function_url_events,
    verify_function_url_callers,
)
from devstack.lambda_runtime import Function, FunctionPool

_WEEK_S = 7 * 24 * 3600
_FUNCTION_URL = re.compile(r"https://([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/?")
_USED = {
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
    _require_used_names()
    from ministack.app import app

    send_the_caller_in_function_url_events()
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
    parser = argparse.ArgumentParser(prog="devstack.ministack_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--zip-search-path", type=Path, required=True)
    parser.add_argument("--image-root", type=Path, required=True)
    parser.add_argument("--log-dir", type=Path, required=True)
    parser.add_argument("--code-dir", type=Path, required=True)
    parser.add_argument("--environments-per-function", type=int, required=True)
    return ServerOptions(**vars(parser.parse_args(arguments)))


def _require_used_names() -> None:
    """Raise SystemExit naming what this MiniStack no longer has."""
    import importlib

    missing = [
        f"{module}.{name}"
        for module, names in _USED.items()
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


if __name__ == "__main__":
    main()
