// A new configuration file under a daemon that goes on serving.
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { poolOf, regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, gatewayKey, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway, config;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  gateway = await Gateway.start(folder, poolOf(simulator));
  config = {
    listeners: [{ address: '127.0.0.1:0' }],
    admin: { address: '127.0.0.1:0' },
    clients: [{ name: 'e2e', keys: [gatewayKey], pool: 'pool' }],
    log: { level: 'info', format: 'json' },
    server: { threads: 2, drain_timeout: '10s' },
    ...poolOf(simulator),
  };
});
after(() => tearDown(folder, gateway, simulator));

const file = () => join(folder, 'spillway.yaml');

// Replaces it as careful tools do: written beside it, then moved over it.
async function replace(text) {
  await writeFile(`${file()}.new`, text);
  await rename(`${file()}.new`, file());
}

function withMembers(...backends) {
  const members = backends.map((backend) => ({ backend }));
  return JSON.stringify({ ...config, pools: [{ name: 'pool', members }] });
}

const countOf = (event) => gateway.process.output.split(`"event":"${event}"`).length - 1;

// Resolves when the event has been logged more often than `before` times.
async function waitForEvent(event, before) {
  const deadline = Date.now() + 20_000;
  while (countOf(event) <= before) {
    assert.ok(Date.now() < deadline, `no ${event}:\n${gateway.process.output.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function backendOf(body = chatBody('gpt-4o')) {
  const answer = await post(gateway.url + classicChat('gpt-4o'), body);
  await answer.text();
  assert.equal(answer.status, 200);
  return answer.headers.get('x-spillway-backend');
}

test('a changed file is noticed without a signal', async () => {
  assert.equal(await backendOf(), 'ptu');
  const before = countOf('reloaded');
  await replace(withMembers('sweden'));
  await waitForEvent('reloaded', before);
  assert.equal(await backendOf(), 'sweden');
});

test('a bad file changes nothing, and the status says why', async () => {
  const before = countOf('reload_failed');
  await replace('listeners: [ { address: nonsense } ]\n');
  gateway.process.signal('SIGHUP');
  await waitForEvent('reload_failed', before);
  assert.equal(await backendOf(), 'sweden');
  assert.match((await gateway.status()).config.last_error, /listeners\[0\]\.address/);
});

test('SIGHUP reads it again', async () => {
  const before = countOf('reloaded');
  await replace(withMembers('east'));
  gateway.process.signal('SIGHUP');
  await waitForEvent('reloaded', before);
  assert.equal(await backendOf(), 'east');
  assert.equal((await gateway.status()).config.last_error, null);
});

test('a stream goes on over the removal of its backend', async () => {
  // The pause is the backend's, long enough for the reload to come within the stream.
  await simulator.setFault('east', 'stall_mid_stream after_events=4 delay=3000');
  const url = gateway.url + classicChat('gpt-4o');
  const answer = await post(url, chatBody('gpt-4o', { stream: true }));
  const reader = answer.body.getReader();
  let text = Buffer.from((await reader.read()).value).toString();
  const before = countOf('reloaded');
  await replace(withMembers('sweden'));
  gateway.process.signal('SIGHUP');
  await waitForEvent('reloaded', before);
  assert.equal(await backendOf(), 'sweden');
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    text += Buffer.from(piece.value).toString();
  }
  assert.match(text, /data: \[DONE\]\n\n$/);
});

test('a hundred reloads under load fail nobody', async () => {
  await simulator.reset();
  let isOver = false;
  let asked = 0;
  const failures = [];
  const callers = Array.from({ length: 8 }, async (_, i) => {
    while (!isOver) {
      const body = chatBody('gpt-4o', { stream: i % 2 === 0 });
      try {
        const answer = await post(gateway.url + classicChat('gpt-4o'), body);
        const text = await answer.text();
        if (answer.status !== 200) failures.push(`${answer.status} ${text}`);
      } catch (error) {
        failures.push(String(error.cause ?? error));
      }
      asked += 1;
    }
  });
  for (let i = 0; i < 100; ++i) {
    const before = countOf('reloaded');
    await replace(i % 2 === 0 ? withMembers('east') : withMembers('sweden', 'ptu'));
    gateway.process.signal('SIGHUP');
    await waitForEvent('reloaded', before);
  }
  isOver = true;
  await Promise.all(callers);
  assert.deepEqual(failures, []);
  assert.ok(asked >= 100, `${asked} requests`);
  assert.equal(await gateway.process.stop(), 0);
});
