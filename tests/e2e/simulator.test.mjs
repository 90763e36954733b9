// The double speaks as the service does: the OpenAI SDK talks to it directly, without the gateway.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AzureOpenAI, OpenAI } from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { ResponsesWS } from 'openai/resources/responses/ws';

import { run } from './support/process.mjs';
import { Simulator, backendKey, makeFolder, tearDown } from './support/stage.mjs';

const apiVersion = '2025-04-01-preview';
let folder, simulator, v1, azure;

before(async () => {
  folder = await makeFolder();
  const file = (name) => join(folder, name);
  const { code, stderr } = await run('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', '/CN=localhost', '-keyout', file('s.key'), '-out', file('s.pem')]);
  assert.equal(code, 0, stderr);
  const auth = { api_keys: [backendKey] };
  const deployments = [{ name: 'gpt-4o' }, { name: 'rt', kind: 'realtime' }];
  const tls = { certificate_file: file('s.pem'), private_key_file: file('s.key') };
  simulator = await Simulator.start(folder, {
    endpoints: [{ name: 'east', auth, deployments }, { name: 'secure', auth, deployments, tls }],
  });
  const baseURL = simulator.url('east') + '/openai/v1';
  v1 = new OpenAI({ baseURL, apiKey: backendKey, maxRetries: 0 });
  const endpoint = simulator.url('east');
  azure = new AzureOpenAI({ endpoint, apiKey: backendKey, apiVersion, maxRetries: 0 });
});
after(() => tearDown(folder, simulator));

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
  await new Promise((resolve) => connection.socket.on('open', resolve));
  const events = eventsUntil(connection, 'response.done');
  connection.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Short.' } });
  connection.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  const heard = await events;
  assert.ok(heard.some(({ type }) => type === 'session.updated'));
  assert.ok(heard.at(-1).response.usage.total_tokens > 0);
  const closed = new Promise((resolve) => connection.socket.on('close', resolve));
  connection.close();
  assert.equal(await closed, 1000);
}

test('realtime of an Azure client', async () => {
  const endpoint = simulator.url('secure');
  const client = new AzureOpenAI({ endpoint, apiKey: backendKey, apiVersion });
  const options = { rejectUnauthorized: false };
  await speak(await OpenAIRealtimeWS.azure(client, { deploymentName: 'rt', options }));
  const record = (await simulator.requests('secure')).at(-1);
  assert.equal(record.socket.ended, 'closed 1000 OK');
});

test('realtime of a v1 client', async () => {
  const baseURL = simulator.url('secure') + '/openai/v1';
  const client = new OpenAI({ baseURL, apiKey: backendKey });
  await speak(new OpenAIRealtimeWS({ model: 'rt', options: { rejectUnauthorized: false } }, client));
});

test('responses over a WebSocket continue one another', async () => {
  const connection = new ResponsesWS(v1);
  const first = eventsUntil(connection, 'response.completed');
  connection.send({ type: 'response.create', model: 'gpt-4o', store: false, input: 'one' });
  const { id } = (await first).at(-1).response;
  const second = eventsUntil(connection, 'response.completed');
  connection.send({
    type: 'response.create', model: 'gpt-4o', input: 'two', previous_response_id: id,
  });
  assert.equal((await second).at(-1).response.previous_response_id, id);
  connection.close();
});
