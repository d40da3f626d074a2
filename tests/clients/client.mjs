// One call a line in, one outcome a line out, made with AWS's own JavaScript client.
//
// In:  {"operation": "GetPersonTracking", "parameters": {...}} or, to be read to the last page, with "paged": true
// Out: {"replies": [...]} or {"error": the class of what was thrown, "name": its name, "message": ...}
import { createInterface } from "node:readline";
import * as rekognition from "@aws-sdk/client-rekognition";

const region = process.env.AWS_REGION;

const client = new rekognition.RekognitionClient({
  region,
  endpoint: process.env.AWS_ENDPOINT_URL_REKOGNITION,
  maxAttempts: 1,
  signingName: "lambda", // as a Function URL is signed for
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
