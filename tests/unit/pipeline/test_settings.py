import pytest

from people_pathing.pipeline.settings import Settings

COMPLETE = {
    "JOB_TABLE": "jobs",
    "RESULTS_BUCKET": "results",
    "COMPLETION_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:AmazonRekognition-done",
    "COMPLETION_ROLE_ARN": "arn:aws:iam::123456789012:role/done",
    "SIGNING_NAME": "lambda",
}


def test_settings_are_the_environment_variables_of_the_same_names() -> None:
    settings = Settings.from_environment({**COMPLETE, "PATH": "/bin"})
    assert settings.job_table == "jobs"
    assert settings.signing_name == "lambda"


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_a_missing_or_empty_variable_is_named(name: str) -> None:
    for environment in ({**COMPLETE, name: ""}, {key: COMPLETE[key] for key in COMPLETE if key != name}):
        with pytest.raises(KeyError, match=f"environment variable {name} is missing"):
            Settings.from_environment(environment)
