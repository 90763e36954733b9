// Events arrive one by one, and a caller that leaves takes its upstream request with it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { poolOf, regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  gateway = await Gateway.start(folder, poolOf(simulator));
});
after(() => tearDown(folder, gateway, simulator));
beforeEach(() => simulator.reset());

const streamed = () =>
  post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o', { stream: true }));

// Reads whole events until there are `count`.
async function readEvents(reader, count) {
  let text = '';
  while (text.split('\n\n').length <= count) {
    const { done, value } = await reader.read();
    assert.equal(done, false, `the stream ended after ${text}`);
    text += Buffer.from(value).toString();
  }
  return text.split('\n\n').slice(0, -1);
}

test('what the backend has sent is there, though it then says nothing more', async () => {
  await simulator.setFault('ptu', 'stall_mid_stream after_events=4');
  const answer = await streamed();
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
  const reader = answer.body.getReader();
  const events = await readEvents(reader, 4);
  assert.equal(events.length, 4);
  await reader.cancel();
});

test('a caller that leaves mid-stream cancels the upstream request', async () => {
  await simulator.setFault('ptu', 'stall_mid_stream after_events=4');
  const answer = await streamed();
  const reader = answer.body.getReader();
  await readEvents(reader, 4);
  await reader.cancel();
  await simulator.wait('ptu', 'aborted');
});

test('a caller that leaves before the answer cancels the upstream request', async () => {
  await simulator.setFault('ptu', 'stall_before_headers');
  const leaving = new AbortController();
  const url = gateway.url + classicChat('gpt-4o');
  const request = fetch(url, {
    method: 'POST',
    headers: { 'api-key': 'e2e-gateway-key', 'content-type': 'application/json' },
    body: chatBody('gpt-4o'),
    signal: leaving.signal,
  });
  await simulator.wait('ptu', 'received');
  leaving.abort();
  await assert.rejects(request);
  await simulator.wait('ptu', 'aborted');
});

test('a stream that breaks off does not end as if it were whole', async () => {
  await simulator.setFault('ptu', 'reset_mid_stream after_events=4');
  const answer = await streamed();
  assert.equal(answer.status, 200);
  let text = '';
  await assert.rejects(async () => {
    for await (const bytes of answer.body) text += Buffer.from(bytes).toString();
  });
  assert.doesNotMatch(text, /\[DONE\]/);
  assert.match(text, /^data: /);
});

test('a stream that dies before any output goes to another backend', async () => {
  await simulator.setFault('ptu', 'reset_before_headers');
  const answer = await streamed();
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /data: \[DONE\]\n\n$/);
});
