"""Three deployments of the template, and what the tests read in them."""

import pytest

from tests.template.translated import Json, deployed, of_type

PARAMETERS: dict[str, dict[str, str]] = {
    "own service": {},
    "existing service": {
        "RekognitionEndpointUrl": "https://tracking.example",
        "CanaryMinutes": "none",
    },
    "everything given": {
        "VideoBucketName": "my-videos",
        "ResultsBucketName": "my-results",
        "OtherVideoBuckets": "one,two",
        "TrackOtherVideoBuckets": "yes",
        "OtherNotificationRoleArns": "arn:aws:iam::123456789012:role/other",
        "VideoKmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "WorkerSubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
        "WorkerSecurityGroupId": "sg-0123456789abcdef0",
        "TrackingModel": "/opt/models/detector.onnx",
        "FaceModel": "centerface",
        "ReidentificationModel": "/opt/models/reidentifier.onnx",
        "VideoDays": "30",
        "ResultDays": "90",
        "AlarmEmail": "me@example.com",
        "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
        "RecountOnZonesChange": "100",
        "CatalogTables": "yes",
        "SmokeTestHours": "24",
    },
}
"""The parameters of each deployment that differ from their defaults."""

OWN_SERVICE, EXISTING_SERVICE, EVERYTHING_GIVEN = (deployed(**given) for given in PARAMETERS.values())
DEPLOYMENTS = pytest.mark.parametrize(
    "template",
    [OWN_SERVICE, EXISTING_SERVICE, EVERYTHING_GIVEN],
    ids=list(PARAMETERS),
)


def functions(template: dict[str, Json]) -> dict[str, Json]:
    return of_type(template, "AWS::Lambda::Function")


def functions_of_versions(template: dict[str, Json]) -> dict[str, str]:
    """Returns the function of each published version."""
    return {
        name: version["FunctionName"]["Ref"]
        for name, version in of_type(template, "AWS::Lambda::Version").items()
    }


def handler(function: Json) -> str:
    return str(function["ImageConfig"]["Command"][0] if "ImageConfig" in function else function["Handler"])


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def metrics_of(alarm: Json) -> list[Json]:
    """Returns the metrics that an alarm reads: one, or those of its expression."""
    if "Metrics" not in alarm:
        return [alarm]
    return [entry["MetricStat"]["Metric"] for entry in alarm["Metrics"] if "MetricStat" in entry]
