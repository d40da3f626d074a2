"""Lints every policy of the stack with parliament. A finding fails unless it is explained here.

python -m tests.template.second_opinion .venv-checkov/bin/parliament
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.template.policies import write_policies

EXPLAINED = {
    r"CallTrackingPolicy: Unknown condition lambda:InvokedViaFunctionUrl for action lambda:InvokeFunction": (
        "The key is of October 2025, and parliament's data are of April 2025. "
        'Source: "Control access to Lambda function URLs" in the AWS Lambda Developer Guide.'
    ),
    r"ConnectToVpcPolicy: Unknown condition lambda:SourceFunctionArn for action ec2:\w+": (
        "Lambda adds the key to all calls of a function's code, whatever the service. "
        'Source: "Using source function ARN to control function access behavior" in the same guide.'
    ),
    r"ConnectToVpcPolicy: ec2:\w+(, ec2:\w+)*": (
        "AWS's own policy AWSLambdaVPCAccessExecutionRole has no resource either: a network interface has no "
        "name before it exists. The second statement denies the actions to the function's code."
    ),
    r"SweepJobsRole: states:ListExecutions needs arn:\*:states:\*:\*:mapRun:\*/\*:\*": (
        "An execution is listed by its state machine or by its map run. parliament demands both."
    ),
    r"SweepJobsRole: states:DescribeExecution needs arn:\*:states:\*:\*:express:\*:\*:\*": (
        "The state machine is a standard one. parliament demands the executions of express ones, too."
    ),
}
"""Findings that are wrong, as patterns of `text_of`, and why."""


def text_of(finding: Mapping[str, object]) -> str:
    """Returns a finding as one line: the resource, and what parliament says about it."""
    location, detail = finding["location"], finding["detail"]
    assert isinstance(location, dict)
    logical_id = Path(str(location["filepath"])).name.split(".")[1]
    if isinstance(detail, list):
        parts = [
            f"{part['action']} needs {part['required_format']}" if isinstance(part, dict) else str(part)
            for part in detail
        ]
        detail = ", ".join(parts)
    return f"{logical_id}: {detail or finding['title']}"


def unexplained(texts: set[str]) -> list[str]:
    """Returns the findings without an explanation, and the explanations without a finding."""
    new = [text for text in texts if not any(re.fullmatch(pattern, text) for pattern in EXPLAINED)]
    old = [pattern for pattern in EXPLAINED if not any(re.fullmatch(pattern, text) for text in texts)]
    return [*sorted(new), *(f"explained, but not found any more: {pattern}" for pattern in old)]


def main(program: str) -> int:
    """Prints what is not explained. Returns 1 if there is something."""
    with tempfile.TemporaryDirectory() as folder:
        write_policies(Path(folder))
        # parliament's own way to ignore a finding by its place does not work in 1.6.4.
        python = Path(program).with_name("python")
        command = [str(python), "-W", "ignore", program, "--json", "--directory", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.stderr or done.returncode not in (0, 1):
        print(done.stderr or f"parliament ended with {done.returncode}")
        return 1
    problems = unexplained({text_of(json.loads(line)) for line in done.stdout.splitlines()})
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
