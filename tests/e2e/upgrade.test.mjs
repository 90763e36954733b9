// One process after the other on the same sockets, while others ask without a pause; and sockets
// that a service manager passes.
import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { poolOf, regions } from './support/pool.mjs';
import { Process, runSpillway } from './support/process.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, gatewayKey, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
});
after(() => tearDown(folder, simulator));
beforeEach(() => simulator.reset());

const config = (threads) => ({
  ...poolOf(simulator),
  server: {
    threads,
    drain_timeout: '60s',
    upgrade_socket: join(folder, 'upgrade.sock'),
    state_directory: folder,
  },
});

// One request over an agent of its own, kept alive or not; rejects where the connection fails.
function ask(url, agent) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'api-key': gatewayKey };
    const sent = httpRequest(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => (text += piece));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    });
    sent.on('error', reject);
    sent.end(chatBody('gpt-4o'));
  });
}

test('six successors under load fail nobody, and a stream ends where it began', async () => {
  const first = await Gateway.start(folder, config(2));
  const url = first.url + classicChat('gpt-4o');
  // The pause is the backend's, long enough for the first successors to come within the stream.
  await simulator.setFault('ptu', 'stall_mid_stream after_events=4 delay=4000 times=1');
  const stream = await post(url, chatBody('gpt-4o', { stream: true }));
  const reader = stream.body.getReader();
  let text = Buffer.from((await reader.read()).value).toString();

  let isOver = false;
  let asked = 0;
  const failures = [];
  const callers = Array.from({ length: 8 }, async (_, i) => {
    const agent = new Agent({ keepAlive: i % 2 === 0, maxSockets: 1 });
    while (!isOver) {
      try {
        const answer = await ask(url, agent);
        if (answer.status !== 200) failures.push(`${answer.status} ${answer.text}`);
      } catch (error) {
        failures.push(String(error));
      }
      asked += 1;
    }
    agent.destroy();
  });

  const all = [first];
  try {
    for (const threads of [2, 1, 3, 4, 1, 2]) {
      const { url: sameUrl } = first;
      const next = await Gateway.start(folder, config(threads), {}, { args: ['--take-over'] });
      assert.equal(next.url, sameUrl);
      assert.equal(next.admin, first.admin);
      await all.at(-1).process.waitForOutput(/"event":"handed_over"/);
      all.push(next);
      const before = asked;
      while (asked < before + 16) await ask(url, new Agent());
    }
  } finally {
    isOver = true;
  }
  await Promise.all(callers);
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    text += Buffer.from(piece.value).toString();
  }
  assert.match(text, /data: \[DONE\]\n\n$/);
  assert.deepEqual(failures, []);
  assert.ok(asked > 96, `${asked} requests`);
  for (const old of all.slice(0, -1)) assert.equal(await old.process.exit, 0, old.process.output);
  assert.equal(await all.at(-1).process.stop(), 0);
});

test('a successor with a broken configuration changes nothing', async () => {
  const gateway = await Gateway.start(folder, config(2));
  const url = gateway.url + classicChat('gpt-4o');
  const broken = { ...config(2), listeners: [{ address: '192.0.2.1:1' }] };
  await assert.rejects(
    Gateway.start(folder, broken, {}, { args: ['--take-over'], file: 'broken.yaml' }),
    /192\.0\.2\.1:1/,
  );
  await gateway.process.waitForOutput(/"event":"hand_over_failed"/);
  assert.equal((await ask(url, new Agent())).status, 200);
  const next = await Gateway.start(folder, config(2), {}, { args: ['--take-over'] });
  assert.equal(await gateway.process.exit, 0);
  assert.equal((await ask(url, new Agent())).status, 200);
  assert.equal(await next.process.stop(), 0);
});

test('a socket that is passed is listened on, and its variables are gone', async () => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${server.address().port}`;
  // LISTEN_PID is the shell's own, which becomes ours.
  const passed = {
    under: ['/bin/sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'],
    stdio: ['ignore', 'pipe', 'pipe', server._handle.fd],
  };
  const variables = { LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' };
  const here = { ...poolOf(simulator), listeners: [{ address }] };
  const gateway = await Gateway.start(folder, here, variables, passed);
  server.close();
  assert.equal(gateway.url, `http://${address}`);
  for (let i = 0; i < 8; ++i) {
    assert.equal((await ask(gateway.url + classicChat('gpt-4o'), new Agent())).status, 200);
  }
  assert.equal(await gateway.process.stop(), 0);
});

test('a passed socket that no listener has stops the start with 1', async () => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const args = ['serve', '--config', join(folder, 'spillway.yaml')];
  const other = new Process('spillway', args, { LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' }, {
    under: ['/bin/sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'],
    stdio: ['ignore', 'pipe', 'pipe', server._handle.fd],
  });
  server.close();
  assert.equal(await other.exit, 1);
  assert.match(other.output, /'web' on 127\.0\.0\.1:\d+; add a listener/);
});

test('taking over needs the socket in the configuration', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator), {}, { file: 'plain.yaml' });
  const file = join(folder, 'plain.yaml');
  const failed = await runSpillway(['serve', '--config', file, '--take-over']);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /server\.upgrade_socket/);
  assert.equal(await gateway.process.stop(), 0);
});
