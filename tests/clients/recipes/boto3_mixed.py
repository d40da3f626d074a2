"""Calls Rekognition and People Pathing through one boto3 client, as programs did before 2025-10-31."""

from typing import Any

import boto3

rekognition: Any = boto3.client("rekognition")
image = {"Bytes": b"an image"}
video = {"S3Object": {"Bucket": "videos", "Name": "street.mp4"}}

rekognition.detect_labels(Image=image)
job = rekognition.start_person_tracking(Video=video)["JobId"]
rekognition.index_faces(CollectionId="faces", Image=image)
for detection in rekognition.get_person_tracking(JobId=job)["Persons"]:
    print(job, detection["Person"]["Index"])
