"""Counts the AWS calls of the service's bookkeeping, and measures their times against the local server.

    python -m benchmarks.bookkeeping [--against CHECKOUT] [--rounds N]

With `--against`, another checkout of this project is measured in the same run, in alternating rounds against
the same server. So the ratio does not depend on the load of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import boto3

from devstack.clients import REGION, environment_without_aws
from devstack.server_process import ServerProcess

ROOT = Path(__file__).parents[1]
ACCOUNT = "000000000000"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}
DEFINITION = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}


def main() -> None:
    """Measures one or two checkouts and prints a table."""
    parser = argparse.ArgumentParser(description="Measure the bookkeeping of the service.")
    parser.add_argument("--against", type=Path, help="another checkout of this project")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    checkouts = [ROOT] + ([arguments.against.resolve()] if arguments.against else [])
    with ServerProcess(0, ROOT / ".venv-aws") as server:
        server.wait_until_ready()
        environment = environment_without_aws() | {
            "AWS_ACCESS_KEY_ID": server.root_key,
            "AWS_SECRET_ACCESS_KEY": server.root_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": server.endpoint_url,
        }
        settings = prepare(environment)
        measured: dict[Path, dict[str, list[Any]]] = {checkout: defaultdict(list) for checkout in checkouts}
        for _ in range(arguments.rounds):
            for checkout in checkouts:
                for scenario, result in run(checkout, environment | settings).items():
                    measured[checkout][scenario].append(result)
    print_table(measured)


def prepare(environment: dict[str, str]) -> dict[str, str]:
    """Creates what the functions need, and returns their settings."""
    session = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=REGION
    )

    def client(name: str) -> Any:
        return session.client(name, endpoint_url=environment["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]

    for bucket in ("videos", "artifacts"):
        client("s3").create_bucket(Bucket=bucket)
    client("s3").put_object(Bucket="videos", Key="a.mp4", Body=b"a video")
    client("dynamodb").create_table(
        TableName="job-store",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    topic = client("sns").create_topic(Name="completion")["TopicArn"]
    role = client("iam").create_role(RoleName="completion", AssumeRolePolicyDocument=json.dumps(TRUST))
    role_arn = role["Role"]["Arn"]
    allow_publish = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": topic}],
    }
    client("iam").put_role_policy(
        RoleName="completion", PolicyName="publish", PolicyDocument=json.dumps(allow_publish)
    )
    machine = client("stepfunctions").create_state_machine(
        name="track", definition=json.dumps(DEFINITION), roleArn=role_arn
    )
    return {
        "ARTIFACT_BUCKET": "artifacts",
        "JOB_STORE_TABLE": "job-store",
        "STATE_MACHINE_ARN": machine["stateMachineArn"],
        "MAX_CONCURRENT_JOBS": "400",
        "VIDEO_BUCKETS": "videos",
        "NOTIFICATION_ROLE_ARNS": role_arn,
        "SERVICE_ROLE_ARNS": role_arn,
        "BENCHMARK_TOPIC_ARN": topic,
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_METRICS_NAMESPACE": "benchmark",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    }


def run(checkout: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Runs the scenarios with the functions of one checkout."""
    ran = subprocess.run(  # noqa: S603
        [sys.executable, ROOT / "benchmarks" / "bookkeeping_calls.py"],
        env=environment | {"PYTHONPATH": str(checkout / "functions"), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    results: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return results


def print_table(measured: dict[Path, dict[str, list[Any]]]) -> None:
    """Prints the calls and the median time of each scenario, one column per checkout."""
    names = list(measured)
    print("| scenario | " + " | ".join("here" if name == ROOT else str(name) for name in names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for scenario in measured[names[0]]:
        cells = []
        for name in names:
            rounds = measured[name][scenario]
            time_ms = statistics.median(ms for one in rounds for ms in one["times_ms"])
            cells.append(f"{rounds[0]['calls']} calls, {time_ms:.1f} ms")
        print(f"| {scenario} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
