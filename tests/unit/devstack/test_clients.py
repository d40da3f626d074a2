from typing import Any

import pytest

from devstack.clients import local_session, without_proxy


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "intranet.example"}, "intranet.example,127.0.0.1,localhost"),
        ({"no_proxy": "a.example, 127.0.0.1"}, "a.example,127.0.0.1,localhost"),
        ({"no_proxy": "127.0.0.1,localhost", "NO_PROXY": "b.example"}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_requests_for_this_machine_go_to_no_proxy(before: dict[str, str], after: str) -> None:
    assert without_proxy(before) == {"NO_PROXY": after, "no_proxy": after}
    assert without_proxy(without_proxy(before)) == without_proxy(before)


def test_a_local_client_reads_no_setting_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_PROFILE": "absent",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_RETRY_MODE": "often",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)

    client: Any = local_session("key", "secret").client("s3", endpoint_url="http://127.0.0.1:1")

    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    assert client.meta.region_name == "us-east-1"
    assert client.meta.config.proxies == {}
