// Where the log goes, and that whoever reads it, or does not, decides nothing.
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { poolOf, regions } from './support/pool.mjs';
import { Process, run, runSpillway } from './support/process.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
});
after(() => tearDown(folder, simulator));
beforeEach(() => simulator.reset());

async function expectServed(gateway, count = 1) {
  for (let i = 0; i < count; ++i) {
    const answer = await post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'));
    assert.equal(answer.status, 200);
    await answer.text();
  }
}

// Resolves once the file holds what it should.
async function waitFor(file, pattern) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (pattern.test(text)) return text;
    assert.ok(Date.now() < deadline, `no ${pattern} in ${file}:\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('log.file, and what log rotation does to it', async () => {
  const file = join(folder, 'spillway.log');
  const log = { format: 'json', file };
  const gateway = await Gateway.start(folder, { ...poolOf(simulator), log });
  await expectServed(gateway);
  await waitFor(file, /chat\/completions/);
  assert.doesNotMatch(gateway.process.output, /chat\/completions/);

  await rename(file, `${file}.1`);
  gateway.process.signal('SIGUSR1');
  const deadline = Date.now() + 15_000;
  for (let text = ''; !text.includes('chat/completions'); ) {
    await expectServed(gateway);
    text = await readFile(file, 'utf8').catch(() => '');
    assert.ok(Date.now() < deadline, 'SIGUSR1 does not open the file again');
  }
  assert.equal(await gateway.process.stop(), 0);
  assert.match(await readFile(file, 'utf8'), /"event":"stopped"/);
});

test('a log file that cannot be opened stops the start with 1', async () => {
  const file = join(folder, 'bad-log.yaml');
  const log = { file: join(folder, 'no-such-folder', 'spillway.log') };
  await assert.rejects(
    Gateway.start(folder, { ...poolOf(simulator), log }, {}, { file: 'bad-log.yaml' }),
  );
  const failed = await runSpillway(['serve', '--config', file]);
  assert.equal(failed.code, 1);
  assert.ok(failed.stderr.includes(log.file), failed.stderr);
});

test('a full disk costs lines, which are counted', async () => {
  const log = { format: 'json', file: '/dev/full' };
  const gateway = await Gateway.start(folder, { ...poolOf(simulator), log });
  await expectServed(gateway, 4);
  const deadline = Date.now() + 15_000;
  while ((await gateway.status()).log.lines_lost < 4) assert.ok(Date.now() < deadline);
  await expectServed(gateway);
  assert.equal(await gateway.process.stop(), 0);
});

test('a reader that leaves stops nothing', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  gateway.process.closeOutput();
  await expectServed(gateway, 20);
  assert.ok((await gateway.status()).log.lines_lost >= 19);
  assert.equal(await gateway.process.stop(), 0);
});

// Without an output that tells its ports: those of one that has ended.
async function startSilently(config, options) {
  const first = await Gateway.start(folder, config);
  assert.equal(await first.process.stop(), 0);
  const text = JSON.parse(await readFile(join(folder, 'spillway.yaml'), 'utf8'));
  text.listeners = [{ address: new URL(first.url).host }];
  text.admin = { address: new URL(first.admin).host };
  const file = join(folder, 'silent.yaml');
  await writeFile(file, JSON.stringify(text));
  const gateway = new Gateway(new Process('spillway', ['serve', '--config', file], {}, options));
  gateway.url = first.url;
  gateway.admin = first.admin;
  const deadline = Date.now() + 15_000;
  for (let isThere = false; !isThere; ) {
    isThere = await fetch(`${gateway.admin}/readyz`).then(({ ok }) => ok, () => false);
    assert.ok(Date.now() < deadline, 'it does not start');
  }
  return gateway;
}

test('started with every standard descriptor closed', async () => {
  const file = join(folder, 'closed.log');
  const log = { format: 'json', file };
  const under = ['/bin/sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'];
  const gateway = await startSilently({ ...poolOf(simulator), log }, { under });
  await expectServed(gateway, 4);
  await waitFor(file, /chat\/completions/);
  assert.equal(await gateway.process.stop(), 0);
});

test('a pipe that nobody reads', async () => {
  const pipe = join(folder, 'pipe');
  assert.equal((await run('mkfifo', [pipe])).code, 0);
  const both = openSync(pipe, 'r+');  // a reader that never reads
  const gateway = await startSilently(poolOf(simulator), { stdio: ['ignore', both, both] });
  // Three times what it holds.
  await expectServed(gateway, 400);
  assert.equal(await gateway.process.stop(), 0);
  closeSync(both);
});
