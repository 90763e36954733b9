// A daemon that may open 64 files, and more callers than that: whoever is in is served, whoever is
// not is told or closed, and when the flood is over everything is as before.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { poolOf, regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, gatewayKey, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  gateway = await Gateway.start(folder, poolOf(simulator), {}, { openFiles: 64 });
});
after(() => tearDown(folder, gateway, simulator));

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

// On one connection that is kept.
function chatOnKeptConnection() {
  return new Promise((resolve, reject) => {
    const body = chatBody('gpt-4o');
    const headers = { 'api-key': gatewayKey, 'content-length': Buffer.byteLength(body) };
    const url = gateway.url + classicChat('gpt-4o');
    httpRequest(url, { method: 'POST', headers, agent }, (answer) => {
      answer.resume().on('error', reject).on('end', () => resolve(answer.statusCode));
    })
      .on('error', reject)
      .end(body);
  });
}

async function eventually(what, condition) {
  const deadline = Date.now() + 20_000;
  let last;
  while (Date.now() < deadline) {
    try {
      if (await condition()) return;
      last = 'it did not hold';
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  assert.fail(`${what}: ${last}\n${gateway.process.output}`);
}

test('it says at the start that the connections do not fit', () => {
  const [line] = gateway.process.output.match(/^.*descriptors_short.*$/m);
  assert.match(line, /may open 64 files/);
  assert.match(line, /limits\.max_connections \(8192\)/);
});

test('a flood is survived, by those who are in too', async () => {
  assert.equal(await chatOnKeptConnection(), 200);
  const { hostname, port } = new URL(gateway.url);
  for (let round = 0; round < 3; ++round) {
    const flood = Array.from({ length: 200 }, () => connect(Number(port), hostname));
    const told = flood.map(async (socket) => {
      let text = '';
      socket.on('error', () => {}).on('data', (piece) => (text += piece));
      await once(socket, 'close');
      return text;
    });
    assert.equal(await chatOnKeptConnection(), 200);
    // More than could ever be in have been turned away.
    await eventually('most are turned away', () => {
      return flood.filter((socket) => socket.closed || socket.readableEnded).length > 150;
    });
    assert.equal(await chatOnKeptConnection(), 200);
    for (const socket of flood) socket.destroy();
    const answers = await Promise.all(told);
    for (const text of answers.filter((text) => text !== '')) {
      assert.match(text, /^HTTP\/1\.1 503 /);
      assert.match(text, /x-spillway-error: spillway_overloaded/);
    }
  }
  await eventually('new callers are served again', async () => {
    const answer = await post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'));
    await answer.arrayBuffer();
    return answer.status === 200;
  });
  await eventually('it counted', async () => {
    const { limits } = await gateway.status();
    return limits.descriptors.configured === 64 && limits.descriptors.hits > 150;
  });
  agent.destroy();
  assert.equal(await gateway.process.stop(), 0);
});
