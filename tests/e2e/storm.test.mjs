// Ten thousand requests at concurrency 64 while each of three backends in turn is killed, throttled
// and revived. The caller sees no failure.
import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { after, before, test } from 'node:test';

import { poolOf, regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, gatewayKey, makeFolder, tearDown,
} from './support/stage.mjs';

const total = Number(process.env.STORM_REQUESTS ?? 10_000);
const concurrency = 64;
let folder, simulator, gateway;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  const breaker = {
    throttle: {
      failure_condition: { statuses: [429], count: 1, interval: '1m' },
      trip_duration: '300ms',
      accept_retry_after: true,
    },
    faults: {
      failure_condition: {
        statuses: ['500-599'],
        error_reasons: ['connect', 'reset', 'timeout', 'tls'],
        count: 3,
        interval: '10s',
      },
      trip_duration: '300ms',
      accept_retry_after: true,
    },
    min_trip_duration: '50ms',
    max_trip_duration: '1s',
  };
  const config = poolOf(simulator, { breaker });
  // One group, so that each backend's trouble is felt.
  for (const member of config.pools[0].members) member.priority = 1;
  config.log = { level: 'warning', format: 'json', access: false };
  gateway = await Gateway.start(folder, config);
});
after(() => tearDown(folder, gateway, simulator));

const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
const body = chatBody('gpt-4o');

// node:http and not fetch: half the work for the same bytes.
function chat() {
  return new Promise((resolve, reject) => {
    const headers = { 'api-key': gatewayKey, 'content-length': Buffer.byteLength(body) };
    const url = gateway.url + classicChat('gpt-4o');
    const outgoing = httpRequest(url, { method: 'POST', headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => (text += piece));
      answer.on('error', reject).on('end', () => resolve({ status: answer.statusCode, text }));
    });
    outgoing.on('error', reject).end(body);
  });
}

// One backend at a time is in trouble; the story goes on when the trouble was felt and is over.
async function tellTroubles(answered) {
  const completedAgain = async (name) => {
    const { completed } = await simulator.counts(name);
    await simulator.wait(name, 'completed', completed + 50);
  };
  for (const name of ['ptu', 'east', 'sweden']) {
    await completedAgain(name);
    await simulator.setFault(name, 'down');
    await answered(500);
    await simulator.clearFaults(name);
    await completedAgain(name);
    await simulator.setFault(name, '429 retry-after-ms=200');
    await simulator.wait(name, 'throttled', 1);
    await answered(500);
    await simulator.clearFaults(name);
    await completedAgain(name);
  }
}

test('no failure is seen', async () => {
  let begun = 0;
  let answers = 0;
  let isTold = false;
  const waiting = [];
  const failures = [];
  // Resolves when so many more requests are answered.
  const answered = (count) =>
    new Promise((resolve) => waiting.push({ count: answers + count, resolve }));
  const work = async () => {
    while (begun < total || !isTold) {
      ++begun;
      try {
        const { status, text } = await chat();
        if (status !== 200) failures.push(`${status} ${text}`);
      } catch (error) {
        failures.push(String(error));
      }
      ++answers;
      while (waiting.length > 0 && waiting[0].count <= answers) waiting.shift().resolve();
    }
  };
  const story = tellTroubles(answered).finally(() => (isTold = true));
  await Promise.all([story, ...Array.from({ length: concurrency }, work)]);
  agent.destroy();
  assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${answers} failed`);
  assert.ok(answers >= total);
});
