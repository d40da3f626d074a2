"""Tracks people as the Developer Guide shows it: the same calls in the same order, up to the last page.

It creates a topic and a queue, starts a job under the role ROLE, waits for the notice, and reads pages of ten
observations, beginning with an empty token. The video is VIDEO in the bucket BUCKET.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import boto3

WAIT_S = 5


def main() -> None:
    rekognition: Any = boto3.client("rekognition")
    sqs: Any = boto3.client("sqs")
    sns: Any = boto3.client("sns")

    suffix = str(time.time_ns())
    topic_arn = sns.create_topic(Name=f"AmazonRekognitionExample{suffix}")["TopicArn"]
    queue_name = f"AmazonRekognitionQueue{suffix}"
    sqs.create_queue(QueueName=queue_name)
    queue_url = sqs.get_queue_url(QueueName=queue_name)["QueueUrl"]
    reply = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    queue_arn = reply["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "SQS:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})

    job_id = rekognition.start_person_tracking(
        Video={"S3Object": {"Bucket": os.environ["BUCKET"], "Name": os.environ["VIDEO"]}},
        NotificationChannel={"RoleArn": os.environ["ROLE"], "SNSTopicArn": topic_arn},
    )["JobId"]
    print("Start Job Id: " + job_id)
    if wait_for_notice(sqs, queue_url, job_id) == "SUCCEEDED":
        print_results(rekognition, job_id)

    sqs.delete_queue(QueueUrl=queue_url)
    sns.delete_topic(TopicArn=topic_arn)


def wait_for_notice(sqs: Any, queue_url: str, job_id: str) -> str:
    """Returns the status in the notice of the job."""
    while True:
        reply = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        for message in reply.get("Messages", []):
            notice = json.loads(json.loads(message["Body"])["Message"])
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            if notice["JobId"] == job_id:
                print(notice["Status"])
                return str(notice["Status"])
        time.sleep(WAIT_S)


def print_results(rekognition: Any, job_id: str) -> None:
    token: str | None = ""
    while token is not None:
        page = rekognition.get_person_tracking(JobId=job_id, MaxResults=10, NextToken=token)
        print("Codec: " + page["VideoMetadata"]["Codec"])
        for observation in page["Persons"]:
            print("Index: " + str(observation["Person"]["Index"]))
            print("Timestamp: " + str(observation["Timestamp"]))
        token = page.get("NextToken")


if __name__ == "__main__":
    main()
