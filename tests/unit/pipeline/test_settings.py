from dataclasses import asdict

import pytest

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline.settings import Settings

COMPLETE = {
    "JOB_TABLE": "jobs",
    "RESULTS_BUCKET": "results",
    "COMPLETION_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:AmazonRekognition-done",
    "COMPLETION_ROLE_ARN": "arn:aws:iam::123456789012:role/done",
    "STACK_ID": "arn:aws:cloudformation:eu-central-1:123456789012:stack/people/0b6b8f2e-3f5d-4b8e-9c56",
    "RECORDER_TIME_ZONE": "Europe/Berlin",
    "RECORDED_AT_PATTERN": "default",
    "SIGNING_NAME": "lambda",
}


def test_each_setting_is_the_environment_variable_of_its_name() -> None:
    settings = Settings.from_environment({**COMPLETE, "PATH": "/bin"})
    assert {name.upper(): value for name, value in asdict(settings).items()} == COMPLETE


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_the_error_names_a_missing_or_empty_variable(name: str) -> None:
    for environment in ({**COMPLETE, name: ""}, {key: COMPLETE[key] for key in COMPLETE if key != name}):
        with pytest.raises(SettingsError, match=f"environment variable {name} is not set"):
            Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("stack_id", "secret"),
    [(COMPLETE["STACK_ID"], "0b6b8f2e-3f5d-4b8e-9c56"), ("a-secret", "a-secret"), ("stack/", "stack/")],
)
def test_the_token_secret_is_the_guid_at_the_end_of_the_stacks_id(stack_id: str, secret: str) -> None:
    assert Settings.from_environment({**COMPLETE, "STACK_ID": stack_id}).token_secret == secret
