// What the API keeps is found again: the SDK's chains of responses and its files, through a pool of
// three regions whose state lives in the least preferred one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OpenAI, toFile } from 'openai';

import { poolOf, regions } from './support/pool.mjs';
import { Gateway, Simulator, gatewayKey, makeFolder, tearDown } from './support/stage.mjs';

let folder, simulator, gateway, client;

// Sweden is asked last of all.
function poolOfThreeGroups() {
  const pool = poolOf(simulator);
  pool.pools[0].members.find(({ backend }) => backend === 'sweden').priority = 3;
  pool.pools[0].circuit_breaker = { max_trip_duration: '200ms' };
  return { ...pool, server: { threads: 2, state_directory: folder } };
}

async function startGateway() {
  gateway = await Gateway.start(folder, poolOfThreeGroups());
  const baseURL = `${gateway.url}/openai/v1`;
  client = new OpenAI({ baseURL, apiKey: gatewayKey, maxRetries: 0 });
}

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  await startGateway();
});
after(() => tearDown(folder, gateway, simulator));

const backendOf = (result) => result.response.headers.get('x-spillway-backend');

// Runs `create` while the first two groups are throttled, and waits until they serve again.
async function inSweden(create) {
  for (const name of ['ptu', 'east']) await simulator.setFault(name, '429 retry-after=86400');
  const created = await create();
  assert.equal(backendOf(created), 'sweden');
  for (const name of ['ptu', 'east']) await simulator.clearFaults(name);
  const chat = () => client.chat.completions
    .create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }).withResponse();
  while (backendOf(await chat()) !== 'ptu');
  return created.data;
}

test('a chain of responses stays in the region that began it', async () => {
  const ask = (more) => client.responses
    .create({ model: 'gpt-4o', input: 'And then?', ...more }).withResponse();
  let last = await inSweden(() => ask());
  for (let i = 0; i < 3; ++i) {
    const next = await ask({ previous_response_id: last.id });
    assert.equal(backendOf(next), 'sweden', 'though the first group is free');
    last = next.data;
  }
  const read = await client.responses.retrieve(last.id).withResponse();
  assert.equal(backendOf(read), 'sweden');
  assert.equal(read.data.id, last.id);
});

test('a streamed answer can be followed up as well', async () => {
  const first = await inSweden(() => client.responses
    .create({ model: 'gpt-4o', input: 'Begin.', stream: true }).withResponse());
  let id;
  for await (const event of first) id = event.response?.id ?? id;
  const next = await client.responses
    .create({ model: 'gpt-4o', input: 'Go on.', previous_response_id: id }).withResponse();
  assert.equal(backendOf(next), 'sweden');
});

test('a file is used where it was uploaded', async () => {
  const file = await toFile(Buffer.from('{"a":1}\n'.repeat(1000)), 'data.jsonl');
  const uploaded = await inSweden(() => client.files
    .create({ file, purpose: 'assistants' }).withResponse());
  const read = await client.files.retrieve(uploaded.id).withResponse();
  assert.equal(backendOf(read), 'sweden');
  const content = [
    { type: 'input_file', file_id: uploaded.id }, { type: 'input_text', text: 'Sum it up.' }];
  const used = await client.responses
    .create({ model: 'gpt-4o', input: [{ role: 'user', content }] }).withResponse();
  assert.equal(backendOf(used), 'sweden', 'the only region that has the file');
  const deleted = await client.files.delete(uploaded.id).withResponse();
  assert.equal(backendOf(deleted), 'sweden');
  // 503 while a region is out that might know it, then every region's 404.
  const status = () => client.files.retrieve(uploaded.id).then(() => 200, (error) => error.status);
  let last;
  do last = await status(); while (last === 503);
  assert.equal(last, 404);
});

test('what is known where survives a restart', async () => {
  const created = await inSweden(() => client.responses
    .create({ model: 'gpt-4o', input: 'Remember this.' }).withResponse());
  assert.equal(await gateway.process.stop(), 0);
  await startGateway();
  const read = await client.responses.retrieve(created.id).withResponse();
  assert.equal(backendOf(read), 'sweden');
  assert.equal(read.response.headers.get('x-spillway-attempts'), '1', 'known, not searched for');
});
