// A stream that runs while its backend is taken out of the file and while the daemon is told to
// stop: it ends whole. LONG_STREAM_SECONDS: how long it takes (default 4; 180 by hand).
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { poolOf, regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, gatewayKey, makeFolder, post, tearDown,
} from './support/stage.mjs';

const seconds = Number(process.env.LONG_STREAM_SECONDS ?? 4);
const tokens = seconds * 10;

let folder, simulator, gateway, config;

before(async () => {
  folder = await makeFolder();
  const slow = { latency: { between_tokens: '100ms' } };
  simulator = await Simulator.start(folder, {
    endpoints: regions.endpoints.map((endpoint) => ({ ...endpoint, ...slow })),
  });
  config = {
    listeners: [{ address: '127.0.0.1:0' }],
    admin: { address: '127.0.0.1:0' },
    clients: [{ name: 'e2e', keys: [gatewayKey], pool: 'pool' }],
    log: { level: 'info', format: 'json' },
    server: { threads: 2, drain_timeout: '5m' },
    ...poolOf(simulator),
  };
  gateway = await Gateway.start(folder, config);
});
after(() => tearDown(folder, gateway, simulator));

test('it outlives a reload and a SIGTERM', { timeout: (seconds + 60) * 1000 }, async () => {
  const url = gateway.url + classicChat('gpt-4o');
  const body = chatBody('gpt-4o', { stream: true });
  const began = Date.now();
  const answer = await post(url, body, { 'x-sim-tokens': String(tokens) });
  assert.equal(answer.headers.get('x-spillway-backend'), 'ptu');
  const reader = answer.body.getReader();
  let text = '';
  let [isReloaded, isStopping] = [false, false];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    text += Buffer.from(piece.value).toString();
    const share = (text.split('data: ').length - 1) / tokens;
    if (share > 0.3 && !isReloaded) {
      isReloaded = true;
      const pools = [{ name: 'pool', members: [{ backend: 'sweden' }] }];
      const file = join(folder, 'spillway.yaml');
      await writeFile(`${file}.new`, JSON.stringify({ ...config, pools }));
      await rename(`${file}.new`, file);
      gateway.process.signal('SIGHUP');
      await gateway.process.waitForOutput(/"event":"reloaded"/);
    }
    if (share > 0.6 && !isStopping) {
      isStopping = true;
      gateway.process.signal('SIGTERM');
      await gateway.process.waitForOutput(/"event":"drain/);
      assert.equal((await fetch(`${gateway.admin}/readyz`)).status, 503);
    }
  }
  assert.ok(isReloaded && isStopping);
  assert.match(text, /data: \[DONE\]\n\n$/);
  assert.equal(await gateway.process.exit, 0);
  console.log(`a stream of ${((Date.now() - began) / 1000).toFixed(0)} s, ${text.length} bytes`);
});
