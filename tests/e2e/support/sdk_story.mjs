// What the OpenAI SDK must be able to do through the gateway, whichever of its clients is used. The
// stage is a bad day: the provisioned deployment throttles and one region is dead.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { poolOf, regions } from './pool.mjs';
import { Gateway, Simulator, makeFolder, tearDown } from './stage.mjs';

const ask = { messages: [{ role: 'user', content: 'Why is the sky blue?' }] };

// `makeClients(gateway)` -> { chat, responses }: SDK clients, unchanged but for URL and key.
export function tellSdkStory(makeClients) {
  let folder, simulator, gateway, clients;

  before(async () => {
    folder = await makeFolder();
    simulator = await Simulator.start(folder, regions);
    await simulator.setFault('ptu', '429 retry-after-ms=60000');
    await simulator.setFault('east', 'down');
    const pool = poolOf(simulator, { credential: { managed_identity: {} } });
    const environment = { AZURE_POD_IDENTITY_AUTHORITY_HOST: simulator.url('identity') };
    gateway = await Gateway.start(folder, pool, environment);
    clients = makeClients(gateway);
  });
  after(() => tearDown(folder, gateway, simulator));

  test('chat, in one piece', async () => {
    const answer = await clients.chat.chat.completions.create({ model: 'gpt-4o', ...ask });
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.ok(answer.usage.total_tokens > 0);
  });

  test('chat, streamed', async () => {
    const request = { model: 'gpt-4o', stream: true, ...ask };
    let text = '';
    let reason;
    for await (const chunk of await clients.chat.chat.completions.create(request)) {
      text += chunk.choices[0]?.delta?.content ?? '';
      reason = chunk.choices[0]?.finish_reason ?? reason;
    }
    assert.ok(text.length > 0);
    assert.equal(reason, 'stop');
  });

  test('chat, streamed with usage as asked for', async () => {
    const stream_options = { include_usage: true };
    const request = { model: 'gpt-4o', stream: true, stream_options, ...ask };
    let usage;
    for await (const chunk of await clients.chat.chat.completions.create(request)) {
      usage = chunk.usage ?? usage;
    }
    assert.ok(usage.total_tokens > 0);
  });

  test('embeddings, which the SDK asks for in base64', async () => {
    const answer = await clients.chat.embeddings.create({ model: 'embed', input: ['a', 'b'] });
    assert.equal(answer.data.length, 2);
    assert.ok(answer.data[0].embedding.every((value) => Number.isFinite(value)));
  });

  test('responses, in one piece', async () => {
    const answer = await clients.responses.responses.create({ model: 'gpt-4o', input: 'Why?' });
    assert.equal(answer.status, 'completed');
    assert.ok(answer.output_text.length > 0);
  });

  test('responses, streamed', async () => {
    const request = { model: 'gpt-4o', input: 'Why?', stream: true };
    const types = [];
    for await (const event of await clients.responses.responses.create(request)) {
      types.push(event.type);
    }
    assert.equal(types[0], 'response.created');
    assert.equal(types.at(-1), 'response.completed');
    assert.ok(types.includes('response.output_text.delta'));
  });

  test('the error of the caller is the error it would get from Azure', async () => {
    const request = { model: 'no-such-deployment', ...ask };
    await assert.rejects(clients.chat.chat.completions.create(request), (error) => {
      assert.equal(error.status, 404);
      assert.equal(error.code, 'DeploymentNotFound');
      return true;
    });
  });

  test('the throttled deployment was asked once, the living region did the rest', async () => {
    const throttled = await simulator.requests('ptu');
    const chats = throttled.filter((request) => /chat|responses/.test(request.target));
    assert.equal(chats.length, 1);
    const answered = await simulator.requests('sweden');
    assert.ok(answered.length >= 5);
    assert.ok(answered.every((request) => request.status === 200));
  });

  test('no key of the caller reached a backend, and every call had a token', async () => {
    for (const request of await simulator.requests('sweden')) {
      const headers = new Map(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
      assert.equal(headers.has('api-key'), false);
      assert.match(headers.get('authorization'), /^Bearer ey/);
    }
  });
}
