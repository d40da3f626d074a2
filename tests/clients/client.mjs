// Reads one call per line and writes one outcome per line. AWS's own JavaScript client makes the calls.
//
// Input:  {"operation": "GetPersonTracking", "parameters": {...}, "paged": whether to read all pages}
// Output: {"replies": [...]} or {"error": class of the exception, "name": its name, "message": its message}
import { createInterface } from "node:readline";
import * as rekognition from "@aws-sdk/client-rekognition";

const region = process.env.AWS_REGION;

const client = new rekognition.RekognitionClient({
  region,
  endpoint: process.env.AWS_ENDPOINT_URL_REKOGNITION,
  maxAttempts: 1,
  signingName: "lambda", // A Lambda Function URL accepts no other name.
});

async function replies({ operation, parameters, paged }) {
  if (paged) {
    const pages = rekognition[`paginate${operation}`]({ client, pageSize: parameters.MaxResults }, parameters);
    const read = [];
    for await (const page of pages) read.push(page);
    return read;
  }
  return [await client.send(new rekognition[`${operation}Command`](parameters))];
}

for await (const line of createInterface({ input: process.stdin })) {
  let outcome;
  try {
    const read = await replies(JSON.parse(line));
    outcome = { replies: read.map(({ $metadata, ...reply }) => reply) };
  } catch (error) {
    outcome = { error: error.constructor.name, name: error.name, message: error.message };
  }
  process.stdout.write(JSON.stringify(outcome) + "\n");
}
