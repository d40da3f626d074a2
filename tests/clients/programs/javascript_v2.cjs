// Calls the service with the AWS SDK for JavaScript v2, as tests/clients/program_client.py demands.
const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");

// The folder that holds the SDK.
const AWS = createRequire(process.argv[2] + "/")("aws-sdk");

const client = new AWS.Rekognition({
  region: process.env.AWS_REGION,
  endpoint: process.env.AWS_ENDPOINT_URL_REKOGNITION,
  maxRetries: 0,
});
client.getSigningName = () => "lambda"; // A Lambda Function URL accepts no other name.

async function replies({ operation, parameters, paged }) {
  const method = operation[0].toLowerCase() + operation.slice(1);
  const read = [await client[method](parameters).promise()];
  while (paged && read.at(-1).NextToken) {
    read.push(await client[method]({ ...parameters, NextToken: read.at(-1).NextToken }).promise());
  }
  return read;
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    let outcome;
    try {
      outcome = { replies: await replies(JSON.parse(line)) };
    } catch (error) {
      outcome = { error: error.code, message: error.message, members: { Code: error.Code, Logref: error.Logref } };
    }
    process.stdout.write(JSON.stringify(outcome) + "\n");
  }
}

main();
