"""The botocore that is installed here: its rules for Rekognition's endpoints, and where its calls go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import people_pathing
from people_pathing.client_routing.data_files import FOLDER, Source
from people_pathing.service.protocol.api_model import model


class UnsuitableSdkError(Exception):
    """The installed botocore cannot route single operations."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request as the SDK would have sent it.

    Attributes:
        url: where it would have gone.
        scope: the region and the service that it is signed for, for example "us-east-1/lambda".
    """

    url: str
    scope: str


def installed_source() -> Source:
    """Returns what data files for the installed botocore are made from.

    Raises:
        UnsuitableSdkError: this botocore has no endpoint rules for Rekognition.
    """
    import botocore
    from botocore.exceptions import DataNotFoundError
    from botocore.loaders import Loader

    # Without the user's folders, in which people-pathing or the user may have changed the rules.
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    try:
        rule_set = loader.load_data(f"{FOLDER}/endpoint-rule-set-1")
    except DataNotFoundError as error:
        raise UnsuitableSdkError(
            f"botocore {botocore.__version__} has no endpoint rules for Rekognition, which data files could "
            "add to; install another version, from 1.29 on"
        ) from error
    return Source(people_pathing.__version__, botocore.__version__, model(), rule_set)


def request_of_a_call(region: str, data_path: Path | None = None) -> SentRequest:
    """Returns the request of a call of StartPersonTracking, which is not sent.

    The call uses the caller's environment and profile, like every other program's, but no credentials.

    Args:
        region: the region of the call.
        data_path: a folder of data files that botocore reads; None for those that it reads anyway.

    Raises:
        BotoCoreError: the call is refused before it is sent, for example because of a setting.
    """
    import botocore.session

    session = botocore.session.Session()
    if data_path is not None:
        session.set_config_variable("data_path", str(data_path))
    client: Any = session.create_client(
        "rekognition",
        region,
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106
    )
    requests: list[Any] = []
    client.meta.events.register_first("before-send.rekognition", _answering(requests))
    client.start_person_tracking(Video={"S3Object": {"Bucket": "bucket", "Name": "video.mp4"}})
    [request] = requests
    # AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …
    authorization = _text(request.headers["Authorization"])
    scope = authorization.partition("Credential=")[2].split(",")[0].split("/")
    return SentRequest(request.url, "/".join(scope[2:4]))


def _answering(requests: list[Any]) -> Any:
    """Returns a handler that answers a request in place of the network, and keeps it."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    def answer(request: Any, **_: object) -> Any:
        requests.append(request)
        headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.1"})
        return AWSResponse(request.url, 200, headers, _EmptyObject())

    return answer


class _EmptyObject:
    """The body of a reply, as urllib3 would stream it."""

    def stream(self) -> Iterator[bytes]:
        yield b"{}"


def _text(header: bytes | str) -> str:
    return header.decode() if isinstance(header, bytes) else header
