from dataclasses import asdict

import pytest

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline.settings import Settings

COMPLETE = {
    "JOB_TABLE": "jobs",
    "RESULTS_BUCKET": "results",
    "COMPLETION_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:AmazonRekognition-done",
    "COMPLETION_ROLE_ARN": "arn:aws:iam::123456789012:role/done",
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
