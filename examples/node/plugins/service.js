// The service: POST /NAME with JSON runs the plug-in NAME on it.
'use strict';
const http = require('node:http');
const { PluginError } = require('./runner');

const maxBody = 64 * 1024;
const statusOf = { 'time': 504, 'memory': 507, 'plug-in': 500 };

function respond(response, status, value) {
  const text = JSON.stringify(value);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function handle(runner, request, response) {
  const name = new URL(request.url, 'http://localhost').pathname.slice(1);
  if (request.method !== 'POST') return respond(response, 405, { error: 'POST only' });
  if (!runner.has(name)) return respond(response, 404, { error: `No plug-in ${name}` });
  const body = await bodyOf(request);
  if (body === undefined) return respond(response, 413, { error: 'Too much input' });
  let input;
  try {
    input = JSON.parse(body);
  } catch {
    return respond(response, 400, { error: 'Not JSON' });
  }
  try {
    return respond(response, 200, { value: runner.run(name, input) });
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return respond(response, statusOf[error.kind], { error: error.message, kind: error.kind });
  }
}

function createService(runner) {
  return http.createServer((request, response) => {
    handle(runner, request, response).catch((error) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else respond(response, 500, { error: 'Internal error' });
    });
  });
}

module.exports = { createService };
