"""Other callers of the service: neighbours who use it rightly, and attackers who do not.

An attacker has an account's rights to call the service and to upload, and knows everything about a victim's
video. Only the id of the stack is unknown.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.simulation import code_under_test
from tests.simulation.deployment import Deployment
from tests.simulation.engine import Content
from tests.simulation.fakes.bucket import Version
from tests.simulation.scenario import Happening
from tests.simulation.world import Process

DECOY = "decoy.mp4"
CALLS = 3


@dataclass(frozen=True, slots=True)
class Callers:
    """Calls the service of a deployment.

    Attributes:
        deployment: the stack.
    """

    deployment: Deployment

    def attack(self, happening: Happening, victim: tuple[str, str]) -> None:
        """Starts a job of the attacker's own that looks like the victim's."""
        settings = self.deployment.settings
        video_id = code_under_test.video_id("videos", *victim)
        kind = self.deployment.world.tape.choose(3)
        key, version = victim
        if kind < 2:
            decoy = self._store(DECOY, Content(people=2, is_broken=kind == 1).to_bytes())
            key, version = DECOY, decoy.version_id
        request: dict[str, Any] = {
            "Video": {"S3Object": {"Bucket": "videos", "Name": key, "Version": version}},
            "NotificationChannel": {"SNSTopicArn": settings.topic_arn, "RoleArn": settings.role_arn},
            "JobTag": video_id,
        }
        if happening is Happening.TOKEN_ATTACK:
            request["ClientRequestToken"] = video_id

        def body() -> None:
            client = self.deployment.client("rekognition")
            for _ in range(CALLS):
                try:
                    client.start_person_tracking(**request)
                    return
                except (ClientError, BotoCoreError):
                    self.deployment.world.sleep(10.0)

        self._person("Attacker", body)

    def forge(self, victim: tuple[str, str], api: str) -> None:
        message = {
            "JobId": "f" * 64,
            "Status": ("FAILED", "SUCCEEDED")[self.deployment.world.tape.choose(2)],
            "API": api,
            "JobTag": code_under_test.video_id("videos", *victim),
            "Timestamp": 1,
            "Video": {"S3ObjectName": victim[0], "S3Bucket": "videos"},
        }
        self.deployment.send_notice(json.dumps(message))

    def share_a_job(self) -> None:
        """Two other callers start one job with one token, because one of them repeats the other's call."""
        world, tape = self.deployment.world, self.deployment.world.tape
        video = self._store("neighbour.mp4", Content(people=1).to_bytes())
        request = {
            "Video": {"S3Object": {"Bucket": "videos", "Name": "neighbour.mp4", "Version": video.version_id}},
            "ClientRequestToken": "neighbours-token",
        }

        def body() -> None:
            client = self.deployment.client("rekognition")
            for _ in range(1 + tape.choose(CALLS)):
                with suppress(ClientError, BotoCoreError):
                    client.start_person_tracking(**request)
                world.sleep((0.05, 1.0, 8.0)[tape.choose(3)])

        for _ in range(1 + tape.choose(2)):
            self._person("Neighbour", body)

    def _store(self, key: str, data: bytes) -> Version:
        return self.deployment.buckets["videos"].store(key, data, self.deployment.world.now_s)

    def _person(self, role: str, body: Any) -> Process:
        return self.deployment.world.start(Process(role), body)
