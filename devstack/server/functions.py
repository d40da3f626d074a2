"""Makes MiniStack run every function in an `awslambdaric` process."""

import json
from functools import partial
from typing import Any

from devstack.lambda_runtime.function import LATEST, Function, Invocation
from devstack.lambda_runtime.function_pool import FunctionPool
from devstack.server.code_archives import CodeArchives
from devstack.server.options import ServerOptions


def run_functions_as_processes(pool: FunctionPool, options: ServerOptions) -> None:
    """Replaces the way in which MiniStack runs functions.

    Args:
        pool: runs the processes.
        options: the options of this server.
    """
    from ministack.services import lambda_svc

    archives = CodeArchives(options.code_dir)

    def dispatch(
        record: dict[str, Any], config: dict[str, Any], event: Any, _request_id: str, _started: float
    ) -> dict[str, Any]:
        function = _function(record, config, archives, options)
        invocation = pool.invoke(function, json.dumps(event, ensure_ascii=False).encode())
        log = _log_text(invocation, function.version)
        with (options.log_dir / f"{function.name}.log").open("a", encoding="utf-8") as file:
            file.write(log + "\n")
        lambda_svc._emit_lambda_logs(
            record,
            invocation.request_id,
            log,
            invocation.error is not None,
            int(invocation.duration_ms),
            # For this source, MiniStack adds no START, END and REPORT lines of its own.
            log_source="rie",
        )
        result: dict[str, Any] = {"body": _decoded(invocation.payload), "log": log}
        if invocation.error:
            result |= {"error": True, "function_error": invocation.error}
        return result

    lambda_svc._execute_function_dispatch = dispatch


def _function(
    record: dict[str, Any], config: dict[str, Any], archives: CodeArchives, options: ServerOptions
) -> Function:
    """Translates MiniStack's description of a function."""
    from ministack.services import lambda_svc

    common = {
        "name": config["FunctionName"],
        "arn": config["FunctionArn"],
        "environment": _environment(config, options.endpoint_url),
        "timeout_s": int(config.get("Timeout") or 3),
        "memory_mb": int(config.get("MemorySize") or 128),
        "region": config["FunctionArn"].split(":")[3],
        "version": config.get("Version") or LATEST,
    }
    if config.get("PackageType") == "Image":
        return Function(
            **common,
            handler=_image_command(config)[0],
            # At AWS, a version of a function keeps its image even if the tag moves. Here, no tag moves.
            task_root=(options.image_dir / config["ImageUri"].rpartition(":")[2]).resolve(),
            command=(str(options.python), "-m", "awslambdaric"),
        )
    layers = [
        archives.unpacked(layer["Arn"], partial(lambda_svc._resolve_layer_zip, layer))
        for layer in config.get("Layers") or []
    ]
    return Function(
        **common,
        handler=config["Handler"],
        task_root=archives.unpacked(config["CodeSha256"], lambda: record["code_zip"]),
        # -S hides the packages of this virtual environment, which Lambda would not have either.
        command=(str(options.python), "-S", "-m", "awslambdaric"),
        search_path=(*(layer / "python" for layer in layers), options.zip_search_path),
    )


def _environment(config: dict[str, Any], endpoint_url: str) -> dict[str, str]:
    from ministack.core.lambda_runtime import execution_credentials

    variables = {
        **(config.get("Environment") or {}).get("Variables", {}),
        **execution_credentials(config),
    }
    environment = {name: str(value) for name, value in variables.items()}
    return {**environment, "AWS_ENDPOINT_URL": endpoint_url}


def _image_command(config: dict[str, Any]) -> list[str]:
    response = (config.get("ImageConfigResponse") or {}).get("ImageConfig")
    image: dict[str, list[str]] = response or config.get("ImageConfig") or {}
    return image["Command"]


def _log_text(invocation: Invocation, version: str) -> str:
    return "\n".join(
        [
            f"START RequestId: {invocation.request_id} Version: {version}",
            *invocation.log.splitlines(),
            f"END RequestId: {invocation.request_id}",
            invocation.report,
        ]
    )


def _decoded(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")
