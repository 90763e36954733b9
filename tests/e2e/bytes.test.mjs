// The bytes of an answer through the gateway are those of a direct call, streamed or not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { run } from './support/process.mjs';
import {
  Gateway, Simulator, backendKey, chatBody, classicChat, gatewayKey, makeFolder, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, {
    endpoints: [
      {
        name: 'only',
        auth: { api_keys: [backendKey] },
        deployments: [{ name: 'gpt-4o' }, { name: 'embed', kind: 'embeddings' }],
      },
    ],
  });
  gateway = await Gateway.start(folder, {
    credentials: [{ name: 'key', api_key: backendKey }],
    backends: [{ name: 'only', url: simulator.url('only'), credential: 'key' }],
    pools: [{ name: 'pool', members: [{ backend: 'only', priority: 1 }] }],
  });
});
after(() => tearDown(folder, gateway, simulator));

async function curl(base, key, path, ...more) {
  const headers = ['-H', `api-key: ${key}`, '-H', 'content-type: application/json'];
  const args = ['-sS', '-N', '--max-time', '30', ...headers, ...more, base + path];
  const { code, stdout, stderr } = await run('curl', args);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function assertSameBytes(path, ...more) {
  const direct = await curl(simulator.url('only'), backendKey, path, ...more);
  const relayed = await curl(gateway.url, gatewayKey, path, ...more);
  assert.ok(direct.length > 0);
  assert.equal(relayed.toString('latin1'), direct.toString('latin1'));
  return relayed;
}

test('chat in one piece', () =>
  assertSameBytes(classicChat('gpt-4o'), '--data-binary', chatBody('gpt-4o')));

// The gateway asks for the usage of a stream; of that the caller sees `"usage":null` on chunks, and
// not the chunk that carries it.
test('chat streamed', async () => {
  const path = classicChat('gpt-4o');
  const asked = chatBody('gpt-4o', { stream: true, stream_options: { include_usage: true } });
  const direct = await curl(simulator.url('only'), backendKey, path, '--data-binary', asked);
  const expected = direct.toString().split('\n\n')
    .filter((event) => !/"choices":\[\].*"usage":\{/.test(event)).join('\n\n');
  assert.notEqual(expected, direct.toString());
  const body = chatBody('gpt-4o', { stream: true });
  const relayed = await curl(gateway.url, gatewayKey, path, '--data-binary', body);
  assert.equal(relayed.toString(), expected);
  assert.match(relayed.toString(), /data: \[DONE\]\n\n$/);
});

test('chat streamed, of an api-version that cannot be asked for usage', async () => {
  const path = classicChat('gpt-4o').replace('2024-10-21', '2024-02-01');
  const body = chatBody('gpt-4o', { stream: true });
  const bytes = await assertSameBytes(path, '--data-binary', body);
  assert.match(bytes.toString(), /^data: /);
});

test('chat streamed with the usage chunk asked for', async () => {
  const body = chatBody('gpt-4o', { stream: true, stream_options: { include_usage: true } });
  await assertSameBytes('/openai/v1/chat/completions', '--data-binary', body);
});

test('responses streamed, on the v1 surface', async () => {
  const body = JSON.stringify({ model: 'gpt-4o', input: 'Why?', stream: true, store: false });
  await assertSameBytes('/openai/v1/responses', '--data-binary', body);
});

test('embeddings', () =>
  assertSameBytes(
    '/openai/deployments/embed/embeddings?api-version=2024-10-21',
    '--data-binary',
    JSON.stringify({ input: 'a' }),
  ));

test('a chunked request body', () =>
  assertSameBytes(
    classicChat('gpt-4o'),
    '-H', 'transfer-encoding: chunked', '--data-binary', chatBody('gpt-4o'),
  ));

test('the /v1 short form is the v1 surface', async () => {
  const body = chatBody('gpt-4o');
  const short = await curl(gateway.url, gatewayKey, '/v1/chat/completions', '--data-binary', body);
  const path = '/openai/v1/chat/completions';
  const long = await curl(gateway.url, gatewayKey, path, '--data-binary', body);
  assert.equal(short.toString(), long.toString());
});

test('a GET and a HEAD', async () => {
  await assertSameBytes('/openai/v1/models');
  const head = await curl(gateway.url, gatewayKey, '/openai/v1/models', '--head');
  assert.match(head.toString(), /^HTTP\/1\.1 200/);
});

test('the error of a backend', async () => {
  await simulator.setFault('only', '400 body=content_filter times=2');
  const bytes = await assertSameBytes(
    classicChat('gpt-4o'), '--data-binary', chatBody('gpt-4o'));
  assert.match(bytes.toString(), /content_filter/);
});

test('the body reached the backend as it was sent', async () => {
  await simulator.reset();
  const message = '{"role":"user","content":"\\u00e9 \ud83d\ude00"}';
  const body = `{ "model" : "gpt-4o",\n "messages":[${message}] }`;
  await curl(gateway.url, gatewayKey, classicChat('gpt-4o'), '--data-binary', body);
  const [request] = await simulator.requests('only');
  assert.equal(request.body, body);
});
