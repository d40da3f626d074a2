// Calls the service with the AWS SDK for JavaScript v3, as tests/clients/program_client.py demands.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// The folder that holds the version under test.
const require = createRequire(process.argv[2] + "/");
const rekognition = require("@aws-sdk/client-rekognition");

// Old versions do not read this variable themselves.
const endpoint = process.env.AWS_ENDPOINT_URL_REKOGNITION;

const client = new rekognition.RekognitionClient({
  region: process.env.AWS_REGION,
  endpoint,
  maxAttempts: 1,
  signingName: "lambda", // A Lambda Function URL accepts no other name.
});

// Old versions drop the port and the path of an endpoint. A Function URL has neither, but the local stack has both.
client.middlewareStack.add(
  (next) => (args) => {
    args.request.headers.host = new URL(endpoint).host;
    args.request.path = new URL(endpoint).pathname;
    return next(args);
  },
  { step: "build", priority: "high" },
);

async function replies({ operation, parameters, paged }) {
  if (paged) {
    const pages = rekognition[`paginate${operation}`]({ client, pageSize: parameters.MaxResults }, parameters);
    const read = [];
    for await (const page of pages) read.push(page);
    return read;
  }
  return [await client.send(new rekognition[`${operation}Command`](parameters))];
}

// The first versions raise all errors as Error, and newer ones those without a class as RekognitionServiceException.
function errorName(error) {
  const { name } = error.constructor;
  return ["Error", "RekognitionServiceException"].includes(name) ? error.name : name;
}

for await (const line of createInterface({ input: process.stdin })) {
  let outcome;
  try {
    const read = await replies(JSON.parse(line));
    outcome = { replies: read.map(({ $metadata, ...reply }) => reply) };
  } catch (error) {
    const members = { Code: error.Code, Logref: error.Logref };
    outcome = { error: errorName(error), message: error.message, members };
  }
  process.stdout.write(JSON.stringify(outcome) + "\n");
}
