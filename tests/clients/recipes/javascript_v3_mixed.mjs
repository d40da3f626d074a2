// Follows the recipe in docs/clients.md, and makes the calls of boto3_mixed.py.
const image = { Bytes: new Uint8Array([1, 2, 3]) };
const video = { S3Object: { Bucket: "videos", Name: "street.mp4" } };

await rekognition.send(new sdk.DetectLabelsCommand({ Image: image }));
const { JobId } = await rekognition.send(new sdk.StartPersonTrackingCommand({ Video: video }));
await rekognition.send(new sdk.IndexFacesCommand({ CollectionId: "faces", Image: image }));
for await (const page of sdk.paginateGetPersonTracking({ client: rekognition }, { JobId })) {
  for (const detection of page.Persons) console.log(JobId, detection.Person.Index);
}
