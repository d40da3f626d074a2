// Node.js knows no HTTPS proxy. This module, loaded before a program, connects to the recording server instead of
// every host. The request itself stays the same, and so do the name in the TLS handshake and the certificate check.
const https = require("node:https");
const { syncBuiltinESMExports } = require("node:module");

const request = https.request;
https.request = (options, callback) => {
  const name = options.hostname ?? options.host;
  const there = { host: "127.0.0.1", hostname: "127.0.0.1", port: process.env.DIRECT_PORT, servername: name };
  return request({ ...options, ...there }, callback);
};
syncBuiltinESMExports();
