// A TLS listener as openssl and curl see it: which certificate it shows, what it refuses, and that
// sessions are resumed on the next connection, over a reload, with the client's certificate.
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { run, runSpillway } from './support/process.mjs';
import {
  Gateway, Simulator, backendKey, chatBody, classicChat, gatewayKey, makeFolder, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway, config;
const file = (name) => join(folder, name);
const files = (name) => ({
  certificate_file: file(`${name}.pem`), private_key_file: file(`${name}.key`),
});

async function makeCertificate(name, names, kind = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']) {
  const { code, stderr } = await run('openssl', [
    'req', '-x509', '-newkey', ...kind, '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-addext', `subjectAltName=${names.map((one) => `DNS:${one}`).join(',')}`,
    '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)]);
  assert.equal(code, 0, stderr);
}

function listeners(certificate) {
  const first = { ...files(certificate), certificates: [files('exact'), files('wild')] };
  return [
    { address: '127.0.0.1:0', tls: first },
    { address: '127.0.0.1:0', tls: { ...files('first'), client_ca_file: file('caller.pem') } },
  ];
}

before(async () => {
  folder = await makeFolder();
  await makeCertificate('first', ['localhost'], ['rsa:2048']);
  await makeCertificate('renewed', ['localhost'], ['rsa:2048']);
  await makeCertificate('exact', ['api.example.com']);
  await makeCertificate('wild', ['*.example.com']);
  await makeCertificate('caller', ['caller.example']);
  simulator = await Simulator.start(folder, {
    endpoints: [
      { name: 'east', auth: { api_keys: [backendKey] }, deployments: [{ name: 'gpt-4o' }] },
    ],
  });
  config = {
    listeners: listeners('first'),
    admin: { address: '127.0.0.1:0' },
    credentials: [{ name: 'key', api_key: backendKey }],
    backends: [{ name: 'east', url: simulator.url('east'), credential: 'key' }],
    pools: [{ name: 'pool', members: [{ backend: 'east' }] }],
    clients: [
      { name: 'any', keys: [gatewayKey], pool: 'pool' },
      { name: 'mine', keys: ['e2e-mine'], pool: 'pool', certificate_names: ['caller.example'] },
      { name: 'other', keys: ['e2e-other'], pool: 'pool', certificate_names: ['other.example'] },
    ],
    log: { level: 'info', format: 'json' },
    server: { threads: 2, drain_timeout: '10s' },
  };
  gateway = await Gateway.start(folder, config);
});
after(() => tearDown(folder, gateway, simulator));

const ports = () => [...gateway.process.output.matchAll(/^listening on https:\S+:(\d+)$/gm)]
  .map(([, port]) => port);
const port = () => ports()[0];
const portForCertificates = () => ports()[1];

function request(key = gatewayKey) {
  const body = chatBody('gpt-4o');
  return `POST ${classicChat('gpt-4o')} HTTP/1.1\r\nHost: localhost\r\napi-key: ${key}\r\n`
    + `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

// What openssl tells of one connection with one request on it.
async function connect(to, ...more) {
  return connectAs(gatewayKey, to, ...more);
}

async function connectAs(key, to, ...more) {
  const args = ['s_client', '-connect', `127.0.0.1:${to}`, '-ign_eof', ...more];
  const { stdout, stderr } = await run('openssl', args, { input: request(key) });
  return stdout.toString() + stderr;
}

const subjectOf = (told) => told.match(/^subject=CN = (\S+)$/m)?.[1];

async function reload(next) {
  const count = () => gateway.process.output.split('"event":"reloaded"').length;
  const before = count();
  await writeFile(file('spillway.yaml.new'), JSON.stringify(next));
  await rename(file('spillway.yaml.new'), file('spillway.yaml'));
  gateway.process.signal('SIGHUP');
  const deadline = Date.now() + 20_000;
  while (count() === before) {
    assert.ok(Date.now() < deadline, gateway.process.output.slice(-2000));
    await pause(10);
  }
}

test('the name asked for chooses the certificate', async () => {
  const rows = [
    ['localhost', 'first'], ['api.example.com', 'exact'], ['API.example.com', 'exact'],
    ['www.example.com', 'wild'], ['a.b.example.com', 'first'], ['unknown.example', 'first'],
  ];
  for (const [name, subject] of rows) {
    assert.equal(subjectOf(await connect(port(), '-servername', name)), subject, name);
  }
  assert.equal(subjectOf(await connect(port(), '-noservername')), 'first');
});

test('curl trusts each by its own name', async () => {
  for (const [name, certificate] of [['localhost', 'first'], ['api.example.com', 'exact']]) {
    const { stdout, stderr } = await run('curl', [
      '-sS', '-w', '%{http_code}', '-o', '/dev/null', '--cacert', file(`${certificate}.pem`),
      '--resolve', `${name}:${port()}:127.0.0.1`, '-H', `api-key: ${gatewayKey}`,
      '--data-binary', chatBody('gpt-4o'), `https://${name}:${port()}${classicChat('gpt-4o')}`]);
    assert.equal(stdout.toString(), '200', stderr);
  }
});

test('old versions and weak suites are refused', async () => {
  const suites = (wanted) => ['-tls1_2', '-cipher', `${wanted}@SECLEVEL=0`];
  for (const refused of [
    ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'], ['-tls1', '-cipher', 'DEFAULT@SECLEVEL=0'],
    suites('AES128-SHA'), suites('AES256-GCM-SHA384'), suites('ECDHE-RSA-AES128-SHA256'),
    suites('DHE-RSA-AES256-GCM-SHA384'), suites('aNULL'),
  ]) {
    const told = await connect(port(), ...refused);
    assert.match(told, /New, \(NONE\), Cipher is \(NONE\)/, refused.join(' '));
    assert.doesNotMatch(told, /HTTP\/1\.1/);
  }
  for (const spoken of [['-tls1_3'], suites('ECDHE-RSA-AES128-GCM-SHA256')]) {
    assert.match(await connect(port(), ...spoken), /HTTP\/1\.1 200/, spoken.join(' '));
  }
});

test('a session is resumed on another connection, and after a reload', async () => {
  const versions = ['-tls1_2', '-tls1_3'];
  for (const version of versions) {
    const session = file(`session${version}`);
    assert.match(await connect(port(), version, '-sess_out', session), /^New, TLS/m);
    const again = await connect(port(), version, '-sess_in', session, '-sess_out', session);
    assert.match(again, /^Reused, TLS/m);
    assert.match(again, /HTTP\/1\.1 200/);
  }
  await reload({ ...config, listeners: listeners('renewed') });
  for (const version of versions) {
    const told = await connect(port(), version, '-sess_in', file(`session${version}`));
    assert.match(told, /^Reused, TLS/m, version);
    assert.match(told, /HTTP\/1\.1 200/);
  }
  assert.equal(subjectOf(await connect(port())), 'renewed');
  assert.ok((await gateway.status()).tls.resumed >= 4);
});

test('a session does not replace the certificate that another listener demands', async () => {
  for (const version of ['-tls1_2', '-tls1_3']) {
    const session = file(`stolen${version}`);
    assert.match(await connect(port(), version, '-sess_out', session), /HTTP\/1\.1 200/);
    const told = await connect(portForCertificates(), version, '-sess_in', session);
    assert.doesNotMatch(told, /^Reused/m);
    assert.doesNotMatch(told, /HTTP\/1\.1/);
  }
});

test('whose certificate it was is known in a resumed session too', async () => {
  const own = ['-cert', file('caller.pem'), '-key', file('caller.key')];
  for (const version of ['-tls1_2', '-tls1_3']) {
    const session = file(`own${version}`);
    const first = await connectAs(
      'e2e-mine', portForCertificates(), version, ...own, '-sess_out', session);
    assert.match(first, /HTTP\/1\.1 200/);
    for (const [key, status] of [['e2e-mine', 200], ['e2e-other', 403]]) {
      const told = await connectAs(
        key, portForCertificates(), version, ...own, '-sess_in', session);
      assert.match(told, /^Reused, TLS/m, version);
      assert.match(told, new RegExp(`HTTP/1\\.1 ${status}`), `${key} ${version}`);
    }
  }
});

test('plain HTTP on the port is told so', async () => {
  const { stdout } = await run('curl', [
    '-sS', '-w', '\n%{http_code}', `http://127.0.0.1:${port()}/`]);
  assert.match(stdout.toString(), /plain HTTP was sent to an https port[^]*\n400$/);
});

test('check finds a key that does not fit', async () => {
  const wrong = { certificate_file: file('exact.pem'), private_key_file: file('wild.key') };
  const [first, second] = config.listeners;
  const changed = { ...second, tls: { ...second.tls, certificates: [wrong] } };
  await writeFile(
    file('wrong.yaml'), JSON.stringify({ ...config, listeners: [first, changed] }));
  const { code, stderr } = await runSpillway(['check', '--config', file('wrong.yaml')]);
  assert.equal(code, 2);
  assert.match(stderr, /private_key_file \S+wild\.key/);
});
