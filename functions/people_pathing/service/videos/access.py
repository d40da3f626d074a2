"""Explains why S3 does not return a video, and what can be done about it.

Sources: "Error responses" in the Amazon S3 API Reference, "Troubleshoot access denied errors" in the Amazon
S3 User Guide, and the error names of AWS KMS, which S3 passes on with the prefix "KMS.".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.common.aws_errors import NOT_FOUND_CODES, PRECONDITION_CODES, error_code

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


@dataclass(frozen=True, slots=True)
class AccessProblem:
    """Why a video cannot be read.

    Attributes:
        is_final: whether the video itself is the cause: it is gone, another one, or archived. Otherwise a
            permission, an encryption key or a bucket is the cause. Those can be repaired while a job waits,
            and a repair may take minutes to have an effect.
        reason: continues a sentence that begins with the video's name.
    """

    is_final: bool
    reason: str


_VIDEO_REASONS = {
    **dict.fromkeys(NOT_FOUND_CODES, "does not exist"),
    "NoSuchVersion": "has no such version",
    "InvalidArgument": "has no such version",
    # S3 answers with these if the requested version is a delete marker.
    **dict.fromkeys(("MethodNotAllowed", "405"), "is a delete marker, which has no content"),
    **dict.fromkeys(PRECONDITION_CODES, "was overwritten"),
    "KeyTooLongError": "has a name of more than 1,024 bytes in UTF-8, which no object can have",
    "InvalidURI": "has a name that S3 does not accept",
    **dict.fromkeys(("InvalidRange", "416"), "was overwritten by a shorter object"),
}

_KEY_REASONS = {
    "KMS.DisabledException": "is disabled; enable the key",
    "KMS.KMSInvalidStateException": "is unusable, for example because its deletion is pending; "
    "cancel the deletion",
    "KMS.NotFoundException": "does not exist",
    "KMS.AccessDeniedException": "may not be used by this service; allow its role kms:Decrypt, "
    "in the key's policy too",
}

_REGION_CODES = {
    "PermanentRedirect",
    "301",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}
_DENIED_CODES = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403"}

_DENIAL = re.compile(r"(?:because|with) (an explicit deny in an? [a-z -]+policy|no [a-z -]+ allows)")
"""The part of S3's message that says which policy denies access. The rest names accounts and roles."""


def access_problem(error: ClientError) -> AccessProblem | None:
    """Returns why S3 did not return a video, or None if neither it nor the access to it is the cause."""
    code, details = error_code(error), error.response.get("Error", {})
    message = str(details.get("Message", ""))
    if code in _VIDEO_REASONS:
        return AccessProblem(is_final=True, reason=_VIDEO_REASONS[code])
    if code == "InvalidObjectState":
        archive = details.get("AccessTier") or details.get("StorageClass") or "archived"
        return AccessProblem(is_final=True, reason=archived_reason(str(archive)))
    if code == "InvalidRequest" and "Server Side Encryption" in message:
        return AccessProblem(
            is_final=True, reason="is encrypted with a key that only its uploader has (SSE-C)"
        )
    reason = _access_reason(code, message)
    return None if reason is None else AccessProblem(is_final=False, reason=reason)


def archived_reason(archive: str) -> str:
    """Returns the reason for an object in an archive: a storage class, or a tier of Intelligent-Tiering."""
    return f"is archived ({archive}); restore it first"


def _access_reason(code: str, message: str) -> str | None:
    if code == "NoSuchBucket":
        return "is in a bucket that does not exist"
    if code in _REGION_CODES:
        return "is in a bucket of another region; use a bucket in the region of this service"
    if code.startswith("KMS."):
        return f"is encrypted with a key that {_KEY_REASONS.get(code, f'cannot be used ({code})')}"
    if code not in _DENIED_CODES:
        return None
    denial = _DENIAL.search(message)
    which = f" ({denial[1]})" if denial else ""
    if "kms:" in message:
        return f"is encrypted with a key that {_KEY_REASONS['KMS.AccessDeniedException']}{which}"
    return (
        "is in a bucket whose content this service may not read; allow its role s3:GetObject and "
        f"s3:GetObjectVersion, in the bucket's policy too{which}"
    )
