"""Makes boto3 sessions and environment variables that reach a local server, and nothing else."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from people_pathing.client_routing.data_files import data_files
from people_pathing.client_routing.data_folder import DataFolder
from people_pathing.client_routing.installed_sdk import installed_source
from people_pathing.client_routing.route import Route

REGION = "us-east-1"
QUEUE_RULES = "sqs/2012-11-05/endpoint-rule-set-1.json"
CLI_QUEUE_HOST = "queue.amazonaws.com"
"""Where the AWS CLI v1 sends calls of SQS in REGION. It takes this address for the choice of its user, so
AWS_ENDPOINT_URL does not apply, and the address decides about the proxy. See the module
awscli.customizations.overridesslcommonname."""

_LOCAL_HOSTS = ("127.0.0.1", "localhost", CLI_QUEUE_HOST)


def local_session(access_key: str, secret_key: str) -> boto3.Session:
    """Makes a session that reads no AWS setting of the user and sends no request to a proxy."""
    no_environment = {
        name: (key, None, default, convert)
        for name, (key, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    no_files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    session = botocore.session.Session(session_vars={**no_environment, **no_files})
    session.set_default_client_config(Config(proxies={}))
    return boto3.Session(access_key, secret_key, region_name=REGION, botocore_session=session)


def create_administrator(endpoint_url: str, root_key: str) -> boto3.Session:
    """Creates a user who may do everything in the local stack.

    IAM policies do not apply to the root user, so the root key must not deploy or test anything.

    Args:
        endpoint_url: where the local server listens.
        root_key: the server's root key, which is both the access key id and the secret.

    Returns:
        A session with the user's credentials.
    """
    iam: Any = local_session(root_key, root_key).client("iam", endpoint_url=endpoint_url)
    iam.create_user(UserName="administrator")
    allow_all = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    iam.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=json.dumps(allow_all))
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    return local_session(key["AccessKeyId"], key["SecretAccessKey"])


def client_environment(endpoint_url: str, access_key: str, secret_key: str) -> dict[str, str]:
    """Returns environment variables that make the AWS CLI and the SDKs use a local server.

    The user's own profiles, instance credentials and proxies do not apply.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **without_proxy(os.environ),
        **{name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ},
    }


def write_data_files(folder: Path, endpoint_url: str) -> None:
    """Writes the files that `people-pathing connect --out` writes for a deployed stack.

    Args:
        folder: what AWS_DATA_PATH has to be for programs that use them.
        endpoint_url: where the two operations go, signed for Lambda.
    """
    route = Route(REGION, endpoint_url, "lambda", account="000000000000", stack_name="people-pathing")
    DataFolder(folder).write(data_files(installed_source(), [route]))


def write_queue_rules(folder: Path, endpoint_url: str) -> None:
    """Writes rules for SQS that send what the AWS CLI v1 would send to AWS to a local server.

    Format: Smithy's rules engine, https://smithy.io/2.0/additional-specs/rules-engine/specification.html

    Args:
        folder: what AWS_DATA_PATH has to be.
        endpoint_url: where the local server listens.
    """
    given = {"ref": "Endpoint"}
    is_given = {"fn": "isSet", "argv": [given]}
    is_at_aws = {"fn": "stringEquals", "argv": [given, f"https://{CLI_QUEUE_HOST}"]}
    rule_set = {
        "version": "1.0",
        "parameters": {"Endpoint": {"builtIn": "SDK::Endpoint", "required": False, "type": "String"}},
        "rules": [
            _endpoint_rule([is_given, is_at_aws], endpoint_url),
            _endpoint_rule([is_given], given),
            _endpoint_rule([], endpoint_url),
        ],
    }
    path = folder / QUEUE_RULES
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rule_set), encoding="utf-8")


def _endpoint_rule(conditions: list[dict[str, Any]], url: object) -> dict[str, Any]:
    return {
        "type": "endpoint",
        "conditions": conditions,
        "endpoint": {"url": url, "properties": {}, "headers": {}},
    }


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns proxy variables that exempt the local server. Other requests still go to the user's proxy."""
    # Programs read only one of the two, and not all the same one.
    before = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    hosts = [host.strip() for host in before.split(",") if host.strip()]
    # "*" means all hosts, but only if it is alone.
    own = [] if "*" in hosts else [host for host in _LOCAL_HOSTS if host not in hosts]
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join([*hosts, *own]))


def environment_without_aws() -> dict[str, str]:
    """Returns this process's environment variables without the user's AWS settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
