"""Checks that MiniStack still has the private names that this package uses."""

import importlib

_USED = {
    "ministack.services.lambda_svc": (
        "_execute_function_dispatch",
        "_build_function_url_event",
        "_emit_lambda_logs",
        "_functions",
        "_publish_version",
        "_resolve_layer_zip",
        "resolve_function_url",
    ),
    "ministack.services.cloudformation": ("_stacks",),
    "ministack.services.cloudformation.provisioners": (
        "_RESOURCE_HANDLERS",
        "_cw_metric_alarm_record",
        "_lambda_url_attributes",
        "_lambda_version_function",
    ),
    "ministack.services.cloudwatch": ("_alarms",),
    "ministack.services.stepfunctions": (
        "_create_state_machine_alias",
        "_delete_state_machine_alias",
        "_delete_state_machine_version",
        "_execution_version_arn",
        "_publish_state_machine_version",
        "_start_execution",
        "_state_machine_versions",
        "_state_machines",
        "_update_state_machine_alias",
    ),
    "ministack.core.iam_actions": ("extract_resource_arn",),
    "ministack.core.responses": ("AccountRegionScopedDict",),
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


def require_used_names() -> None:
    """Checks every name that this package uses.

    Raises:
        SystemExit: this version of MiniStack lacks some of the names. The message lists them.
    """
    missing = [
        f"{module}.{name}"
        for module, names in _USED.items()
        for name in names
        if not hasattr(importlib.import_module(module), name)
    ]
    if missing:
        raise SystemExit(
            f"this version of MiniStack lacks {', '.join(missing)}: "
            "install the version that requirements/aws.txt names"
        )
