// The double speaks as the service does: the OpenAI SDK talks to it directly, without the gateway.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AzureOpenAI, OpenAI, toFile } from 'openai';
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
  const deployments = [
    { name: 'gpt-4o' },
    { name: 'rt', kind: 'realtime' },
    { name: 'whisper', kind: 'audio' },
    { name: 'tts', kind: 'speech' },
    { name: 'image', kind: 'images' },
  ];
  const tls = { certificate_file: file('s.pem'), private_key_file: file('s.key') };
  simulator = await Simulator.start(folder, {
    endpoints: [{ name: 'east', auth, deployments }, { name: 'secure', auth, deployments, tls }],
  });
  const baseURL = simulator.url('east') + '/openai/v1';
  v1 = new OpenAI({ baseURL, apiKey: backendKey, maxRetries: 0 });
  azure = azureFor();
});
after(() => tearDown(folder, simulator));

function azureFor(deployment) {
  const endpoint = simulator.url('east');
  return new AzureOpenAI({ endpoint, apiKey: backendKey, apiVersion, deployment, maxRetries: 0 });
}

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
  const session = { type: 'realtime', instructions: 'Short.' };
  connection.send({ type: 'session.update', session });
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
  const options = { rejectUnauthorized: false };
  await speak(new OpenAIRealtimeWS({ model: 'rt', options }, client));
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

test('a file is uploaded, used and deleted, by both clients', async () => {
  for (const client of [azure, v1]) {
    const upload = await toFile(Buffer.from('{"custom_id":"1"}\n'), 'batch.jsonl');
    const file = await client.files.create({ file: upload, purpose: 'batch' });
    assert.equal(file.bytes, 18);
    const content = await client.files.content(file.id);
    assert.equal(await content.text(), '{"custom_id":"1"}\n');
    const endpoint = '/v1/chat/completions';
    const batch = await client.batches.create({
      input_file_id: file.id, endpoint, completion_window: '24h',
    });
    assert.equal((await client.batches.retrieve(batch.id)).status, 'validating');
    assert.equal((await client.batches.retrieve(batch.id)).status, 'completed');
    assert.ok((await client.files.delete(file.id)).deleted);
    await assert.rejects(client.files.retrieve(file.id), { status: 404 });
  }
});

test('responses: a chain, a background call, a resumed stream, input items', async () => {
  const first = await v1.responses.create({ model: 'gpt-4o', input: 'one' });
  const second = await v1.responses.create({
    model: 'gpt-4o', input: 'two', previous_response_id: first.id,
  });
  assert.equal(second.previous_response_id, first.id);
  const items = await v1.responses.inputItems.list(first.id);
  assert.equal(items.data[0].content[0].text, 'one');
  const queued = await v1.responses.create({ model: 'gpt-4o', input: 'b', background: true });
  assert.equal(queued.status, 'queued');
  assert.equal((await v1.responses.retrieve(queued.id)).status, 'in_progress');
  assert.equal((await v1.responses.retrieve(queued.id)).status, 'completed');
  let id;
  const events = await v1.responses.create({ model: 'gpt-4o', input: 's', stream: true });
  for await (const event of events) id ??= event.response.id;
  const rest = [];
  const stream = await v1.responses.retrieve(id, { stream: true, starting_after: 4 });
  for await (const event of stream) rest.push(event.sequence_number);
  assert.equal(rest[0], 5);
  await v1.responses.delete(first.id);
  await assert.rejects(
    v1.responses.create({ model: 'gpt-4o', input: 'x', previous_response_id: first.id }),
    { status: 400, code: 'previous_response_not_found' });
});

test('a conversation, a vector store, a container', async () => {
  const conversation = await v1.conversations.create({});
  const content = [{ type: 'input_text', text: 'hi' }];
  await v1.conversations.items.create(conversation.id, {
    items: [{ type: 'message', role: 'user', content }],
  });
  const items = await v1.conversations.items.list(conversation.id);
  assert.equal(items.data.length, 1);
  const answer = { model: 'gpt-4o', input: 'x', conversation: conversation.id };
  assert.equal((await v1.responses.create(answer)).status, 'completed');
  const store = await v1.vectorStores.create({ name: 'docs' });
  const upload = await toFile(Buffer.from('text'), 'a.txt');
  const file = await v1.vectorStores.files.uploadAndPoll(store.id, upload);
  assert.equal(file.status, 'completed');
  const container = await v1.containers.create({ name: 'c' });
  assert.equal((await v1.containers.retrieve(container.id)).status, 'running');
});

test('an assistant runs on a thread, streamed', async () => {
  const assistant = await azure.beta.assistants.create({ model: 'gpt-4o' });
  const thread = await azure.beta.threads.create({});
  await azure.beta.threads.messages.create(thread.id, { role: 'user', content: 'hi' });
  const types = [];
  const run = azure.beta.threads.runs.stream(thread.id, { assistant_id: assistant.id });
  for await (const { event } of run) types.push(event);
  assert.equal(types[0], 'thread.run.created');
  assert.equal(types.at(-1), 'thread.run.completed');
});

test('audio and images', async () => {
  for (const client of [azure, v1]) {
    const upload = await toFile(Buffer.alloc(50_000), 'a.wav');
    const heard = await client.audio.transcriptions.create({ model: 'whisper', file: upload });
    assert.ok(heard.text.length > 0 && heard.usage.total_tokens > 0);
    const speech = await client.audio.speech.create({ model: 'tts', input: 'hi', voice: 'alloy' });
    assert.ok((await speech.arrayBuffer()).byteLength > 1000);
    const made = await client.images.generate({ model: 'image', prompt: 'a dam' });
    assert.ok(made.usage.total_tokens > 0);
    const picture = await toFile(Buffer.alloc(1000), 'a.png', { type: 'image/png' });
    // Without the option, the SDK's Azure client sends a form to no deployment at all.
    const editor = client === azure ? azureFor('image') : client;
    const edited = await editor.images.edit({ model: 'image', image: picture, prompt: 'at dawn' });
    assert.ok(edited.data[0].b64_json);
  }
});

test('stored chat completions and an unasked gzip', async () => {
  const messages = [{ role: 'user', content: 'hi' }];
  const made = await v1.chat.completions.create({ model: 'gpt-4o', messages, store: true });
  assert.equal((await v1.chat.completions.retrieve(made.id)).id, made.id);
  await simulator.setFault('east', 'gzip times=1');
  const stream = await v1.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  assert.equal(text, made.choices[0].message.content);
});
