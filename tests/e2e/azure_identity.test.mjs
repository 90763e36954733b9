// The simulated Entra speaks as the real one does: Azure's own SDK gets tokens of every kind from
// it, and a JWT library that is neither ours nor the simulator's believes them.
import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from './support/process.mjs';
import { Simulator, makeFolder, tearDown } from './support/stage.mjs';

const tenant = '33333333-3333-4333-8333-333333333333';
const audience = 'https://cognitiveservices.azure.com';
const scope = `${audience}/.default`;
const secretApp = '11111111-1111-4111-8111-111111111111';
const certificateApp = '11111111-1111-4111-8111-222222222222';
const federatedApp = '11111111-1111-4111-8111-333333333333';
const machineIdentity = '22222222-2222-4222-8222-333333333333';
const federated = {
  issuer: 'https://oidc.cluster.test/',
  subject: 'system:serviceaccount:spillway:gateway',
  audience: 'api://AzureADTokenExchange',
};
// Where MSAL insists that Azure Arc keeps its keys.
const arcFolder = '/var/opt/azcmagent/tokens';
const script = fileURLToPath(new URL('support/azure_credential.mjs', import.meta.url));
const isOld = Number(process.versions.node.split('.')[0]) < 20;

let folder, entra, machine, arc, sdk;
const file = (name) => join(folder, name);

async function makeCertificate(name, ...more) {
  const { code, stderr } = await run('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), ...more]);
  assert.equal(code, 0, stderr);
  const text = (await readFile(file(`${name}.key`), 'utf8')) +
    (await readFile(file(`${name}.pem`), 'utf8'));
  await writeFile(file(`${name}-both.pem`), text);
}

async function startSimulator(name, identity) {
  await mkdir(file(name));
  return Simulator.start(file(name), { identity: { port: 0, ...identity } });
}

async function startAll() {
  folder = await makeFolder();
  await makeCertificate('server', '-addext', 'subjectAltName=IP:127.0.0.1');
  await makeCertificate('app');
  await makeCertificate('stranger');
  entra = await startSimulator('entra', {
    tls: { certificate_file: file('server.pem'), private_key_file: file('server.key') },
    tenants: [tenant],
    apps: [
      { client_id: secretApp, secret: 's3cr~t+/=', expired_secret: 'of last year' },
      { client_id: certificateApp, certificate_file: file('app.pem') },
      { client_id: federatedApp, federated },
    ],
  });
  machine = await startSimulator('machine', {
    managed_identities: [
      { client_id: machineIdentity, object_id: 'an-object', resource_id: '/subscriptions/s/id' },
    ],
    app_service: { header: 'header-of-the-site' },
  });
  await mkdir(file('keys'));
  const keys = existsSync(arcFolder) ? arcFolder : file('keys');
  arc = await startSimulator('arc', { arc: { key_directory: keys } });
  sdk = await Sdk.start(entra);
}

// Azure's SDK in a process with this environment. One order at a time.
class Sdk {
  static async start(simulator, environment = {}) {
    const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: file('server.pem'), ...environment };
    const child = spawn(process.execPath, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    return new Sdk(simulator, child);
  }

  constructor(simulator, child) {
    this.authority = `${simulator.url('identity')}/${tenant}/v2.0`;
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  // What came of it: { token, expiresOnTimestamp, claims } or { error }.
  async getToken(kind, args) {
    const verify = { authority: this.authority, audience };
    this.child.stdin.write(JSON.stringify({ kind, args, scope, verify }) + '\n');
    return JSON.parse((await this.lines.next()).value);
  }

  stop() {
    this.child.stdin.end();
    this.child.kill();
  }
}

// For managed identities: a process of its own for each place that the code may run at.
async function withSdk(simulator, environment, use) {
  const sdk = await Sdk.start(simulator, environment);
  try {
    await use((...args) => sdk.getToken('ManagedIdentityCredential', args));
  } finally {
    sdk.stop();
  }
}

const options = (more = {}) => ({
  authorityHost: entra.url('identity'),
  disableInstanceDiscovery: true,
  ...more,
});

function assertToken({ error, expiresOnTimestamp, claims }, client) {
  assert.equal(error, undefined);
  assert.equal(claims.azp, client);
  assert.equal(claims.tid, tenant);
  assert.ok(Math.abs(expiresOnTimestamp - claims.exp * 1000) < 60_000);
}

async function lastAssertion() {
  const posts = (await entra.requests('identity')).filter(({ method }) => method === 'POST');
  const form = new URLSearchParams(posts.at(-1).body);
  return decodeProtectedHeader(form.get('client_assertion'));
}

describe('Azure SDK', { skip: isOld && '@azure/identity needs Node 20' }, () => {
  before(startAll);
  after(() => {
    sdk?.stop();
    return tearDown(folder, entra, machine, arc);
  });

  test('a client secret', async () => {
    const args = [tenant, secretApp, 's3cr~t+/=', options()];
    assertToken(await sdk.getToken('ClientSecretCredential', args), secretApp);
  });

  test('refusals have the codes of Entra', async () => {
    const codeOf = async (who, secret, where = tenant) => {
      const args = [where, who, secret, options()];
      return (await sdk.getToken('ClientSecretCredential', args)).error;
    };
    assert.match(await codeOf(secretApp, 'wrong'), /AADSTS7000215/);
    assert.match(await codeOf(secretApp, 'of last year'), /AADSTS7000222/);
    assert.match(await codeOf('11111111-0000-4000-8000-000000000000', 'x'), /AADSTS700016/);
  });

  test('a client certificate', async () => {
    const args = [tenant, certificateApp, { certificatePath: file('app-both.pem') }, options()];
    assertToken(await sdk.getToken('ClientCertificateCredential', args), certificateApp);
    const header = await lastAssertion();
    assert.equal(header.alg, 'PS256');
    assert.ok(header['x5t#S256']);
    assert.equal(header.x5c, undefined);
  });

  test('a client certificate with its chain', async () => {
    const more = options({ sendCertificateChain: true });
    const args = [tenant, certificateApp, { certificatePath: file('app-both.pem') }, more];
    assertToken(await sdk.getToken('ClientCertificateCredential', args), certificateApp);
    assert.equal([(await lastAssertion()).x5c].flat().length, 1);
  });

  test('a certificate that is not registered', async () => {
    const args = [tenant, certificateApp, { certificatePath: file('stranger-both.pem') },
      options()];
    const { error } = await sdk.getToken('ClientCertificateCredential', args);
    assert.match(error, /AADSTS700027/);
  });

  test('workload identity', async () => {
    const { issuer: iss, subject: sub, audience: aud } = federated;
    const ask = async (claims) => {
      await writeFile(file('assertion'), (await entra.mintToken({ claims })) + '\n');
      const args = [options({
        tenantId: tenant, clientId: federatedApp, tokenFilePath: file('assertion'),
      })];
      return sdk.getToken('WorkloadIdentityCredential', args);
    };
    assertToken(await ask({ iss, sub, aud: [aud] }), federatedApp);
    assert.match((await ask({ iss, sub: 'somebody', aud })).error, /AADSTS700213/);
    assert.match((await ask({ iss, sub, aud, exp: 1 })).error, /AADSTS700024/);
  });

  test('a managed identity of a virtual machine', async () => {
    const environment = { AZURE_POD_IDENTITY_AUTHORITY_HOST: machine.url('identity') };
    await withSdk(machine, environment, async (ask) => {
      assertToken(await ask(), '22222222-2222-4222-8222-222222222222');
      assertToken(await ask({ clientId: machineIdentity }), machineIdentity);
      assertToken(await ask({ objectId: 'an-object' }), machineIdentity);
      assertToken(await ask({ resourceId: '/subscriptions/s/id' }), machineIdentity);
      const nobody = await ask({ clientId: '22222222-0000-4000-8000-000000000000' });
      assert.match(nobody.error, /Identity not found/i);
    });
  });

  test('a managed identity of App Service', async () => {
    const environment = {
      IDENTITY_ENDPOINT: `${machine.url('identity')}/msi/token`,
      IDENTITY_HEADER: 'header-of-the-site',
    };
    await withSdk(machine, environment, async (ask) => {
      assertToken(await ask(), '22222222-2222-4222-8222-222222222222');
      assertToken(await ask({ clientId: machineIdentity }), machineIdentity);
      assertToken(await ask({ resourceId: '/subscriptions/s/id' }), machineIdentity);
    });
    const elsewhere = { ...environment, IDENTITY_HEADER: 'of-another-site' };
    await withSdk(machine, elsewhere, async (ask) => {
      assert.match((await ask()).error, /identity header is missing or wrong/);
    });
  });

  // Where the folder is not there, MSAL reads the challenge and refuses the path in it.
  test('a managed identity of Azure Arc', async () => {
    const environment = {
      IDENTITY_ENDPOINT: `${arc.url('identity')}/metadata/identity/oauth2/token`,
      IMDS_ENDPOINT: arc.url('identity'),
    };
    await withSdk(arc, environment, async (ask) => {
      const result = await ask();
      if (existsSync(arcFolder)) {
        assertToken(result, '22222222-2222-4222-8222-222222222222');
        return;
      }
      assert.match(result.error, /invalid_file_path|file path/i);
      assert.equal((await readdir(file('keys'))).length, 1);
    });
  });

  test('an independent library judges minted tokens', async () => {
    const url = machine.url('identity');
    const verify = async (token, version = '/v2.0') => {
      const document = await fetch(`${url}/${tenant}${version}/.well-known/openid-configuration`);
      assert.equal(document.headers.get('cache-control'), 'max-age=86400, private');
      const { issuer, jwks_uri: location } = await document.json();
      const keys = createLocalJWKSet(await (await fetch(location)).json());
      return (await jwtVerify(token, keys, { issuer })).payload;
    };
    const isRefused = async (wanted) => assert.rejects(verify(await machine.mintToken(wanted)));

    assert.equal((await verify(await machine.mintToken())).ver, '2.0');
    assert.equal((await verify(await machine.mintToken({ version: '1.0' }), '')).ver, '1.0');
    for (const algorithm of ['ES256', 'PS256', 'RS512']) {
      const kid = await machine.keys(`add?algorithm=${algorithm}`);
      const token = await machine.mintToken({ kid, roles: ['Gateway.Invoke'] });
      assert.equal(decodeProtectedHeader(token).alg, algorithm);
      assert.deepEqual((await verify(token)).roles, ['Gateway.Invoke']);
    }
    for (const sign_with of ['other', 'none', 'hs256_public_key', 'broken', 'next_unpublished']) {
      await isRefused({ sign_with });
    }
    await isRefused({ lifetime_s: -10 });
    await isRefused({ not_before_offset_s: 60 });
    await isRefused({ header: { crit: ['b64'] } });

    const early = await machine.mintToken({ sign_with: 'next_unpublished' });
    const old = await machine.mintToken();
    await machine.keys('publish_next');
    await verify(early);
    await machine.keys('use_next');
    await verify(old);
    await machine.keys('remove_old');
    await assert.rejects(verify(old));
    await verify(await machine.mintToken());
  });
});
