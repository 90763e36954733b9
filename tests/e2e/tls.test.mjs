// TLS on both sides: a listener that curl trusts by its CA, and a backend that must prove its name.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { run } from './support/process.mjs';
import {
  Gateway, Simulator, backendKey, chatBody, classicChat, gatewayKey, makeFolder, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway;
const file = (name) => join(folder, name);

async function openssl(...args) {
  const { code, stderr } = await run('openssl', args);
  assert.equal(code, 0, stderr);
}

async function makeCertificate(name, host) {
  await openssl(
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-days', '2', '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`,
    '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`));
}

before(async () => {
  folder = await makeFolder();
  await makeCertificate('listener', 'localhost');
  await makeCertificate('backend', 'backend.test');
  const tls = { certificate_file: file('backend.pem'), private_key_file: file('backend.key') };
  simulator = await Simulator.start(folder, {
    endpoints: [
      {
        name: 'secure',
        tls,
        auth: { api_keys: [backendKey] },
        deployments: [{ name: 'gpt-4o' }],
      },
    ],
  });
});
after(() => tearDown(folder, gateway, simulator));

// What the gateway is told of the backend's certificate decides whether it may use it.
async function startGateway(backendTls) {
  await gateway?.process.stop();
  gateway = await Gateway.start(folder, {
    listeners: [
      {
        address: '127.0.0.1:0',
        tls: { certificate_file: file('listener.pem'), private_key_file: file('listener.key') },
      },
    ],
    credentials: [{ name: 'key', api_key: backendKey }],
    backends: [
      { name: 'secure', url: simulator.url('secure'), credential: 'key', tls: backendTls },
    ],
    pools: [{ name: 'pool', members: [{ backend: 'secure', priority: 1 }] }],
  });
}

async function curl(body, ...more) {
  const url = gateway.url.replace('127.0.0.1', 'localhost') + classicChat('gpt-4o');
  const args = ['-sS', '-w', '\n%{http_code}', '-H', `api-key: ${gatewayKey}`];
  return run('curl', [...args, '--data-binary', chatBody('gpt-4o', body), ...more, url]);
}

test('a caller that trusts the CA is served, over a backend that is verified', async () => {
  await startGateway({ ca_file: file('backend.pem'), server_name: 'backend.test' });
  assert.match(gateway.url, /^https:/);
  const { code, stdout, stderr } = await curl({}, '--cacert', file('listener.pem'));
  assert.equal(code, 0, stderr);
  assert.match(stdout.toString(), /"object": ?"chat.completion"[^]*\n200$/);
});

test('a stream comes over TLS whole', async () => {
  const { stdout } = await curl({ stream: true }, '--cacert', file('listener.pem'), '-N');
  assert.match(stdout.toString(), /data: \[DONE\]\n\n\n200$/);
});

test('a caller that does not trust the CA refuses', async () => {
  assert.equal((await curl({})).code, 60);
});

test('a backend of another name is not used', async () => {
  await startGateway({ ca_file: file('backend.pem'), server_name: 'other.test' });
  const { stdout } = await curl({}, '--cacert', file('listener.pem'));
  assert.match(stdout.toString(), /\n503$/);
  assert.deepEqual(await simulator.requests('secure').then((all) => all.slice(2)), []);
});

test('a backend whose CA is not known is not used', async () => {
  await startGateway({ server_name: 'backend.test' });
  const { stdout } = await curl({}, '--cacert', file('listener.pem'));
  assert.match(stdout.toString(), /spillway_pool_unavailable[^]*\n503$/);
});
