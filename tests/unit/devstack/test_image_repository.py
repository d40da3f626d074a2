"""The command that names one repository for all image functions, and what SAM makes of it."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from devstack.folders import REPOSITORY, TOOLS
from devstack.sam import IMAGE_FUNCTIONS

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/people-pathing-worker"


def run_in_tools(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Python with SAM and tomlkit, as the Makefile does."""
    return subprocess.run(
        [str(TOOLS / "bin" / "python"), *arguments],
        cwd=REPOSITORY,
        env={"PYTHONPATH": f"functions:{REPOSITORY}", "HOME": "/nonexistent", "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def set_image_repository(samconfig: Path, uri: str) -> subprocess.CompletedProcess[str]:
    return run_in_tools(
        "-c",
        "import sys; from pathlib import Path; from devstack.image_repository import set_image_repository;"
        "set_image_repository(Path(sys.argv[1]), sys.argv[2])",
        str(samconfig),
        uri,
    )


@pytest.fixture
def samconfig(tmp_path: Path) -> Path:
    copy = tmp_path / "samconfig.toml"
    shutil.copyfile(REPOSITORY / "samconfig.toml", copy)
    return copy


def test_all_image_functions_get_one_repository(samconfig: Path) -> None:
    before = samconfig.read_text()
    with_other_choice = before.replace("resolve_s3 = true", "resolve_s3 = true\nresolve_image_repos = true")
    samconfig.write_text(with_other_choice)

    for _ in range(2):
        done = set_image_repository(samconfig, URI)
        assert done.returncode == 0, done.stderr

    parameters = tomllib.loads(samconfig.read_text())["default"]["deploy"]["parameters"]
    assert parameters.pop("image_repositories") == [f"{name}={URI}" for name in IMAGE_FUNCTIONS]
    assert parameters == tomllib.loads(before)["default"]["deploy"]["parameters"]
    assert [line for line in before.splitlines() if line not in samconfig.read_text()] == []


def test_something_else_than_the_address_of_a_repository_is_refused(samconfig: Path) -> None:
    before = samconfig.read_text()

    done = set_image_repository(samconfig, "None")

    assert "'None' is not ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME" in done.stderr
    assert samconfig.read_text() == before


BUILDS_AND_TAGS = """
import json, sys
from samcli.lib.build.build_graph import BuildGraph, FunctionBuildDefinition
from samcli.lib.package.image_utils import tag_translation
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

models = {"ImageModels": "nano person-detection-0200"}
stacks, _ = SamLocalStackProvider.get_stacks("template.yaml", parameter_overrides=models)
graph = BuildGraph(sys.argv[1])
for function in SamFunctionProvider(stacks).get_all():
    if function.packagetype == "Image":
        names = ("runtime", "codeuri", "imageuri", "packagetype", "architecture", "metadata", "handler")
        definition = FunctionBuildDefinition(*(getattr(function, name) for name in names))
        graph.put_function_build_definition(definition, function)
print(json.dumps([
    {
        "functions": [function.full_path for function in definition.functions],
        "arguments": definition.metadata["DockerBuildArgs"],
        "tag": tag_translation(
            "{DockerImage}:{DockerTag}".format(**definition.metadata), "sha256:0123456789abcdef"
        ),
    }
    for definition in graph.get_function_build_definitions()
]))
"""


def test_sam_builds_one_image_for_all_functions_and_gives_it_one_tag(tmp_path: Path) -> None:
    done = run_in_tools("-c", BUILDS_AND_TAGS, str(tmp_path / "build"))

    assert done.returncode == 0, done.stderr
    [image] = json.loads(done.stdout)
    assert image == {
        "functions": list(IMAGE_FUNCTIONS),
        "arguments": {"MODELS": "nano person-detection-0200"},
        # The image's id is part of the tag, so another image never takes over a tag that is in use.
        "tag": "people-pathing-worker-0123456789ab-built",
    }


NEEDS_DOCKER_TO_DEPLOY = """
from samcli.commands.deploy.guided_context import GuidedContext
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

region = {"AWS::Region": "eu-west-1"}
stacks, _ = SamLocalStackProvider.get_stacks("template.yaml", global_parameter_overrides=region)
functions = SamFunctionProvider(stacks, ignore_code_extraction_warnings=True)
images = {function.imageuri for function in functions.get_all() if function.imageuri}
# It would search Docker for each image that it does not take for one in ECR.
GuidedContext.verify_images_exist_locally(functions.functions)
print(*images)
"""


def test_the_questions_of_sam_deploy_need_no_docker_where_the_image_is_in_ecr() -> None:
    done = run_in_tools("-c", NEEDS_DOCKER_TO_DEPLOY)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"{URI}:latest"]
