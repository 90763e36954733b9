// The npm package as an application with an Entra identity uses it: no key anywhere, a token
// provider in its place, and a gateway that takes no key.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AzureOpenAI, OpenAI } from 'openai';

import { poolOf, regions } from './support/pool.mjs';
import { Gateway, Simulator, makeFolder, tearDown } from './support/stage.mjs';

const tenant = '33333333-3333-4333-8333-333333333333';
const chatbot = '11111111-1111-4111-8111-111111111111';
const stranger = '66666666-6666-4666-8666-666666666666';
const audience = 'api://spillway';
const ask = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Why is the sky blue?' }] };

let folder, simulator, gateway;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  const authority_host = simulator.url('identity');
  const pool = poolOf(simulator, { credential: { managed_identity: {} } });
  gateway = await Gateway.start(folder, {
    ...pool,
    require_entra: true,
    clients: [{ name: 'chatbot', entra: { app_ids: [chatbot] }, pool: 'pool' }],
    entra: { tenants: [tenant], audiences: [audience], authority_host },
  }, { AZURE_POD_IDENTITY_AUTHORITY_HOST: authority_host });
});
after(() => tearDown(folder, gateway, simulator));

// What @azure/identity gives for these arguments: a function that fetches a token.
function tokenProviderOf(app) {
  return async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials', client_id: app, client_secret: 'any',
      scope: `${audience}/.default`,
    });
    const url = `${simulator.url('identity')}/${tenant}/oauth2/v2.0/token`;
    const answer = await fetch(url, { method: 'POST', body: form });
    return (await answer.json()).access_token;
  };
}

function azureClient(azureADTokenProvider) {
  const apiVersion = '2024-10-21';
  return new AzureOpenAI({
    endpoint: gateway.url, azureADTokenProvider, apiVersion, maxRetries: 0,
  });
}

test('a token provider is all that AzureOpenAI needs', async () => {
  const client = azureClient(tokenProviderOf(chatbot));
  const answer = await client.chat.completions.create(ask);
  assert.ok(answer.choices[0].message.content.length > 0);
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
    text += chunk.choices[0]?.delta?.content ?? '';
  }
  assert.equal(text, answer.choices[0].message.content);
});

test('OpenAI on the v1 surface takes it as its key', async () => {
  const baseURL = `${gateway.url}/openai/v1`;
  const client = new OpenAI({ baseURL, apiKey: tokenProviderOf(chatbot), maxRetries: 0 });
  const answer = await client.responses.create({ model: 'gpt-4o', input: 'Why?' });
  assert.ok(answer.output_text.length > 0);
});

test('another application is nobody here', async () => {
  const client = azureClient(tokenProviderOf(stranger));
  await assert.rejects(client.chat.completions.create(ask), (error) => {
    assert.equal(error.status, 403);
    assert.equal(error.code, 'spillway_client_unknown');
    return true;
  });
});

test('what is no token is told so, and the SDK does not try again', async () => {
  const before = (await gateway.status()).requests.total;
  const apiVersion = '2024-10-21';
  const client = new AzureOpenAI({
    endpoint: gateway.url, azureADTokenProvider: async () => 'not.a.token', apiVersion,
  });
  await assert.rejects(client.chat.completions.create(ask), (error) => {
    assert.equal(error.status, 401);
    assert.equal(error.code, 'spillway_invalid_token');
    return true;
  });
  assert.equal((await gateway.status()).requests.total, before + 1);
});

test('a key is of no use here', async () => {
  const client = new AzureOpenAI({
    endpoint: gateway.url, apiKey: 'some-key', apiVersion: '2024-10-21', maxRetries: 0,
  });
  await assert.rejects(client.chat.completions.create(ask), (error) => error.status === 401);
});

test('backends see the gateway, not the caller', async () => {
  const requests = await simulator.requests('ptu');
  assert.ok(requests.length > 0);
  for (const { headers } of requests) {
    const [, authorization] = headers.find(([name]) => name.toLowerCase() === 'authorization');
    const claims = Buffer.from(authorization.split('.')[1], 'base64url');
    assert.equal(JSON.parse(claims).aud, 'https://cognitiveservices.azure.com');
  }
});
