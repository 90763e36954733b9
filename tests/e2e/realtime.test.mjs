// Realtime and Responses over WebSocket with the SDK's own clients, through the daemon, across
// three regions of which the first has no room.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { AzureOpenAI, OpenAI } from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { WebSocket } from 'ws';

import { run } from './support/process.mjs';
import {
  Gateway, Simulator, backendKey, gatewayKey, makeFolder, tearDown,
} from './support/stage.mjs';

const apiVersion = '2025-04-01-preview';
const options = { rejectUnauthorized: false }; // the SDK's realtime speaks wss only
let folder, simulator, gateway, v1;

before(async () => {
  folder = await makeFolder();
  const file = (name) => join(folder, name);
  const { code, stderr } = await run('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', '/CN=localhost', '-keyout', file('g.key'), '-out', file('g.pem')]);
  assert.equal(code, 0, stderr);
  const auth = { api_keys: [backendKey] };
  const deployments = [{ name: 'gpt-4o' }, { name: 'rt', kind: 'realtime' }];
  simulator = await Simulator.start(folder, {
    endpoints: [
      { name: 'ptu', auth, deployments: [deployments[0], { name: 'rt-ptu', kind: 'realtime' }] },
      { name: 'east', auth, deployments },
      { name: 'sweden', auth, deployments },
    ],
  });
});
after(() => tearDown(folder, gateway, simulator));

// A gateway for each test: breakers remember.
beforeEach(async () => {
  await gateway?.process.stop();
  await simulator.reset();
  const backend = (name, deployments) => ({
    name, url: simulator.url(name), credential: 'backend', deployments,
  });
  const tls = {
    certificate_file: join(folder, 'g.pem'), private_key_file: join(folder, 'g.key'),
  };
  gateway = await Gateway.start(folder, {
    listeners: [{ address: '127.0.0.1:0', tls }],
    credentials: [{ name: 'backend', api_key: backendKey }],
    backends: [
      backend('ptu', { rt: 'rt-ptu', 'gpt-4o': 'gpt-4o' }), backend('east'), backend('sweden'),
    ],
    pools: [{
      name: 'pool',
      members: ['ptu', 'east', 'sweden'].map((name, i) => ({ backend: name, priority: i + 1 })),
    }],
  });
  v1 = new OpenAI({ baseURL: `${gateway.url}/openai/v1`, apiKey: gatewayKey, maxRetries: 0 });
});

const socketURL = (path) => gateway.url.replace('https:', 'wss:') + path;
const closeCode = (socket) => new Promise((resolve) => socket.on('close', resolve));
const opened = (socket) =>
  new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));

// Every event up to one of type `last`.
function eventsUntil(emitter, last) {
  const events = [];
  return new Promise((resolve, reject) => {
    emitter.on('event', (event) => {
      events.push(event);
      if (event.type === last) resolve(events);
    });
    emitter.on('error', reject);
  });
}

async function speak(connection) {
  await opened(connection.socket);
  const events = eventsUntil(connection, 'response.done');
  const session = { type: 'realtime', instructions: 'Short.' };
  connection.send({ type: 'session.update', session });
  connection.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  const { usage } = (await events).at(-1).response;
  const closed = closeCode(connection.socket);
  connection.close();
  assert.equal(await closed, 1000);
  return usage;
}

async function accessLine() {
  const [line] = await gateway.process.waitForOutput(/^.*"event":"request".*"upgrade".*$/m);
  return JSON.parse(line);
}

async function onlyRequest(endpoint) {
  const requests = await simulator.requests(endpoint);
  assert.equal(requests.length, 1, JSON.stringify(requests));
  return requests[0];
}

test('an Azure client speaks with the region that has room', async () => {
  await simulator.setFault('ptu', '429 retry-after-ms=90000');
  const client = new AzureOpenAI({ endpoint: gateway.url, apiKey: gatewayKey, apiVersion });
  const connection = await OpenAIRealtimeWS.azure(client, { deploymentName: 'rt', options });
  const usage = await speak(connection);
  assert.equal((await onlyRequest('ptu')).status, 429);
  await simulator.wait('east', 'ws_closed');
  const { socket, ...request } = await onlyRequest('east');
  assert.equal(socket.ended, 'closed 1000 OK');
  assert.ok(!JSON.stringify(request).includes(gatewayKey));
  const line = await accessLine();
  assert.equal(line.status, 101);
  assert.equal(line.ending, 'complete');
  assert.equal(line.backend, 'east');
  assert.equal(line.attempt_count, 2);
  assert.equal(line.messages_in, socket.received);
  assert.equal(line.messages_out, socket.sent);
  assert.equal(line.total_tokens, usage.total_tokens);
});

test('a v1 client is given the deployment under each region\'s own name', async () => {
  await speak(new OpenAIRealtimeWS({ model: 'rt', options }, v1));
  assert.match((await onlyRequest('ptu')).target, /model=rt-ptu/);
});

test('a browser hands its key over as a sub-protocol', async () => {
  const url = socketURL('/openai/v1/realtime?model=rt');
  const socket = new WebSocket(url, ['realtime', `openai-insecure-api-key.${gatewayKey}`], options);
  await opened(socket);
  assert.equal(socket.protocol, 'realtime');
  const closed = closeCode(socket);
  socket.close(1000, 'bye');
  assert.equal(await closed, 1000);
  assert.ok(!JSON.stringify(await onlyRequest('ptu')).includes(gatewayKey));
  assert.ok(!gateway.process.output.includes(gatewayKey));
});

test('a browser of Azure hands its key over in the query', async () => {
  const query = `api-version=${apiVersion}&deployment=rt`;
  for (const key of [`api-key=${gatewayKey}`, `Authorization=Bearer+${gatewayKey}`]) {
    const socket = new WebSocket(socketURL(`/openai/realtime?${query}&${key}`), options);
    await opened(socket);
    const closed = closeCode(socket);
    socket.close();
    await closed;
  }
  assert.ok(!JSON.stringify(await simulator.requests('ptu')).includes(gatewayKey));
  await gateway.process.waitForOutput(/"upgrade"[^]*"upgrade"/);
  assert.ok(!gateway.process.output.includes(gatewayKey));
});

test('with every region full the handshake is an ordinary 429', async () => {
  for (const name of ['ptu', 'east', 'sweden'])
    await simulator.setFault(name, '429 retry-after-ms=90000');
  const headers = { 'api-key': gatewayKey };
  const socket = new WebSocket(socketURL('/openai/v1/realtime?model=rt'), { ...options, headers });
  const answer = await new Promise((resolve) =>
    socket.on('unexpected-response', (request, response) => resolve(response)));
  assert.equal(answer.statusCode, 429);
  assert.equal(answer.headers['x-spillway-error'], 'spillway_pool_throttled');
  answer.destroy();
});

test('responses over a WebSocket continue one another', async () => {
  await simulator.setFault('ptu', '503');
  const connection = new ResponsesWS(v1, options);
  const ask = async (more) => {
    const events = eventsUntil(connection, 'response.completed');
    connection.send({ type: 'response.create', model: 'gpt-4o', ...more });
    return (await events).at(-1).response;
  };
  const { id } = await ask({ input: 'one', store: false });
  const second = await ask({ input: 'two', previous_response_id: id });
  assert.equal(second.previous_response_id, id);
  connection.close();
  await simulator.wait('east', 'ws_closed');
  const line = await accessLine();
  assert.equal(line.operation, 'responses');
  assert.equal(line.backend, 'east');
});

test('a region that breaks off is broken off', async () => {
  await simulator.setFault('ptu', { kind: 'ws_reset', after_events: 1 });
  const headers = { 'api-key': gatewayKey };
  const socket = new WebSocket(socketURL('/openai/v1/realtime?model=rt'), { ...options, headers });
  socket.on('error', () => {});
  assert.equal(await closeCode(socket), 1006);
  assert.equal((await accessLine()).ending, 'upstream_cut');
});

test('a gateway that stops says goodbye', async () => {
  const headers = { 'api-key': gatewayKey };
  const socket = new WebSocket(socketURL('/openai/v1/realtime?model=rt'), { ...options, headers });
  await new Promise((resolve) => socket.on('message', resolve)); // session.created
  const closed = closeCode(socket);
  gateway.process.signal('SIGTERM');
  assert.equal(await closed, 1001);
  assert.equal(await gateway.process.exit, 0);
});
