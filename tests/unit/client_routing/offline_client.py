"""boto3's client of Rekognition with chosen data files and without a network: it tells where its calls go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.loaders import Loader

from people_pathing.client_routing.data_files import data_files
from people_pathing.client_routing.data_folder import DataFolder
from people_pathing.client_routing.installed_sdk import SentRequest, installed_source
from people_pathing.client_routing.route import Route

REGION = "us-east-1"
URL = "https://abc.lambda-url.us-east-1.on.aws/"
ROUTE = Route(REGION, URL, "lambda", "123456789012", "people-pathing")
IRISH_ROUTE = Route(
    "eu-west-1", "https://def.lambda-url.eu-west-1.on.aws/", "lambda", "123456789012", "people-pathing"
)
AWS_URL = "https://rekognition.us-east-1.amazonaws.com/"

IMAGE = {"Bytes": b"an image"}
VIDEO = {"S3Object": {"Bucket": "bucket", "Name": "video.mp4"}}


def write_files(folder: Path, *routes: Route) -> Path:
    """Writes the data files for the installed botocore and returns the folder."""
    DataFolder(folder).write(data_files(installed_source(), routes))
    return folder


class OfflineClient:
    """A client whose requests are kept instead of being sent.

    Args:
        data_paths: folders of data files; the first that has a file is used.
        region: the region of the calls.
        endpoint_url: an endpoint that the program sets.
        config: further settings of the client.
    """

    def __init__(
        self,
        data_paths: Iterable[Path],
        region: str = REGION,
        endpoint_url: str | None = None,
        config: Config | None = None,
    ) -> None:
        session = botocore.session.Session()
        # Without the folder in the user's home, which may have data files, too.
        paths = [*map(str, data_paths), Loader.BUILTIN_DATA_PATH]
        session.register_component("data_loader", Loader(paths, include_default_search_paths=False))
        self.client: Any = session.create_client(
            "rekognition",
            region,
            endpoint_url=endpoint_url,
            aws_access_key_id="access-key",
            aws_secret_access_key="secret-key",
            config=config,
        )
        events: Any = self.client.meta.events
        events.register_first("before-send.rekognition", self._answer)
        self._sent: list[SentRequest] = []
        self.status, self.reply = 200, b"{}"

    def start(self) -> SentRequest:
        """Calls StartPersonTracking and returns the request."""
        self.client.start_person_tracking(Video=VIDEO)
        return self._sent[-1]

    def detect_labels(self) -> SentRequest:
        """Calls DetectLabels and returns the request."""
        self.client.detect_labels(Image=IMAGE)
        return self._sent[-1]

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        scope = request.headers["Authorization"].decode().partition("Credential=")[2].split("/")
        self._sent.append(SentRequest(request.url, "/".join(scope[2:4])))
        return AWSResponse(request.url, self.status, {}, _Body(self.reply))  # type: ignore[arg-type]


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterable[bytes]:
        return [self._content]
