// What is refused is refused in Azure OpenAI's own words, and says that it was the gateway.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';

import { run } from './support/process.mjs';
import { poolOf, regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, gatewayKey, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  const limits = { max_request_body: '4KiB', max_header_bytes: '8KiB' };
  gateway = await Gateway.start(folder, { ...poolOf(simulator), limits });
});
after(() => tearDown(folder, gateway, simulator));

async function assertRefused(answer, status, code) {
  assert.equal(answer.status, status);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  const { error } = JSON.parse(await answer.text());
  assert.equal(typeof error.message, 'string');
  assert.ok(error.message.length > 0);
  if (code) assert.match(error.code, code);
  return error;
}

const chat = (headers) => post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'), headers);

test('a wrong key', async () => {
  const answer = await chat({ 'api-key': 'wrong' });
  await assertRefused(answer, 401, /./);
  assert.ok(answer.headers.get('x-spillway-error'));
});

test('no key', async () => {
  const answer = await fetch(gateway.url + classicChat('gpt-4o'), {
    method: 'POST',
    body: chatBody('gpt-4o'),
  });
  await assertRefused(answer, 401, /./);
});

test('two keys that differ', async () => {
  const answer = await chat({ authorization: 'Bearer other' });
  await assertRefused(answer, 401, /spillway_ambiguous_credential/);
});

test('a key is never repeated in an answer or in the log', async () => {
  const answer = await chat({ 'api-key': 'a-key-that-nobody-knows' });
  assert.doesNotMatch(await answer.text(), /a-key-that-nobody-knows/);
  assert.doesNotMatch(gateway.process.output, /a-key-that-nobody-knows|e2e-gateway-key/);
});

test('an unknown path', async () => {
  const answer = await post(`${gateway.url}/no/such/path`, '{}');
  await assertRefused(answer, 404, /./);
});

test('a path that climbs', async () => {
  const args = ['-sS', '--path-as-is', '-H', `api-key: ${gatewayKey}`, '-w', '\n%{http_code}'];
  const url = `${gateway.url}/openai/deployments/../../admin/chat/completions`;
  const { stdout } = await run('curl', [...args, url]);
  assert.match(stdout.toString(), /\n40[04]$/);
});

test('an unknown deployment', async () => {
  const answer = await post(gateway.url + classicChat('no-such'), chatBody('no-such'));
  await assertRefused(answer, 404, /DeploymentNotFound/);
  assert.deepEqual(await simulator.requests(), []);
});

test('a body that is too large', async () => {
  const body = chatBody('gpt-4o', { user: 'x'.repeat(8192) });
  await assertRefused(await post(gateway.url + classicChat('gpt-4o'), body), 413, /./);
});

test('a chunked body that is too large', async () => {
  const body = chatBody('gpt-4o', { user: 'x'.repeat(8192) });
  const args = ['-sS', '-H', `api-key: ${gatewayKey}`, '-H', 'transfer-encoding: chunked'];
  const more = ['-w', '\n%{http_code}', '--data-binary', body];
  const { stdout } = await run('curl', [...args, ...more, gateway.url + classicChat('gpt-4o')]);
  assert.match(stdout.toString(), /\n413$/);
});

// Sends bytes as they are; the answer until the gateway closes.
async function exchange(bytes) {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('latin1').on('data', (piece) => (text += piece));
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

const malformed = {
  'no Host': 'GET /openai/v1/models HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET /openai/v1/models HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'Content-Length and chunked':
    'POST /openai/v1/responses HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n' +
    'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths':
    'POST /openai/v1/responses HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n' +
    'Content-Length: 4\r\n\r\nabc',
  'a coding that is not chunked':
    'POST /openai/v1/responses HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
  'no HTTP at all': 'hello\r\n\r\n',
};
for (const [what, bytes] of Object.entries(malformed)) {
  test(`malformed: ${what}`, async () => {
    const answer = await exchange(bytes);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
    assert.equal(typeof JSON.parse(body).error.message, 'string');
    assert.equal(answer.split('HTTP/1.1 ').length, 2, 'one answer, then the connection is closed');
  });
}
