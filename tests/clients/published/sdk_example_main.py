"""Uses the class RekognitionVideo of AWS's SDK examples, whose own main program downloads a video first.

When the class has created its role, the role's trust policy gets the statement TRUST (docs/clients.md).
The video is VIDEO in the bucket BUCKET, and RESOURCES is the name of all resources that the class creates.
"""

import json
import os
from typing import Any

import boto3
from rekognition_video_detection import RekognitionVideo  # type: ignore[import-not-found]


def main() -> None:
    s3: Any = boto3.resource("s3")
    iam: Any = boto3.resource("iam")
    video = RekognitionVideo.from_bucket(
        s3.Object(os.environ["BUCKET"], os.environ["VIDEO"]), boto3.client("rekognition")
    )
    video.create_notification_channel(
        os.environ["RESOURCES"], iam, boto3.resource("sns"), boto3.resource("sqs")
    )
    policy = iam.Role(os.environ["RESOURCES"]).assume_role_policy_document
    policy["Statement"].append(json.loads(os.environ["TRUST"]))
    iam.AssumeRolePolicy(os.environ["RESOURCES"]).update(PolicyDocument=json.dumps(policy))

    for person in video.do_person_tracking():
        print(f"Index: {person.index}")
        print(f"Timestamp: {person.timestamp}")
    video.delete_notification_channel()


if __name__ == "__main__":
    main()
