"""Lists what an account contains, to show that tests leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.stack_under_test import StackUnderTest

LISTED = (
    ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    ("dynamodb", "list_tables", "TableNames[]"),
    ("events", "list_rules", "Rules[].Name"),
    ("lambda", "list_functions", "Functions[].FunctionName"),
    ("stepfunctions", "list_state_machines", "stateMachines[].name"),
)


def inventory(deployed: StackUnderTest) -> Iterator[str]:
    """Yields what the account contains. A mark of an erased video is left out: it stays for thirty days."""
    s3, iam, dynamodb = deployed.client("s3"), deployed.client("iam"), deployed.client("dynamodb")
    for bucket in s3.list_buckets()["Buckets"]:
        yield f"bucket {bucket['Name']}"
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"]):
            for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                yield f"{bucket['Name']} {entry['Key']} {entry['VersionId']}"
    for table, attribute in (("JobTableName", "bucket"), ("JobStoreTableName", "pk")):
        for page in dynamodb.get_paginator("scan").paginate(TableName=deployed.outputs[table]):
            yield from (f"{table} {sorted(item.items())}" for item in page["Items"] if attribute in item)
    for role in iam.get_paginator("list_roles").paginate().search("Roles[].RoleName"):
        yield f"role {role}"
    for user in iam.list_users()["Users"]:
        yield f"user {user['UserName']}"
        for key in iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"]:
            yield f"key {key['AccessKeyId']}"
    for service, operation, found in LISTED:
        pages = deployed.client(service).get_paginator(operation).paginate()
        yield from (f"{service} {name}" for name in pages.search(found))
    yield from (f"topic {topic['TopicArn']}" for topic in deployed.client("sns").list_topics()["Topics"])
    for url in deployed.client("sqs").list_queues()["QueueUrls"]:
        # Queues of others may subscribe to the stack's topics. So they get notices of the jobs of tests, too.
        is_own = url.rpartition("/")[2].startswith(f"{deployed.name}-")
        yield f"queue {url} {message_count(deployed, url) if is_own else ''}"


def message_count(deployed: StackUnderTest, url: str) -> Any:
    attributes = deployed.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return attributes["Attributes"]["ApproximateNumberOfMessages"]
