"""No request makes the service fail: every body gets a valid reply or an error of the API."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from people_pathing.service.handlers import api
from people_pathing.service.protocol.api_model import model
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import CONTEXT, VIDEO, Answer, answer_to, url_event

START, GET = "StartPersonTracking", "GetPersonTracking"
SETTINGS = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**400), max_value=10**400)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", " ", "\x00", "\ud800", "a" * 2000, "*", "${aws:username}", ".fifo"])
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_topics = st.just("") | st.text(max_size=2100) | st.sampled_from([":*", ".fifo", "\x00", "${x}", "t" * 2000])
_channels = st.fixed_dictionaries(
    {
        "SNSTopicArn": _topics.map(lambda end: CHANNEL["SNSTopicArn"] + end) | _values,
        "RoleArn": st.just(CHANNEL["RoleArn"]) | _values,
    }
)
_objects = st.fixed_dictionaries(
    {}, optional={"Bucket": st.just("videos") | _values, "Name": _values, "Version": _values}
)
_members: dict[str, Any] = {
    START: st.fixed_dictionaries(
        {"Video": st.just(VIDEO) | st.fixed_dictionaries({"S3Object": _objects | _values}) | _values},
        optional={
            "ClientRequestToken": _values,
            "NotificationChannel": st.just(CHANNEL) | _channels | _values,
            "JobTag": _values,
            "More": _values,
        },
    ),
    GET: st.fixed_dictionaries(
        {"JobId": st.just("job") | _values},
        optional={"MaxResults": _values, "NextToken": _values, "SortBy": _values, "More": _values},
    ),
}
_requests = st.one_of(
    *(st.tuples(st.just(name), members.map(json.dumps)) for name, members in _members.items())
)
_bodies = st.text(max_size=200) | st.binary(max_size=200) | _values.map(json.dumps)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with mock_aws():
        made = Service(limit=10**6)
        made.clock.now_s = time.time()
        monkeypatch.setattr(api, "compose_operations", made.operations)
        yield made


def require_answer(operation: str, answer: Answer) -> None:
    """Asserts that a caller's request got a reply, or an error that blames the request."""
    if answer.status_code == 200:
        assert answer.body["JobId"]
        return
    assert answer.status_code == 400, answer
    assert set(answer.body) == {"__type", "Code", "Logref", "Message"}
    assert answer.error in {*model()["operations"][operation]["errors"], "SerializationException"}
    assert answer.error == answer.body["Code"] == answer.headers["x-amzn-errortype"]
    assert answer.body["Logref"] == answer.headers["x-amzn-requestid"] == CONTEXT.aws_request_id
    assert answer.body["Message"]


@SETTINGS
@given(request=_requests)
@example(request=(GET, '{"JobId": "job", "MaxResults": 1e999}'))
@example(request=(GET, f'{{"JobId": "job", "MaxResults": {10**400}}}'))
@example(request=(GET, f'{{"JobId": "job", "MaxResults": -{10**400}}}'))
@example(request=(GET, '{"JobId": NaN}'))
def test_any_json_value_of_any_member_gets_a_reply_or_an_error_that_blames_the_request(
    request: tuple[str, str], service: Service
) -> None:
    operation, body = request
    require_answer(operation, answer_to(url_event(operation, body)))


@SETTINGS
@given(operation=st.sampled_from([START, GET]), body=_bodies)
@example(operation=GET, body="\ufeff{}")
@example(operation=START, body='{"Video": {}}}')
def test_any_body_gets_a_reply_or_an_error_that_blames_the_request(
    operation: str, body: str | bytes, service: Service
) -> None:
    require_answer(operation, answer_to(url_event(operation, body)))


@pytest.mark.parametrize("end", ["t" * 2000, ":*", ".fifo", "\x00", "${x}"])
def test_a_topic_that_sns_cannot_have_is_never_the_services_fault(service: Service, end: str) -> None:
    channel = CHANNEL | {"SNSTopicArn": CHANNEL["SNSTopicArn"] + end}

    answer = answer_to(url_event(START, json.dumps({"Video": VIDEO, "NotificationChannel": channel})))

    assert (answer.status_code, answer.error) == (400, "InvalidParameterException")
    assert service.sts.sessions == []
