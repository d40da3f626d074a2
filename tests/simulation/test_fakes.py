"""The fakes answer as moto answers: the same results, the same error codes, the same details in errors."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from people_pathing.service import job_store
from tests.simulation.fakes.channels import Channels, Sns, Sts
from tests.simulation.fakes.dynamodb import Dynamodb, Index, Table
from tests.simulation.fakes.s3 import S3, Bucket
from tests.simulation.fakes.stepfunctions import Executions, Stepfunctions
from tests.simulation.tape import Tape
from tests.simulation.world import START_S, Process

ACCOUNT = "123456789012"
REGION = "us-east-1"
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:Machine"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/publisher"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"


class QuietNetwork:
    """Carries every call at once, without faults."""

    def __init__(self) -> None:
        self.world = SimpleNamespace(
            now_s=START_S, tape=Tape(recorded=()), current=lambda: Process("Test"), process=None
        )

    def call(self, _service: str, _operation: str, _subject: str, effect: Callable[[], Any], **_: Any) -> Any:
        self.world.now_s += 1
        return effect()


def fakes() -> SimpleNamespace:
    network: Any = QuietNetwork()
    tables = {"table": Table("pk", {"state-due": Index("state", "due")})}
    channels = Channels(lambda _topic, _message: None, {ROLE_ARN}, {TOPIC_ARN})
    executions = Executions(lambda _execution, _starter: None)
    return SimpleNamespace(
        dynamodb=Dynamodb(network, tables),
        s3=S3(network, {"plain": Bucket(), "versioned": Bucket(is_versioned=True)}),
        stepfunctions=Stepfunctions(network, executions),
        sts=Sts(network, channels),
        sns=Sns(network, channels, ROLE_ARN),
    )


def motos() -> SimpleNamespace:
    clients = SimpleNamespace(
        **{
            name: boto3.client(name, region_name=REGION)
            for name in ("dynamodb", "s3", "stepfunctions", "sts", "sns")
        }
    )
    clients.dynamodb.create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "state", "AttributeType": "S"},
            {"AttributeName": "due", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "state-due",
                "KeySchema": [
                    {"AttributeName": "state", "KeyType": "HASH"},
                    {"AttributeName": "due", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    clients.s3.create_bucket(Bucket="plain")
    clients.s3.create_bucket(Bucket="versioned")
    clients.s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    definition = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    clients.stepfunctions.create_state_machine(
        name="Machine", roleArn=ROLE_ARN, definition=json.dumps(definition)
    )
    clients.sns.create_topic(Name="topic")
    return clients


@pytest.fixture(params=["fakes", "moto"])
def aws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Clients of all services, once as fakes and once as moto."""
    if request.param == "fakes":
        yield fakes()
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield motos()


def error_of(call: Callable[..., object], **arguments: Any) -> Any:
    """Returns the response of the error that a call raises."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response


def code_of(call: Callable[..., object], **arguments: Any) -> str:
    """Returns the code of the error that a call raises."""
    return str(error_of(call, **arguments)["Error"]["Code"])


# ---- DynamoDB


def item(pk: str, **attributes: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, **attributes}


def put(aws: SimpleNamespace, pk: str, **attributes: Any) -> None:
    aws.dynamodb.put_item(TableName="table", Item=item(pk, **attributes))


def stored(aws: SimpleNamespace, pk: str) -> Any:
    reply = aws.dynamodb.get_item(TableName="table", Key={"pk": {"S": pk}}, ConsistentRead=True)
    return reply.get("Item")


def change(aws: SimpleNamespace, pk: str, expression: str, **more: Any) -> Any:
    return aws.dynamodb.update_item(
        TableName="table", Key={"pk": {"S": pk}}, UpdateExpression=expression, **more
    )


def test_an_item_that_does_not_exist_is_left_out_of_the_reply(aws: SimpleNamespace) -> None:
    assert stored(aws, "a") is None


def test_a_conditional_put_is_refused_with_the_old_item(aws: SimpleNamespace) -> None:
    request = {"TableName": "table", "Item": item("a"), "ConditionExpression": "attribute_not_exists(pk)"}
    aws.dynamodb.put_item(**request)
    refused = error_of(aws.dynamodb.put_item, **request)
    assert refused["Error"]["Code"] == "ConditionalCheckFailedException"
    assert "Item" not in refused
    shown = error_of(aws.dynamodb.put_item, **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert shown["Item"] == item("a")


def test_a_refused_put_of_an_item_that_does_not_exist_shows_no_item(aws: SimpleNamespace) -> None:
    refused = error_of(
        aws.dynamodb.put_item,
        TableName="table",
        Item=item("a"),
        ConditionExpression="revision = :old",
        ExpressionAttributeValues={":old": {"N": "1"}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert refused["Error"]["Code"] == "ConditionalCheckFailedException"
    assert not refused.get("Item")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("attribute_exists(amount)", True),
        ("attribute_exists(absent)", False),
        ("amount = :two", True),
        ("absent = :two", False),
        ("absent <> :two", True),
        ("absent < :two", False),
        ("amount < :two", False),
        ("amount <= :two AND attribute_not_exists(absent)", True),
        ("NOT amount = :two", False),
        ("amount = :two OR absent = :two", True),
        ("(amount > :two OR amount = :two) AND attribute_exists(pk)", True),
        ("size(colours) = :two", True),
        ("size(colours) < :two", False),
        ("amount BETWEEN :two AND :two", True),
        ("amount IN (:two)", True),
    ],
)
def test_conditions_hold_or_not(condition: str, holds: bool, aws: SimpleNamespace) -> None:
    put(aws, "a", amount={"N": "2"}, colours={"SS": ["blue", "red"]})
    values = {"ExpressionAttributeValues": {":two": {"N": "2"}}} if ":two" in condition else {}
    request = {"ConditionExpression": condition, **values}
    if holds:
        change(aws, "a", "REMOVE nothing", **request)
    else:
        refused = code_of(lambda: change(aws, "a", "REMOVE nothing", **request))
        assert refused == "ConditionalCheckFailedException"


def test_an_update_sets_removes_adds_and_deletes(aws: SimpleNamespace) -> None:
    put(aws, "a", amount={"N": "2"}, former={"S": "x"}, colours={"SS": ["blue", "red"]})
    reply = change(
        aws,
        "a",
        "SET #state = :state, amount = amount + :one REMOVE former ADD sum_of_all :one DELETE colours :blue",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={
            ":state": {"S": "OPEN"},
            ":one": {"N": "1"},
            ":blue": {"SS": ["blue"]},
        },
        ReturnValues="ALL_NEW",
    )
    wanted = item("a", amount={"N": "3"}, state={"S": "OPEN"}, sum_of_all={"N": "1"}, colours={"SS": ["red"]})
    assert reply["Attributes"] == stored(aws, "a") == wanted


def test_an_update_creates_an_item_and_an_empty_set_disappears(aws: SimpleNamespace) -> None:
    one, two = {":ids": {"BS": [b"\x01"]}}, {":ids": {"BS": [b"\x02"]}}
    change(aws, "a", "ADD running :ids", ExpressionAttributeValues=one)
    change(aws, "a", "ADD running :ids", ExpressionAttributeValues=two)
    assert sorted(stored(aws, "a")["running"]["BS"]) == [b"\x01", b"\x02"]
    change(aws, "a", "DELETE running :ids ADD ending :ids", ExpressionAttributeValues=one)
    assert stored(aws, "a") == item("a", running={"BS": [b"\x02"]}, ending={"BS": [b"\x01"]})
    change(aws, "a", "DELETE running :ids, ending :ids", ExpressionAttributeValues=two)
    assert stored(aws, "a") == item("a", ending={"BS": [b"\x01"]})


def test_names_and_values_must_be_used_and_given(aws: SimpleNamespace) -> None:
    unused = {":one": {"N": "1"}}
    assert code_of(lambda: change(aws, "a", "REMOVE b", ExpressionAttributeValues=unused)) == (
        "ValidationException"
    )
    absent = {":two": {"N": "1"}}
    assert code_of(lambda: change(aws, "a", "SET b = :one", ExpressionAttributeValues=absent)) == (
        "ValidationException"
    )


def test_a_deletion_can_have_a_condition(aws: SimpleNamespace) -> None:
    put(aws, "a", amount={"N": "2"})
    request = {
        "TableName": "table",
        "Key": {"pk": {"S": "a"}},
        "ConditionExpression": "amount = :wanted",
    }
    wrong, right = ({"ExpressionAttributeValues": {":wanted": {"N": number}}} for number in ("1", "2"))
    assert code_of(aws.dynamodb.delete_item, **request, **wrong) == "ConditionalCheckFailedException"
    aws.dynamodb.delete_item(**request, **right)
    assert stored(aws, "a") is None


def start(aws: SimpleNamespace, pk: str, limit: int) -> Any:
    """Does what the job store does at a start, with its conditions."""
    values = {":now_s": {"N": "100"}, ":running": {"S": "RUNNING"}}
    new = item(pk, state={"S": "RUNNING"}, expires_s={"N": "200"})
    put_job = {
        "TableName": "table",
        "Item": new,
        "ConditionExpression": job_store.NO_OTHER_JOB,
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    take_slot = {
        "TableName": "table",
        "Key": {"pk": {"S": job_store.REGISTER_KEY}},
        "UpdateExpression": "ADD running :ids",
        "ConditionExpression": job_store.SLOT_IS_FREE,
        "ExpressionAttributeValues": {":ids": {"BS": [pk.encode()]}, ":limit": {"N": str(limit)}},
    }
    return aws.dynamodb.transact_write_items(TransactItems=[{"Put": put_job}, {"Update": take_slot}])


def test_a_transaction_writes_both_items(aws: SimpleNamespace) -> None:
    start(aws, "a", 1)
    assert stored(aws, "a")["state"] == {"S": "RUNNING"}
    assert stored(aws, job_store.REGISTER_KEY)["running"] == {"BS": [b"a"]}


def test_a_cancelled_transaction_writes_nothing_and_says_why(aws: SimpleNamespace) -> None:
    start(aws, "a", 1)
    full = error_of(start, aws=aws, pk="b", limit=1)
    assert full["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in full["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert stored(aws, "b") is None
    taken = error_of(start, aws=aws, pk="a", limit=2)["CancellationReasons"]
    assert [reason["Code"] for reason in taken] == ["ConditionalCheckFailed", "None"]
    assert taken[0]["Item"] == stored(aws, "a")
    assert stored(aws, job_store.REGISTER_KEY)["running"] == {"BS": [b"a"]}


def query(aws: SimpleNamespace, **more: Any) -> Any:
    values = {":state": {"S": "OPEN"}, **more.pop("values", {})}
    condition = more.pop("condition", "#state = :state")
    return aws.dynamodb.query(
        TableName="table",
        IndexName="state-due",
        KeyConditionExpression=condition,
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues=values,
        **more,
    )


@pytest.fixture
def listed(aws: SimpleNamespace) -> SimpleNamespace:
    for pk, due in (("a", 3), ("b", 1), ("c", 2)):
        put(aws, pk, state={"S": "OPEN"}, due={"N": str(due)}, lease={"N": str(due % 2)})
    put(aws, "other", state={"S": "DONE"}, due={"N": "0"})
    put(aws, "unlisted", state={"S": "OPEN"})
    return aws


def keys(reply: Any) -> list[str]:
    return [each["pk"]["S"] for each in reply["Items"]]


def test_an_index_lists_items_in_order_of_its_range_key(listed: SimpleNamespace) -> None:
    assert keys(query(listed)) == ["b", "c", "a"]
    assert keys(query(listed, ScanIndexForward=False)) == ["a", "c", "b"]
    due = {"condition": "#state = :state AND due <= :now", "values": {":now": {"N": "2"}}}
    assert keys(query(listed, **due)) == ["b", "c"]


def test_a_query_reads_as_many_items_as_its_limit_before_it_filters(listed: SimpleNamespace) -> None:
    page = query(listed, Limit=2, FilterExpression="lease < :one", values={":one": {"N": "1"}})
    assert (keys(page), page["Count"], page["ScannedCount"]) == (["c"], 1, 2)
    assert page["LastEvaluatedKey"]["pk"] == {"S": "c"}
    assert keys(query(listed, ExclusiveStartKey=page["LastEvaluatedKey"])) == ["a"]


def test_a_query_can_only_count(listed: SimpleNamespace) -> None:
    reply = query(listed, Select="COUNT")
    assert reply["Count"] == 3
    assert "Items" not in reply


def test_a_paginator_reads_all_pages(listed: SimpleNamespace) -> None:
    pages = listed.dynamodb.get_paginator("query").paginate(
        TableName="table",
        IndexName="state-due",
        KeyConditionExpression="#state = :state",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":state": {"S": "OPEN"}},
        PaginationConfig={"PageSize": 2},
    )
    assert [keys(page) for page in pages][:2] == [["b", "c"], ["a"]]


def test_an_index_follows_changes_of_an_item(listed: SimpleNamespace) -> None:
    put(listed, "b", state={"S": "DONE"}, due={"N": "9"})
    listed.dynamodb.delete_item(TableName="table", Key={"pk": {"S": "c"}})
    assert keys(query(listed)) == ["a"]


def test_a_scan_filters_all_items(listed: SimpleNamespace) -> None:
    reply = listed.dynamodb.scan(
        TableName="table",
        FilterExpression="#state = :state",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":state": {"S": "DONE"}},
    )
    assert keys(reply) == ["other"]


# ---- S3


def test_an_object_that_does_not_exist(aws: SimpleNamespace) -> None:
    key = {"Bucket": "plain", "Key": "missing"}
    assert code_of(aws.s3.get_object, **key) == "NoSuchKey"
    assert code_of(aws.s3.head_object, **key) == "404"
    assert code_of(aws.s3.get_object, Bucket="unknown-bucket", Key="a") == "NoSuchBucket"
    aws.s3.delete_object(**key)


def test_reads_return_body_etag_and_length(aws: SimpleNamespace) -> None:
    etag = aws.s3.put_object(Bucket="plain", Key="a", Body=b"0123456789")["ETag"]
    found = aws.s3.get_object(Bucket="plain", Key="a")
    assert (found["Body"].read(), found["ETag"], found["ContentLength"]) == (b"0123456789", etag, 10)
    assert aws.s3.get_object(Bucket="plain", Key="a", Range="bytes=2-4")["Body"].read() == b"234"
    assert aws.s3.get_object(Bucket="plain", Key="a", Range="bytes=8-99")["Body"].read() == b"89"
    assert code_of(aws.s3.get_object, Bucket="plain", Key="a", Range="bytes=10-19") == "InvalidRange"
    head = aws.s3.head_object(Bucket="plain", Key="a")
    assert (head["ETag"], head["ContentLength"]) == (etag, 10)
    assert "VersionId" not in head


def test_reads_can_require_an_etag(aws: SimpleNamespace) -> None:
    etag = aws.s3.put_object(Bucket="plain", Key="a", Body=b"1")["ETag"]
    assert aws.s3.get_object(Bucket="plain", Key="a", IfMatch=etag)["Body"].read() == b"1"
    assert code_of(aws.s3.get_object, Bucket="plain", Key="a", IfMatch='"0"') == "PreconditionFailed"
    assert code_of(aws.s3.head_object, Bucket="plain", Key="a", IfMatch='"0"') == "412"


def test_writes_can_require_that_there_is_no_object(aws: SimpleNamespace) -> None:
    aws.s3.put_object(Bucket="plain", Key="a", Body=b"1", IfNoneMatch="*")
    again = {"Bucket": "plain", "Key": "a", "Body": b"2", "IfNoneMatch": "*"}
    assert code_of(aws.s3.put_object, **again) == "PreconditionFailed"
    assert aws.s3.get_object(Bucket="plain", Key="a")["Body"].read() == b"1"


def test_an_overwrite_keeps_the_old_version(aws: SimpleNamespace) -> None:
    first, second = (
        aws.s3.put_object(Bucket="versioned", Key="a", Body=body)["VersionId"] for body in (b"1", b"2")
    )
    assert aws.s3.get_object(Bucket="versioned", Key="a")["VersionId"] == second
    old = aws.s3.get_object(Bucket="versioned", Key="a", VersionId=first)
    assert old["Body"].read() == b"1"
    listed = aws.s3.list_object_versions(Bucket="versioned", Prefix="a")["Versions"]
    assert [entry["VersionId"] for entry in listed] == [second, first]


def test_a_delete_marker_hides_an_object_until_it_is_deleted(aws: SimpleNamespace) -> None:
    version = aws.s3.put_object(Bucket="versioned", Key="a", Body=b"1")["VersionId"]
    marker = aws.s3.delete_object(Bucket="versioned", Key="a")["VersionId"]
    assert code_of(aws.s3.get_object, Bucket="versioned", Key="a") == "NoSuchKey"
    assert code_of(aws.s3.head_object, Bucket="versioned", Key="a") == "404"
    assert aws.s3.get_object(Bucket="versioned", Key="a", VersionId=version)["Body"].read() == b"1"
    listed = aws.s3.list_object_versions(Bucket="versioned")
    assert [entry["VersionId"] for entry in listed["DeleteMarkers"]] == [marker]
    aws.s3.delete_object(Bucket="versioned", Key="a", VersionId=marker)
    assert aws.s3.head_object(Bucket="versioned", Key="a")["VersionId"] == version
    aws.s3.delete_object(Bucket="versioned", Key="a", VersionId=version)
    assert "Versions" not in aws.s3.list_object_versions(Bucket="versioned")


def test_objects_are_listed_by_prefix_and_folder(aws: SimpleNamespace) -> None:
    for key in ("jobs/2/a", "jobs/1/a", "jobs/1/b", "other"):
        aws.s3.put_object(Bucket="plain", Key=key, Body=b"1")
    found = aws.s3.list_objects_v2(Bucket="plain", Prefix="jobs/1/")["Contents"]
    assert [entry["Key"] for entry in found] == ["jobs/1/a", "jobs/1/b"]
    [page] = aws.s3.get_paginator("list_objects_v2").paginate(Bucket="plain", Prefix="jobs/", Delimiter="/")
    assert [entry["Prefix"] for entry in page["CommonPrefixes"]] == ["jobs/1/", "jobs/2/"]
    assert "Contents" not in aws.s3.list_objects_v2(Bucket="plain", Prefix="none/")


def test_several_objects_are_deleted_at_once(aws: SimpleNamespace) -> None:
    aws.s3.put_object(Bucket="plain", Key="a", Body=b"1")
    aws.s3.delete_objects(Bucket="plain", Delete={"Objects": [{"Key": "a"}, {"Key": "missing"}]})
    assert code_of(aws.s3.head_object, Bucket="plain", Key="a") == "404"


def test_a_multipart_upload_appears_when_it_is_completed(aws: SimpleNamespace) -> None:
    key = {"Bucket": "plain", "Key": "a"}
    upload = aws.s3.create_multipart_upload(**key)["UploadId"]
    [listed] = aws.s3.list_multipart_uploads(Bucket="plain", Prefix="a")["Uploads"]
    assert (listed["Key"], listed["UploadId"]) == ("a", upload)
    part = aws.s3.upload_part(**key, UploadId=upload, PartNumber=1, Body=b"1")
    assert code_of(aws.s3.head_object, **key) == "404"
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    aws.s3.complete_multipart_upload(**key, UploadId=upload, MultipartUpload=parts)
    assert aws.s3.get_object(**key)["Body"].read() == b"1"
    assert not aws.s3.list_multipart_uploads(Bucket="plain", Prefix="a").get("Uploads")


def test_an_aborted_multipart_upload_is_gone(aws: SimpleNamespace) -> None:
    key = {"Bucket": "plain", "Key": "a"}
    upload = aws.s3.create_multipart_upload(**key)["UploadId"]
    aws.s3.abort_multipart_upload(**key, UploadId=upload)
    assert code_of(aws.s3.abort_multipart_upload, **key, UploadId=upload) == "NoSuchUpload"


def test_a_stream_is_uploaded_as_a_whole(aws: SimpleNamespace) -> None:
    aws.s3.upload_fileobj(io.BytesIO(b"123"), "plain", "a")
    assert aws.s3.get_object(Bucket="plain", Key="a")["Body"].read() == b"123"


# ---- Step Functions


def execution_arn(name: str) -> str:
    return MACHINE_ARN.replace("stateMachine", "execution") + f":{name}"


def test_an_execution_is_started_described_and_listed(aws: SimpleNamespace) -> None:
    states = aws.stepfunctions
    started = states.start_execution(stateMachineArn=MACHINE_ARN, name="one", input="{}")
    assert started["executionArn"] == execution_arn("one")
    assert states.describe_execution(executionArn=execution_arn("one"))["status"] == "RUNNING"
    [page] = states.get_paginator("list_executions").paginate(
        stateMachineArn=MACHINE_ARN, statusFilter="RUNNING"
    )
    assert [execution["name"] for execution in page["executions"]] == ["one"]


def test_a_repeated_start_is_accepted_and_another_input_is_not(aws: SimpleNamespace) -> None:
    start_execution = aws.stepfunctions.start_execution
    first = start_execution(stateMachineArn=MACHINE_ARN, name="one", input="{}")
    again = start_execution(stateMachineArn=MACHINE_ARN, name="one", input="{}")
    assert again["executionArn"] == first["executionArn"]
    with pytest.raises(aws.stepfunctions.exceptions.ExecutionAlreadyExists):
        start_execution(stateMachineArn=MACHINE_ARN, name="one", input='{"a": 1}')


def test_an_execution_that_does_not_exist(aws: SimpleNamespace) -> None:
    with pytest.raises(aws.stepfunctions.exceptions.ExecutionDoesNotExist):
        aws.stepfunctions.describe_execution(executionArn=execution_arn("missing"))


# ---- STS and SNS


def test_a_role_is_assumed(aws: SimpleNamespace) -> None:
    assert aws.sts.meta.region_name == REGION
    reply = aws.sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName="name", DurationSeconds=900, Policy="{}")
    assert {"AccessKeyId", "SecretAccessKey", "SessionToken"} <= reply["Credentials"].keys()


def test_a_message_is_published_to_a_topic_that_exists(aws: SimpleNamespace) -> None:
    assert aws.sns.publish(TopicArn=TOPIC_ARN, Message="text")["MessageId"]
    assert code_of(aws.sns.publish, TopicArn=f"{TOPIC_ARN}-other", Message="text") == "NotFound"
