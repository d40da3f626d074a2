"""Runs MiniStack with the changes that the local stack needs: `python -m devstack.server ...`.

`devstack.server_process` starts this process in the tools' virtual environment. The process stops when its
standard input closes, so it never outlives the process that started it.

The changes to MiniStack are:

- Every function runs in an `awslambdaric` process.
- Every request must be signed, and not with one of MiniStack's well-known keys.
- Requests of web pages are rejected.
- Function URLs are addresses of this server. Those with AuthType AWS_IAM verify the signature, and their
  events carry the caller, as at AWS.
- Every request counts as TLS, because only this machine reaches loopback. Policies can therefore demand TLS.
- Reading a range of an object version returns the range, not the whole object.
- Alarms over metric math are deployed, but watch only their first metric.
- No version of a function is published that equals the last one.
- Versions and aliases of state machines are deployed, and executions run the version that was started.
"""

import asyncio
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable

from devstack.lambda_runtime.function_pool import FunctionPool
from devstack.server.alarms import deploy_alarms_over_metric_math
from devstack.server.callers import (
    Application,
    add_caller_to_function_url_events,
    mark_as_tls,
    reject_unknown_callers,
    reject_web_pages,
    verify_function_url_callers,
)
from devstack.server.function_urls import deploy_function_urls_locally
from devstack.server.function_versions import publish_changed_functions_only
from devstack.server.functions import run_functions_as_processes
from devstack.server.ministack_names import require_used_names
from devstack.server.options import ServerOptions
from devstack.server.s3_ranges import serve_ranges_of_versions
from devstack.server.state_machine_versions import deploy_state_machine_versions


def main() -> None:
    """Serves until a signal arrives or standard input closes."""
    options = ServerOptions.parse()
    require_used_names()
    from ministack.app import app

    add_caller_to_function_url_events()
    serve_ranges_of_versions()
    deploy_alarms_over_metric_math()
    deploy_state_machine_versions()
    publish_changed_functions_only()
    deploy_function_urls_locally(options.endpoint_url)
    with tempfile.TemporaryDirectory(prefix="people-pathing-") as scratch:
        tempfile.tempdir = scratch
        pool = FunctionPool(options.environments_per_function, os.environ)
        run_functions_as_processes(pool, options)
        try:
            # The key in the environment is the root key. Only the process that started this server knows it.
            application = reject_unknown_callers(app, root_key=os.environ["AWS_ACCESS_KEY_ID"])
            application = mark_as_tls(verify_function_url_callers(application))
            application = reject_web_pages(application, options.port)
            asyncio.run(_serve(application, options.listener, pool.close))
        finally:
            pool.close()


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

    def watch_parent() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(stopping.set)

    async def wait_for_stop() -> None:
        await stopping.wait()
        # The event loop waits for its threads, and these wait for functions. So the functions stop first.
        before_stop()

    threading.Thread(target=watch_parent, name="parent-watch", daemon=True).start()
    await serve(application, config, shutdown_trigger=wait_for_stop)


if __name__ == "__main__":
    main()
