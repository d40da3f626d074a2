"""Recognises errors that the user's environment causes, and says in one line what is wrong and what to do.

Every other error is a defect of this program and keeps its traceback.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from people_pathing.common.formats import NewerFormatError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_OURS = frozenset({"people_pathing", "devstack"})
_SDK = frozenset({"boto3", "botocore", "s3transfer"})
_SETTINGS = "AWS_PROFILE, the other AWS_ variables and ~/.aws/config"
_NETWORK = "check the network, the proxy settings, AWS_ENDPOINT_URL and the region"
_SIGN_IN = "sign in again (`aws sso login`), or renew the credentials"

# By the class of botocore's error. An error without an advice says enough by itself.
_SDK_ADVICE = {
    "NoRegionError": "set AWS_DEFAULT_REGION (boto3 does not read AWS_REGION), or `region` in your profile",
    "NoCredentialsError": "set AWS_PROFILE, or store credentials with `aws configure`",
    "PartialCredentialsError": "set both the access key and the secret key",
    "CredentialRetrievalError": "check `credential_process` in your AWS profile",
    "ProfileNotFound": "`aws configure list-profiles` lists the profiles; set AWS_PROFILE to one of them",
    "ConfigParseError": "correct the file, or name another one in AWS_CONFIG_FILE",
    "ConfigNotFound": "create the file, or name another one in AWS_CONFIG_FILE",
    "InfiniteLoopConfigError": "correct `source_profile` in your AWS profile",
    "UnauthorizedSSOTokenError": _SIGN_IN,
    "SSOTokenLoadError": _SIGN_IN,
    "TokenRetrievalError": _SIGN_IN,
    "EndpointConnectionError": _NETWORK,
    "ConnectTimeoutError": _NETWORK,
    "ReadTimeoutError": _NETWORK,
    "ConnectionClosedError": _NETWORK,
    "ProxyConnectionError": _NETWORK,
    "SSLError": "set AWS_CA_BUNDLE to a file that has the certificate of your proxy",
}
# By the code in the reply of an AWS service.
_REPLY_ADVICE = {
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"), _SIGN_IN),
    **dict.fromkeys(
        (
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "UnrecognizedClientException",
            "AuthFailure",
        ),
        "these credentials do not work; set AWS_PROFILE, or renew the credentials",
    ),
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"),
        "use credentials whose policies allow this call",
    ),
    **dict.fromkeys(("RequestExpired", "RequestTimeTooSkewed"), "set the clock of this machine"),
    **dict.fromkeys(
        ("Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown"), "try again in a minute"
    ),
}
_MISSING_STACK_ADVICE = "name it with --stack-name, and check AWS_PROFILE and the region"


def environment_problem(error: Exception) -> str | None:
    """Returns a line that says what is wrong and what to do, or None if the error is a defect."""
    if "botocore" in sys.modules and (line := _sdk_problem(error)) is not None:
        return line
    if isinstance(error, NewerFormatError):
        return str(error)
    if isinstance(error, OSError):
        return _system_problem(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory; close other programs, or use a machine with more"
    return None


def _sdk_problem(error: Exception) -> str | None:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    if isinstance(error, ClientError):
        return _reply_problem(error)
    if isinstance(error, Boto3Error) and isinstance(error.__cause__ or error.__context__, ClientError):
        # boto3's transfers describe the service's error in their own.
        return f"AWS request failed: {error}"
    if isinstance(error, BotoCoreError):
        return _with_advice(f"AWS request failed: {error}", _SDK_ADVICE.get(type(error).__name__))
    if isinstance(error, ResponseParserError) or "botocore.parsers" in _modules(error.__traceback__):
        return f"what answered is not AWS; {_NETWORK}"
    if _last_package(error.__traceback__) not in _SDK:
        return None
    if isinstance(error, EOFError):
        return "your AWS profile asks for an MFA code, and there is no terminal to type it; use a terminal"
    # The SDK lets errors of its own settings pass: an endpoint without a scheme, a credential_process that
    # prints no JSON, a number that is none, a CA bundle that does not exist.
    return f"the AWS SDK cannot use your settings ({type(error).__name__}: {error}); check {_SETTINGS}"


def _reply_problem(error: ClientError) -> str:
    reply = error.response.get("Error", {})
    code, message = reply.get("Code", ""), reply.get("Message", "")
    is_missing_stack = error.operation_name == "DescribeStacks" and code == "ValidationError"
    advice = _MISSING_STACK_ADVICE if is_missing_stack else _REPLY_ADVICE.get(code)
    return _with_advice(f"AWS refused {error.operation_name}: {code}: {message}", advice)


def _system_problem(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    places = [str(name) for name in (error.filename, error.filename2) if name is not None]
    advice = {
        errno.ENOSPC: "free some space, or choose another disk",
        errno.EDQUOT: "free some space, or choose another disk",
        errno.EMFILE: "raise the limit of open files (`ulimit -n`)",
        errno.EROFS: "choose another folder",
    }.get(error.errno or 0)
    return _with_advice(": ".join((*places, reason)), advice)


def _with_advice(problem: str, advice: str | None) -> str:
    return f"{problem.rstrip('.')}; {advice}" if advice else problem


def _last_package(trace: TracebackType | None) -> str | None:
    """Returns the package, ours or the SDK's, that was the last one to call something before the error."""
    packages = [module.partition(".")[0] for module in _modules(trace)]
    return next((package for package in reversed(packages) if package in _OURS | _SDK), None)


def _modules(trace: TracebackType | None) -> Iterator[str]:
    while trace:
        yield str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
