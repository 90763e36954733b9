// Secrets are planted wherever one can stand: keys, client secrets, tokens, in headers, URLs and
// sub-protocols, right ones and wrong ones, in files that are right and files that are not. Then
// everything that the daemon said, at trace level, is searched for them.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';

import { runSpillway } from './support/process.mjs';
import { regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, makeFolder, post, tearDown,
} from './support/stage.mjs';

const tenant = '33333333-3333-4333-8333-333333333333';
const app = '11111111-1111-4111-8111-111111111111';
const audience = 'api://spillway';

// All of them hold this; tokens, which cannot, are searched for by their text.
const mark = 'pLaNtEd';
const planted = (name) => `${mark}-${name}-4f1c9a`;
const inboundKey = planted('inbound-key');

let folder, simulator, gateway;
const said = [];
const tokens = new Set();

before(async () => {
  folder = await makeFolder();
  const auth = { api_keys: [planted('backend-key')], accept_tokens: true };
  simulator = await Simulator.start(folder, {
    endpoints: regions.endpoints.map((endpoint) => ({ ...endpoint, auth })),
    identity: { port: 0, apps: [{ client_id: app, secret: planted('client-secret') }] },
  });
  gateway = await Gateway.start(folder, configuration());
});
after(() => tearDown(folder, gateway, simulator));

function configuration() {
  const entra = { tenant_id: tenant, client_id: app };
  const authority_host = simulator.url('identity');
  const secret = (text) => ({ client_secret: { ...entra, secret: text }, authority_host });
  const backend = (name, credential) => ({ name, url: simulator.url(name), credential });
  return {
    log: { level: 'trace', format: 'json' },
    credentials: [
      { name: 'key', api_key: planted('backend-key') },
      { name: 'wrong-key', api_key: planted('wrong-backend-key') },
      { name: 'secret', ...secret(planted('client-secret')) },
      { name: 'wrong-secret', ...secret(planted('wrong-client-secret')) },
    ],
    backends: [
      { ...backend('ptu', 'secret'), deployments: { 'gpt-4o': 'gpt-4o-ptu' } },
      backend('east', 'wrong-secret'),
      backend('sweden', 'wrong-key'),
      { ...backend('east', 'key'), name: 'east-by-key' },
    ],
    pools: [
      {
        name: 'pool',
        members: ['ptu', 'east', 'sweden', 'east-by-key'].map((name, i) => ({
          backend: name, priority: i + 1,
        })),
      },
    ],
    clients: [
      { name: 'by-key', keys: [inboundKey], pool: 'pool' },
      { name: 'by-token', entra: { app_ids: [app] }, pool: 'pool' },
    ],
    entra: { tenants: [tenant], audiences: [audience], authority_host },
  };
}

// A caller's token for the gateway, as an application gets it.
async function fetchToken() {
  const form = new URLSearchParams({
    grant_type: 'client_credentials', client_id: app, client_secret: planted('client-secret'),
    scope: `${audience}/.default`,
  });
  const url = `${simulator.url('identity')}/${tenant}/oauth2/v2.0/token`;
  const answer = await fetch(url, { method: 'POST', body: form });
  const { access_token } = await answer.json();
  tokens.add(access_token);
  return access_token;
}

// Sends it, and keeps all of the answer for the search.
async function ask(headers, { query = '', method = 'POST' } = {}) {
  const url = gateway.url + classicChat('gpt-4o') + query;
  const body = method === 'POST' ? chatBody('gpt-4o', { user: planted('in-a-body') }) : undefined;
  const sent = { 'content-type': 'application/json', ...headers };
  const answer = await fetch(url, { method, body, headers: sent });
  said.push(JSON.stringify([...answer.headers]));
  if (answer.status >= 400) said.push(await answer.text());
  else await answer.arrayBuffer();
  return answer.status;
}

async function upgrade(protocols, query = '') {
  const url = `${gateway.url.replace('http', 'ws')}/openai/v1/realtime?model=gpt-4o${query}`;
  const socket = new WebSocket(url, protocols);
  await new Promise((resolve) => {
    socket.on('error', resolve).on('open', resolve);
    socket.on('unexpected-response', (_, answer) => {
      said.push(JSON.stringify(answer.headers));
      answer.on('data', (bytes) => said.push(String(bytes))).on('end', resolve);
    });
  });
  socket.terminate();
}

test('keys in every place, right and wrong', async () => {
  assert.equal(await ask({ 'api-key': inboundKey }), 200);
  assert.equal(await ask({ authorization: `Bearer ${inboundKey}` }), 200);
  assert.equal(await ask({ 'ocp-apim-subscription-key': inboundKey }), 200);
  const wrong = planted('wrong-inbound-key');
  assert.equal(await ask({ 'api-key': wrong }), 401);
  assert.equal(await ask({ authorization: `Bearer ${wrong}` }), 401);
  assert.equal(await ask({ authorization: `Basic ${btoa(wrong)}` }), 401);
  assert.equal(await ask({ 'api-key': inboundKey, authorization: `Bearer ${wrong}` }), 401);
  assert.equal(await ask({ 'x-api-key': wrong, cookie: `session=${wrong}` }), 401);
  assert.equal(await ask({}, { query: `&api-key=${wrong}&subscription-key=${wrong}` }), 401);
  assert.equal(await ask({ 'api-key': inboundKey }, { query: `&api-key=${wrong}` }), 200);
  assert.equal(await ask({ 'api-key': wrong }, { method: 'GET' }), 401);
});

test('tokens in every place, right and wrong', async () => {
  const token = await fetchToken();
  assert.equal(await ask({ authorization: `Bearer ${token}` }), 200);
  assert.equal(await ask({ 'api-key': token }), 401);
  const [header, claims] = token.split('.');
  for (const text of [`${token}x`, `${header}.${claims}.`, `${header}.${claims}.${mark}`]) {
    assert.equal(await ask({ authorization: `Bearer ${text}` }), 401);
  }
});

test('keys and tokens of WebSockets', async () => {
  const token = await fetchToken();
  for (const text of [inboundKey, planted('wrong-in-a-protocol'), token]) {
    await upgrade(['realtime', `openai-insecure-api-key.${text}`]);
    await upgrade([], `&api-key=${text}`);
    await upgrade([], `&authorization=Bearer%20${text}`);
  }
});

test('requests that are refused before anybody is known', async () => {
  const answer = await post(`${gateway.url}/nowhere?key=${planted('in-a-query')}`, '{', {
    'api-key': inboundKey,
  });
  said.push(await answer.text());
  const broken = await post(gateway.url + classicChat('gpt-4o'), `{"${mark}`, {
    'api-key': inboundKey, 'x-odd': planted('in-a-header'),
  });
  said.push(await broken.text());
});

test('files that are not right', async () => {
  const good = configuration();
  const files = [
    { ...good, clients: [{ name: 'a', keys: [`${planted('blank')} x`] }] },
    { ...good, clients: [{ name: 'a', keys: [inboundKey, inboundKey] }] },
    { ...good, clients: [{ name: 'a', keys: [`sha256:${mark}`] }] },
    { ...good, credentials: [{ name: 'key', api_key: `${planted('tab')}\t` }] },
    { ...good, credentials: [{ name: 'key', api_key: [planted('in-a-list')] }] },
    { ...good, credentials: [{ name: 'key', client_secret: planted('no-map') }] },
    { ...good, backends: [{ name: 'b', url: `https://user:${mark}@contoso.example` }] },
    { ...good, require_entra: true },
  ];
  for (const file of files) {
    const path = join(folder, 'wrong.yaml');
    await writeFile(path, JSON.stringify(file, null, 1));
    const { code, stdout, stderr } = await runSpillway(['check', '--config', path]);
    assert.equal(code, 2);
    said.push(String(stdout), stderr);
  }
});

test('none of them was said', async () => {
  said.push(JSON.stringify(await gateway.status()));
  said.push(await (await fetch(`${gateway.admin}/readyz`)).text());
  await gateway.process.stop();
  said.push(gateway.process.output);
  const output = said.join('\n');
  assert.match(output, /AADSTS7000215/, 'the wrong client secret was tried');
  assert.match(output, /"status":401/, 'the log has the refusals');
  assert.ok(output.length > 10_000);
  for (const line of output.split('\n')) {
    assert.ok(!line.toLowerCase().includes(mark.toLowerCase()), line);
    assert.ok(!line.includes(btoa(planted('wrong-inbound-key'))), line);
  }
  const outbound = (await simulator.requests())
    .map(({ headers }) => JSON.stringify(headers).match(/Bearer ([\w.-]+)/)?.[1])
    .filter(Boolean);
  assert.ok(outbound.length > 0, 'tokens went to backends');
  for (const token of [...tokens, ...outbound]) {
    const [, claims, signature] = token.split('.');
    assert.ok(!output.includes(claims), 'the claims of a token');
    assert.ok(!signature || !output.includes(signature), 'the signature of a token');
  }
});
