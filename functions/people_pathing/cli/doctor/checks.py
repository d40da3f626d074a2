"""The list of all checks, and how one is run: an error of AWS becomes a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from people_pathing.cli.doctor import check_access, check_account, check_stack, check_tools
from people_pathing.cli.doctor.subjects import Account, Stack, read_stack
from people_pathing.cli.environment_errors import environment_problem
from people_pathing.common.aws_errors import error_code
from people_pathing.common.finding import Finding, Line, Outcome, failed, not_checked, ok

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

Subject = TypeVar("Subject")

_DENIED_CODES = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
    "403",
}
# The right to an operation usually has the name of the operation.
_NAMES_OF_RIGHTS = {
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
}
_NO_REGION = "there is no region"
_NO_CREDENTIALS = "there are no working credentials"


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """One check.

    Attributes:
        name: what is checked.
        find: checks it, and changes nothing.
        actions: the rights that the caller needs for it.
        needs_account: whether it calls AWS with the caller's credentials.
    """

    name: str
    find: Callable[[Subject], Finding]
    actions: tuple[str, ...] = ()
    needs_account: bool = True


REGION = Check("region", check_account.check_region, needs_account=False)
ENDPOINTS = Check("endpoints", check_account.check_endpoints, needs_account=False)
CREDENTIALS = Check("credentials", check_account.check_credentials, ("sts:GetCallerIdentity",))
STACK_ACTIONS = ("cloudformation:DescribeStacks", "cloudformation:ListStackResources")
_SIMULATION = ("sts:GetCallerIdentity", "iam:GetRole", "iam:SimulatePrincipalPolicy")

CHECKS_BEFORE_DEPLOYMENT = (
    Check("sam", check_tools.check_sam, needs_account=False),
    Check("image builder", check_tools.check_image_builder, needs_account=False),
    Check("make", check_tools.check_make, needs_account=False),
    Check("disk", check_tools.check_disk, needs_account=False),
    Check("executions", check_account.check_default_quota, ("lambda:GetAccountSettings",)),
    Check("rights to deploy", check_account.check_rights_to_deploy, _SIMULATION),
)

CHECKS_OF_A_STACK = (
    Check("status", check_stack.check_status, STACK_ACTIONS),
    Check("executions", check_stack.check_limits, ("lambda:GetAccountSettings",)),
    Check("functions", check_stack.check_functions, ("lambda:GetFunctionConfiguration",)),
    Check("images", check_stack.check_images, ("lambda:GetFunction", "ecr:DescribeImages")),
    Check("uploads", check_stack.check_trigger, ("s3:GetBucketNotification",)),
    Check("schedules", check_stack.check_schedules, ("events:DescribeRule",)),
    Check("alarms", check_stack.check_alarm_receivers, ("sns:ListSubscriptionsByTopic",)),
    Check(
        "smoke test",
        check_stack.check_smoke_test,
        ("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"),
    ),
    Check("Function URL", check_access.check_api_refuses),
    Check("calls", check_access.check_caller),
    Check("routing", check_access.check_routing),
    Check("rights to use", check_access.check_rights_to_use, _SIMULATION),
    Check(
        "notification roles",
        check_access.check_notification_roles,
        ("iam:GetRole", "iam:SimulatePrincipalPolicy"),
    ),
    Check(
        "video key",
        check_access.check_video_key,
        ("s3:GetEncryptionConfiguration", "lambda:GetFunctionConfiguration", "iam:SimulatePrincipalPolicy"),
    ),
)


def diagnose(account: Account, stack_name: str, *, must_exist: bool) -> Iterator[Line]:
    """Runs all checks that apply, and yields what each found as soon as it is known.

    Args:
        account: the caller's account.
        stack_name: the stack.
        must_exist: whether it is a failure if the stack is not deployed.
    """
    yield _run(REGION, account)
    has_account = False
    for check in (ENDPOINTS, CREDENTIALS):
        line = _run(check, account) if account.region else Line(check.name, not_checked(_NO_REGION))
        yield line
        has_account = check is CREDENTIALS and line.finding.outcome is Outcome.OK
    stack = None
    if has_account:
        stack, problem = _find_stack(account, stack_name, must_exist)
        if problem is not None:
            yield problem
    if stack is not None:
        for check_of_stack in CHECKS_OF_A_STACK:
            yield _run(check_of_stack, stack)
        return
    if must_exist and has_account:
        return
    missing = _NO_CREDENTIALS if account.region else _NO_REGION
    for check in CHECKS_BEFORE_DEPLOYMENT:
        can_run = has_account or not check.needs_account
        yield _run(check, account) if can_run else Line(check.name, not_checked(missing))


def _find_stack(account: Account, name: str, must_exist: bool) -> tuple[Stack | None, Line | None]:
    """Returns the stack if it can be checked, and a line if it cannot."""
    found: list[Stack] = []

    def find(_: Account) -> Finding:
        stack = read_stack(account, name)
        if stack is None and must_exist:
            return failed(
                f"there is no stack {name} in {account.region}",
                "name the stack with --stack-name, and check AWS_PROFILE and the region",
            )
        if stack is None:
            return ok(
                f"there is no stack {name} in {account.region} yet, so what a deployment needs is checked"
            )
        if "JobTableName" not in stack.outputs:
            status = check_stack.check_status(stack)
            # The first deployment of our template has no outputs until it is complete.
            if stack.outputs or status.outcome is not Outcome.FAILED:
                return failed(f"{name} is not a stack of people-pathing", "name one with --stack-name")
            return status
        found.append(stack)
        return ok(f"{name} exists")

    line = _run(Check("stack", find, STACK_ACTIONS), account)
    return (found[0], None) if found else (None, line)


def _run(check: Check[Subject], subject: Subject) -> Line:
    """Runs one check. An error of AWS or of the network becomes its finding.

    Raises:
        Exception: the error is a defect of this program.
    """
    from botocore.exceptions import ClientError

    try:
        return Line(check.name, check.find(subject))
    except ClientError as error:
        if error_code(error) in _DENIED_CODES:
            return Line(check.name, not_checked(f"needs {_denied_action(check, error)}"))
        problem = environment_problem(error) or str(error)
    except Exception as error:
        found = environment_problem(error)
        if found is None:
            raise
        problem = found
    message, _, advice = problem.rpartition("; ")
    return Line(check.name, failed(message or advice, advice if message else "see the message"))


def _denied_action(check: Check[Subject], error: ClientError) -> str:
    """Returns the right that the denied call needs."""
    name = _NAMES_OF_RIGHTS.get(error.operation_name, error.operation_name)
    called = [action for action in check.actions if action.partition(":")[2] == name]
    return " and ".join(called) or str(error.operation_name)
