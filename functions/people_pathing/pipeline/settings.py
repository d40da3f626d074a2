"""What the three functions are told by their environment."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the environment variable of the same name in capitals, and the template sets it."""

    job_table: str
    results_bucket: str
    completion_topic_arn: str
    completion_role_arn: str
    signing_name: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Raise KeyError naming the variable that is missing or empty."""
        values = {}
        for field in fields(cls):
            name = field.name.upper()
            if not environment.get(name):
                raise KeyError(
                    f"environment variable {name} is missing: template.yaml sets it for this function"
                )
            values[field.name] = environment[name]
        return cls(**values)
