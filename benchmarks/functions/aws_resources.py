"""Creates in moto what the functions expect in AWS."""

from __future__ import annotations

import json

import boto3

from benchmarks.functions.environment import ENVIRONMENT, ROLE_ARN

VIDEO_NAME = "a.mp4"
DEFINITION = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
STATE_INDEX = {
    "IndexName": "state-due_ms",
    "KeySchema": [
        {"AttributeName": "state", "KeyType": "HASH"},
        {"AttributeName": "due_ms", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "ALL"},
}


def create_resources() -> str:
    """Creates everything, and returns the version of the video."""
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    for bucket in ("videos", "results", "artifacts"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket="videos", VersioningConfiguration={"Status": "Enabled"})
    dynamodb.create_table(
        TableName=ENVIRONMENT["JOB_STORE_TABLE"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    dynamodb.create_table(
        TableName=ENVIRONMENT["JOB_TABLE"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "video_id", "AttributeType": "S"},
            {"AttributeName": "state", "AttributeType": "S"},
            {"AttributeName": "due_ms", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "video_id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[STATE_INDEX],  # type: ignore[list-item]
    )
    boto3.client("iam").create_role(RoleName=ROLE_ARN.rpartition("/")[2], AssumeRolePolicyDocument="{}")
    boto3.client("sns").create_topic(Name="completion")
    boto3.client("stepfunctions").create_state_machine(
        name="track", definition=json.dumps(DEFINITION), roleArn=ROLE_ARN
    )
    return s3.put_object(Bucket="videos", Key=VIDEO_NAME, Body=b"a video")["VersionId"]
