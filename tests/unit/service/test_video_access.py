"""Why S3 does not return a video."""

from __future__ import annotations

import pytest

from people_pathing.service.videos.access import AccessProblem, access_problem
from tests.fakes.aws_errors import client_error

# Messages as S3 and KMS write them, with the names of an account and a role that no message may pass on.
ROLE = "arn:aws:sts::123456789012:assumed-role/worker/detect"
NO_KMS_RIGHT = (
    f"User: {ROLE} is not authorized to perform: kms:Decrypt on resource: "
    "arn:aws:kms:us-east-1:123456789012:key/k because no identity-based policy allows the kms:Decrypt action"
)
EXPLICIT_DENY = (
    f'User: {ROLE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/n" '
    "with an explicit deny in a resource-based policy"
)


def unreadable(code: str, message: str = "", **members: str) -> AccessProblem | None:
    return access_problem(client_error(code, "GetObject", 403, message, **members))


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (unreadable("NoSuchKey"), "does not exist"),
        (unreadable("NoSuchVersion"), "has no such version"),
        (unreadable("MethodNotAllowed"), "is a delete marker"),
        (unreadable("PreconditionFailed"), "was overwritten"),
        (unreadable("InvalidRange"), "was overwritten by a shorter object"),
        (
            unreadable("InvalidObjectState", StorageClass="DEEP_ARCHIVE"),
            "is archived (DEEP_ARCHIVE); restore",
        ),
        (
            unreadable("InvalidObjectState", StorageClass="INTELLIGENT_TIERING", AccessTier="ARCHIVE_ACCESS"),
            "is archived (ARCHIVE_ACCESS); restore",
        ),
        (
            unreadable(
                "InvalidRequest",
                "The object was stored using a form of Server Side Encryption. The correct ...",
            ),
            "is encrypted with a key that only its uploader has (SSE-C)",
        ),
    ],
)
def test_a_fault_of_the_video_is_final(reason: AccessProblem, why: str) -> None:
    assert reason.is_final
    assert reason.reason.startswith(why)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (unreadable("KMS.DisabledException"), "is encrypted with a key that is disabled; enable the key"),
        (unreadable("KMS.KMSInvalidStateException"), "its deletion is pending; cancel the deletion"),
        (unreadable("KMS.NotFoundException"), "is encrypted with a key that does not exist"),
        (unreadable("KMS.InvalidKeyUsageException"), "cannot be used (KMS.InvalidKeyUsageException)"),
        (
            unreadable("AccessDenied", NO_KMS_RIGHT),
            "kms:Decrypt, in the key's policy too (no identity-based policy",
        ),
        (unreadable("AccessDenied", EXPLICIT_DENY), "(an explicit deny in a resource-based policy)"),
        (unreadable("AccessDenied", "Access Denied"), "allow its role s3:GetObject and s3:GetObjectVersion"),
        (unreadable("NoSuchBucket"), "is in a bucket that does not exist"),
        (unreadable("PermanentRedirect"), "is in a bucket of another region"),
    ],
)
def test_a_fault_of_the_access_can_be_repaired_and_is_not_final(reason: AccessProblem, why: str) -> None:
    assert not reason.is_final
    assert why in reason.reason
    assert "123456789012" not in reason.reason


@pytest.mark.parametrize(
    "code", ["SlowDown", "InternalError", "ExpiredToken", "InvalidRequest", "RequestTimeout"]
)
def test_other_errors_say_nothing_about_the_video(code: str) -> None:
    assert unreadable(code) is None
