// Follows the recipe in docs/clients.md, and makes the calls of boto3_mixed.py.
async function main() {
  const image = { Bytes: Buffer.from([1, 2, 3]) };
  const video = { S3Object: { Bucket: "videos", Name: "street.mp4" } };

  await rekognition.detectLabels({ Image: image }).promise();
  const { JobId } = await rekognition.startPersonTracking({ Video: video }).promise();
  await rekognition.indexFaces({ CollectionId: "faces", Image: image }).promise();
  const { Persons } = await rekognition.getPersonTracking({ JobId }).promise();
  for (const detection of Persons) console.log(JobId, detection.Person.Index);
}

main();
