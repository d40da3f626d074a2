"""Checks what `make lint` does with the findings of parliament."""

from tests.template.policies import policies
from tests.template.resolved import Stack
from tests.template.second_opinion import EXPLAINED, text_of, unexplained

PLACE = {"filepath": "folder/own-service.ReadRole.1.json", "line": 1}


def test_a_finding_names_the_resource_and_what_is_wrong() -> None:
    unknown = {"title": "Unknown action", "detail": "no such action s3:GetObjekt", "location": PLACE}
    mismatch = {
        "title": "No resources match",
        "detail": [{"action": "s3:GetObject", "required_format": "arn:*:s3:::*/*"}],
        "location": PLACE,
    }

    assert text_of(unknown) == "ReadRole: no such action s3:GetObjekt"
    assert text_of(mismatch) == "ReadRole: s3:GetObject needs arn:*:s3:::*/*"
    assert text_of({**unknown, "detail": ""}) == "ReadRole: Unknown action"


def test_a_new_finding_and_an_explanation_that_is_out_of_date_are_reported() -> None:
    out_of_date = [f"explained, but not found any more: {pattern}" for pattern in EXPLAINED]

    assert unexplained({"ReadRole: no such action s3:GetObjekt"}) == [
        "ReadRole: no such action s3:GetObjekt",
        *out_of_date,
    ]


def test_every_policy_is_read_with_its_real_names() -> None:
    found = dict(policies(Stack()))

    assert found["AnalyzeResultsRole.1"]["Statement"][0]["Resource"] == (
        "arn:aws:s3:::people-pathing-videos-123456789012-us-east-1/zones/*"
    )
    assert {"ReadVideosPolicy.0", "AssumeNotificationRoles.0", "VideoBucketPolicy.0"} <= found.keys()
    assert "Fn::" not in str(found)
    assert "'Ref'" not in str(found)
