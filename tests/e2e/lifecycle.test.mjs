// Start, stop, drain, and what is said when it cannot start.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Process, runSpillway } from './support/process.mjs';
import { poolOf, regions } from './support/pool.mjs';
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

const smallest = (more = '') => `
listeners: [ { address: 127.0.0.1:0 } ]
backends:
  - { name: only, url: http://127.0.0.1:9 }
credentials: []
clients: [ { name: app, keys: [ "${gatewayKey}" ] } ]
${more}`;

async function configFile(text) {
  const file = join(folder, `config-${Math.random().toString(36).slice(2)}.yaml`);
  await writeFile(file, text);
  return file;
}

test('SIGTERM: an idle gateway ends with 0', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  await (await post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'))).text();
  assert.equal(await gateway.process.stop('SIGTERM'), 0);
});

test('room for the descriptors of all connections is made at the start', async () => {
  const limits = { max_connections: 300 };
  const gateway = await Gateway.start(folder, { ...poolOf(simulator), limits });
  const status = await readFile(`/proc/${gateway.process.pid}/status`, 'utf8');
  assert.ok(Number(status.match(/^FDSize:\s+(\d+)$/m)[1]) >= 2 * 300 + 64, status);
  assert.equal(await gateway.process.stop('SIGTERM'), 0);
});

test('SIGINT does the same', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  assert.equal(await gateway.process.stop('SIGINT'), 0);
});

test('SIGTERM: a stream that runs is finished first, and nobody new is let in', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  // The pause is the backend's, long enough for the signal to arrive within the stream.
  await simulator.setFault('ptu', 'stall_mid_stream after_events=4 delay=1500');
  const url = gateway.url + classicChat('gpt-4o');
  const answer = await post(url, chatBody('gpt-4o', { stream: true }));
  const reader = answer.body.getReader();
  let text = Buffer.from((await reader.read()).value).toString();
  gateway.process.signal('SIGTERM');
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    text += Buffer.from(piece.value).toString();
  }
  assert.match(text, /data: \[DONE\]\n\n$/);
  assert.equal(await gateway.process.exit, 0);
  await assert.rejects(fetch(url));
});

test('the admin port: alive, ready, status', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  assert.equal((await fetch(`${gateway.admin}/livez`)).status, 200);
  assert.equal((await fetch(`${gateway.admin}/readyz`)).status, 200);
  assert.equal((await fetch(`${gateway.admin}/no-such`)).status, 404);
  const status = await gateway.status();
  assert.match(status.version, /^\d+\.\d+\.\d+/);
  assert.match(status.config.digest, /[0-9a-f]{16}/);
  const [pool] = status.pools;
  assert.deepEqual(pool.members.map(({ backend }) => backend).sort(), ['east', 'ptu', 'sweden']);
  assert.doesNotMatch(JSON.stringify(status), /e2e-(gateway|backend)-key/);
  await gateway.process.stop();
});

test('one access-log line for a request, with who, where and how', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  await simulator.setFault('ptu', '429 retry-after-ms=60000');
  await (await post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'))).text();
  assert.equal(await gateway.process.stop(), 0);
  const lines = gateway.process.output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('chat/completions'));
  assert.equal(lines.length, 1, gateway.process.output);
  const line = JSON.stringify(JSON.parse(lines[0]));
  for (const word of ['e2e', 'gpt-4o', 'ptu', '429', '200']) assert.ok(line.includes(word), line);
  assert.doesNotMatch(gateway.process.output, /e2e-(gateway|backend)-key/);
});

test('every error of a configuration at once, each with its place; exit 2', async () => {
  const file = await configFile(`listeners: [ { adress: 127.0.0.1:0 } ]
backends:
  - { name: a, url: ftp://x }
  - name: b
    url: http://127.0.0.1:9
    max_connections: lots
clients: [ { name: app, keys: [ "k" ], pool: nowhere } ]
`);
  for (const command of ['check', 'serve']) {
    const { code, stdout, stderr } = await runSpillway([command, '--config', file]);
    assert.equal(code, 2);
    const said = stdout + stderr;
    for (const line of [1, 3, 6, 7]) {
      assert.match(said, new RegExp(`^\\S*config-\\w+\\.yaml:${line}:\\d+: .+`, 'm'), said);
    }
    assert.match(said, /did you mean/);
  }
});

test('a good configuration passes the check; no file is bad usage', async () => {
  const good = await runSpillway(['check', '--config', await configFile(smallest())]);
  assert.equal(good.code, 0, good.stderr);
  assert.doesNotMatch(good.stdout + good.stderr, new RegExp(gatewayKey));
  assert.equal((await runSpillway(['check', '--config', join(folder, 'none.yaml')])).code, 2);
  assert.equal((await runSpillway(['serve'])).code, 2);
  assert.equal((await runSpillway(['no-such-command'])).code, 2);
});

test('version and help', async () => {
  const version = await runSpillway(['version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout.toString(), /\d+\.\d+\.\d+/);
  for (const args of [['--help'], ['serve', '--help'], ['check', '--help']]) {
    const help = await runSpillway(args);
    assert.equal(help.code, 0);
    assert.ok(help.stdout.length > 0);
  }
});

test('a port in use and an unreadable certificate stop the start with 1', async () => {
  const first = await Gateway.start(folder, poolOf(simulator));
  const { host } = new URL(first.url);
  const inUse = await runSpillway([
    'serve', '--config', await configFile(smallest().replace('127.0.0.1:0', host))]);
  assert.equal(inUse.code, 1, inUse.stderr);
  assert.ok((inUse.stdout + inUse.stderr).includes(host));
  await first.process.stop();

  const listener =
    'address: 127.0.0.1:0, tls: { certificate_file: /no/such.pem, private_key_file: /no/such.key }';
  const text = smallest().replace('address: 127.0.0.1:0', listener);
  const unreadable = await runSpillway(['serve', '--config', await configFile(text)]);
  assert.equal(unreadable.code, 1, unreadable.stderr);
  assert.match(unreadable.stdout + unreadable.stderr, /\/no\/such\.pem/);
});

test('a backend without an address does not stop the start', async () => {
  const pool = poolOf(simulator);
  pool.backends.find(({ name }) => name === 'ptu').url = 'http://no-such-host.invalid';
  const gateway = await Gateway.start(folder, pool);
  const answer = await post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'));
  assert.equal(answer.status, 200, gateway.process.output);
  await answer.text();
  assert.equal(await gateway.process.stop(), 0);
});

test('the health check of the container', async () => {
  const file = await configFile(smallest('admin: { address: 127.0.0.1:0 }'));
  assert.equal((await runSpillway(['healthcheck', '--config', file])).code, 1);
});

test('a signal before it is ready ends it as well', async () => {
  const gateway = new Process('spillway', ['serve', '--config', await configFile(smallest())]);
  await gateway.waitForOutput(/^listening on /m);
  assert.equal(await gateway.stop(), 0);
});
