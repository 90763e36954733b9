// The pool spills, fails over, says the truth when nothing is left, and recovers.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { poolOf, regions } from './support/pool.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator, gateway;

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
});
after(() => tearDown(folder, simulator));
beforeEach(() => simulator.reset());

// A gateway of its own for each test: breakers remember.
async function withGateway(body, breaker) {
  gateway = await Gateway.start(folder, poolOf(simulator, { breaker }));
  try {
    await body();
  } finally {
    assert.equal(await gateway.process.stop(), 0);
  }
}

const chat = () => post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'));

async function backendOf(answer) {
  assert.equal(answer.status, 200, await answer.clone().text());
  await answer.arrayBuffer();
  return answer.headers.get('x-spillway-backend');
}

function memberOf(status, backend) {
  const pool = status.pools.find(({ name }) => name === 'pool');
  return pool.members.find((member) => member.backend === backend);
}

test('the lowest priority number serves while it can', () =>
  withGateway(async () => {
    for (let i = 0; i < 5; ++i) assert.equal(await backendOf(await chat()), 'ptu');
    assert.equal((await simulator.requests('east')).length, 0);
  }));

test('a 429 spills at once, and is remembered for as long as it says', () =>
  withGateway(async () => {
    await simulator.setFault('ptu', '429 retry-after-ms=90000');
    for (let i = 0; i < 6; ++i) assert.notEqual(await backendOf(await chat()), 'ptu');
    assert.equal((await simulator.requests('ptu')).length, 1);
    const [deployment] = memberOf(await gateway.status(), 'ptu').deployments.filter(
      ({ state }) => state !== 'closed');
    assert.equal(deployment.state, 'open');
  }));

test('both regions share what spills', () =>
  withGateway(async () => {
    await simulator.setFault('ptu', '429 retry-after-ms=90000');
    const seen = new Set();
    for (let i = 0; i < 8; ++i) seen.add(await backendOf(await chat()));
    assert.deepEqual([...seen].sort(), ['east', 'sweden']);
  }));

test('a dead region costs nobody a request', () =>
  withGateway(async () => {
    await simulator.setFault('ptu', 'down');
    await simulator.setFault('east', 'down');
    for (let i = 0; i < 12; ++i) assert.equal(await backendOf(await chat()), 'sweden');
  }));

test('all throttled: 429 with the soonest recovery', () =>
  withGateway(async () => {
    await simulator.setFault('ptu', '429 retry-after-ms=90000');
    await simulator.setFault('east', '429 retry-after-ms=20000');
    await simulator.setFault('sweden', '429 retry-after-ms=60000');
    for (let i = 0; i < 2; ++i) {
      const answer = await chat();
      assert.equal(answer.status, 429);
      const seconds = Number(answer.headers.get('retry-after'));
      assert.ok(seconds >= 15 && seconds <= 21, `Retry-After: ${seconds}`);
      assert.ok(Number(answer.headers.get('retry-after-ms')) <= 20_000);
      assert.equal(JSON.parse(await answer.text()).error.code, 'spillway_pool_throttled');
      assert.equal(answer.headers.get('x-spillway-error'), 'spillway_pool_throttled');
    }
    for (const name of ['ptu', 'east', 'sweden']) {
      assert.equal((await simulator.requests(name)).length, 1, `${name} was asked again`);
    }
  }));

test('all dead: 503', () =>
  withGateway(async () => {
    for (const name of ['ptu', 'east', 'sweden']) await simulator.setFault(name, 'down');
    const answer = await chat();
    assert.equal(answer.status, 503);
    assert.equal(JSON.parse(await answer.text()).error.code, 'spillway_pool_unavailable');
  }));

test('it comes back when its time is over', () =>
  withGateway(async () => {
    await simulator.setFault('ptu', '429 retry-after-ms=300 times=1');
    assert.notEqual(await backendOf(await chat()), 'ptu');
    const deadline = Date.now() + 15_000;
    let backend;
    do {
      await pause(20);
      backend = await backendOf(await chat());
    } while (backend !== 'ptu' && Date.now() < deadline);
    assert.equal(backend, 'ptu');
  }));

test('a mapped deployment reaches the backend under its own name, in path and in body', () =>
  withGateway(async () => {
    assert.equal(await backendOf(await chat()), 'ptu');
    const v1 = await post(`${gateway.url}/openai/v1/chat/completions`, chatBody('gpt-4o'));
    assert.equal(await backendOf(v1), 'ptu');
    const [classic, body] = await simulator.requests('ptu');
    assert.match(classic.target, /^\/openai\/deployments\/gpt-4o-ptu\//);
    assert.equal(JSON.parse(body.body).model, 'gpt-4o-ptu');
  }));
