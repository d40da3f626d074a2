"""How the console shows the parameters of the template."""

from collections import Counter

from tests.template.translated import source


def test_every_parameter_is_in_exactly_one_group() -> None:
    groups = source()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = Counter(name for group in groups for name in group["Parameters"])

    assert grouped == Counter(source()["Parameters"].keys())
