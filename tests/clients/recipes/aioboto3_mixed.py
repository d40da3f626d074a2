"""Makes the calls of boto3_mixed.py with aioboto3."""

import asyncio

import aioboto3  # type: ignore[import-not-found]


async def main() -> None:
    image = {"Bytes": b"an image"}
    video = {"S3Object": {"Bucket": "videos", "Name": "street.mp4"}}
    async with aioboto3.Session().client("rekognition") as rekognition:
        await rekognition.detect_labels(Image=image)
        job = (await rekognition.start_person_tracking(Video=video))["JobId"]
        await rekognition.index_faces(CollectionId="faces", Image=image)
        for detection in (await rekognition.get_person_tracking(JobId=job))["Persons"]:
            print(job, detection["Person"]["Index"])


asyncio.run(main())
