"""Checks the parameters of template.yaml: which values deploy, and how the console shows them."""

import re
from collections import Counter

import pytest

from people_pathing.engine.registries import DETECTORS, FACE_DETECTORS, known_face_models
from people_pathing.engine.selection import AUTOMATIC
from tests.template.deployments import OWN_SERVICE, PARAMETERS
from tests.template.translated import conditions, deployed, source, translated

EMPTY_BY_DEFAULT = [name for name, parameter in source()["Parameters"].items() if parameter["Default"] == ""]


def test_every_parameter_is_in_exactly_one_group() -> None:
    groups = source()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = Counter(name for group in groups for name in group["Parameters"])

    assert grouped == Counter(source()["Parameters"].keys())


def test_some_parameters_are_empty_by_default() -> None:
    assert EMPTY_BY_DEFAULT


@pytest.mark.parametrize("condition", translated()["Conditions"])
def test_every_condition_is_true_in_one_tested_deployment_and_false_in_another(condition: str) -> None:
    assert {conditions(**given)[condition] for given in PARAMETERS.values()} == {True, False}


@pytest.mark.parametrize("parameter", EMPTY_BY_DEFAULT)
def test_none_deploys_exactly_as_an_empty_value_does(parameter: str) -> None:
    given = {"RekognitionEndpointUrl": "https://tracking.example"}.get(parameter, "something")
    # A rule refuses a security group without subnets.
    needed = {"WorkerSubnetIds": "subnet-12345678"} if parameter == "WorkerSecurityGroupId" else {}

    assert deployed(**{parameter: "none"}) == OWN_SERVICE
    assert deployed(**{**needed, parameter: given}) != OWN_SERVICE
    pattern = source()["Parameters"][parameter].get("AllowedPattern", ".*")
    assert re.fullmatch(pattern, "none")
    assert '"none"' in source()["Parameters"][parameter]["Description"]


def test_re_identification_can_be_turned_off_or_get_another_model() -> None:
    def passed_on(value: str) -> object:
        function = deployed(ReidentificationModel=value)["Resources"]["DetectSegment"]
        return function["Properties"]["Environment"]["Variables"]["REIDENTIFICATION_MODEL"]

    given = {"Ref": "ReidentificationModel"}
    assert [passed_on(value) for value in ("default", "none", "/opt/models/a.onnx")] == ["", given, given]


KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOT_WHOLE = ("", "2.5", "20.0", "-1", "+5", "1e2", "05", "many")


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("SampleFps", ("default", "all", "7", "7.5", "0.5", "10", "010"), ("0", "0.0", "-1", "many", "")),
        ("DetectorInput", ("default", "32", "640", "4096"), ("31", "4097", "0", "10", "all", "640.0")),
        (
            "MaxConcurrentJobs",
            ("1", "9", "10", "20", "99", "100", "399", "400"),
            (*NOT_WHOLE, "0", "401", "999"),
        ),
        ("MaxConcurrentSegments", ("1", "9", "10", "40"), (*NOT_WHOLE, "0", "41", "100")),
        ("SegmentSeconds", ("1", "60", "1800"), (*NOT_WHOLE, "0", "10000")),
        ("VideoDays", ("none", "1", "30", "3650"), (*NOT_WHOLE, "0", "10000")),
        ("ResultDays", ("none", "1", "30", "3650"), (*NOT_WHOLE, "0", "10000")),
        ("OldVersionDays", ("1", "30", "3650"), (*NOT_WHOLE, "0", "none", "10000")),
        (
            "VideoKmsKeyArn",
            ("", "none", KEY_ARN, KEY_ARN.replace("key/", "key/mrk-")),
            ("key", KEY_ARN.replace("key/", "alias/"), f"{KEY_ARN}*", f"{KEY_ARN},{KEY_ARN}", "*"),
        ),
        (
            "WorkerSubnetIds",
            ("", "none", "subnet-12345678", "subnet-0123456789abcdef0"),
            ("subnet", "subnet-", "vpc-12345678", "sg-12345678", "subnet-12345678,subnet-87654321"),
        ),
        (
            "WorkerSecurityGroupId",
            ("", "none", "sg-12345678", "sg-0123456789abcdef0"),
            ("default", "sg-", "subnet-12345678", "sg-12345678,sg-87654321"),
        ),
        (
            "RekognitionEndpointUrl",
            ("", "none", "https://rekognition.eu-west-1.amazonaws.com", "http://127.0.0.1:4000"),
            ("https://abc.lambda-url.eu-west-1.on.aws/", "rekognition"),
        ),
    ],
)
def test_a_parameter_that_would_fail_every_job_is_rejected_at_deployment(
    parameter: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    # CloudFormation checks no pattern of a Number. In a list, it checks each value.
    assert OWN_SERVICE["Parameters"][parameter]["Type"] in {"String", "CommaDelimitedList"}
    pattern = OWN_SERVICE["Parameters"][parameter]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []


def test_the_detectors_to_choose_from_are_the_registered_ones() -> None:
    parameters = OWN_SERVICE["Parameters"]
    assert parameters["Detector"]["AllowedValues"] == [AUTOMATIC, *DETECTORS.names()]
    assert parameters["Detector"]["Default"] == AUTOMATIC


def test_the_face_detector_that_the_template_names_is_registered() -> None:
    quoted = re.findall(r'"(\w+)"', OWN_SERVICE["Parameters"]["FaceModel"]["Description"])
    [named] = [name for name in quoted if name != "none"]
    assert named in FACE_DETECTORS.names()
    assert named in [model.name for model in known_face_models()]
