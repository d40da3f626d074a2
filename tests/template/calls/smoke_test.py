"""Records the calls of RunSmokeTest over moto, with a pipeline that works while the test waits."""

from __future__ import annotations

from typing import Any

from moto import mock_aws

from people_pathing.smoke_test.clip_erasure import erase_clip
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS
from tests.template.calls.call import Call
from tests.template.resolved import Stack
from tests.unit.smoke_test.conftest import ARTIFACTS, STORE, World
from tests.unit.smoke_test.test_clip_erasure import KEY, track
from tests.unit.smoke_test.test_scheduled import Runner, upload_of_users

ROLE = "RunSmokeTestRole"


def smoke_test_calls(stack: Stack) -> dict[str, dict[str, Call]]:
    """Returns what RunSmokeTest calls, with the names of a deployed stack that has this function."""
    calls: dict[str, Call] = {}
    names = {
        VIDEOS: stack.physical_name("VideoBucket"),
        RESULTS: stack.physical_name("ResultsBucket"),
        ARTIFACTS: stack.physical_name("ArtifactBucket"),
        JOBS: stack.physical_name("JobTable"),
        STORE: stack.physical_name("JobStoreTable"),
    }

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
        named = {
            key: names.get(value, value) if isinstance(value, str) else value for key, value in params.items()
        }
        service = str(model.service_model.service_name)
        call = Call(service, str(model.name), named)
        calls.setdefault(call.shape, call)

    with mock_aws():
        world = World()
        clients = (world.app.s3, world.app.dynamodb)

        def watch(*, is_on: bool) -> None:
            for client in clients:
                change = client.meta.events.register if is_on else client.meta.events.unregister
                change("provide-client-params", keep)

        class WatchedRunner(Runner):
            def _work(self, seconds: float) -> None:
                watch(is_on=False)
                super()._work(seconds)
                watch(is_on=True)

        runner = WatchedRunner(world)
        watch(is_on=True)
        runner.run()
        watch(is_on=False)
        # What an earlier run and a function that died may have left.
        track(world, KEY)
        [record] = world.app.records()
        for bucket, prefix in ((RESULTS, record.results_prefix), (ARTIFACTS, f"jobs/{record.job_id}/")):
            world.app.s3.create_multipart_upload(Bucket=bucket, Key=f"{prefix}observations.jsonl.gz")
        watch(is_on=True)
        erase_clip(world.stack, KEY, 0)
        watch(is_on=False)
        # A run whose clip has no turn.
        upload_of_users(runner, "running.mp4", "waiting.mp4")
        watch(is_on=True)
        runner.run()
        watch(is_on=False)
    environment = stack.of_type("AWS::Lambda::Function")["RunSmokeTest"]["Environment"]["Variables"]
    for call in (
        Call("rekognition", "GetPersonTracking", {"JobId": "0"}),
        Call(
            "sts",
            "AssumeRole",
            {"RoleArn": environment["UNPRIVILEGED_ROLE_ARN"], "RoleSessionName": "smoke"},
        ),
        Call("lambda", "Invoke", {"FunctionName": environment["ASSOCIATE_WINDOW_FUNCTION"]}),
    ):
        calls[call.shape] = call
    return {ROLE: calls}
