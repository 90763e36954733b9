// A stage for a test: a simulated Azure OpenAI and a gateway in front of it, both real processes on
// free ports, configured by plain objects (JSON is YAML).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Process, killWhatStillRuns } from './process.mjs';

export const gatewayKey = 'e2e-gateway-key';
export const backendKey = 'e2e-backend-key';

export async function makeFolder() {
  return mkdtemp(join(tmpdir(), 'spillway-e2e-'));
}

export class Simulator {
  // `config`: as in docs/simulator.md, without ports.
  static async start(folder, config) {
    const file = join(folder, 'simulator.yaml');
    const everything = { control: { port: 0 }, identity: { port: 0 }, ...config };
    await writeFile(file, JSON.stringify(everything, null, 1));
    const simulator = new Simulator(new Process('spillway-sim', ['--config', file]));
    await simulator.process.waitForOutput(/^ready$/m);
    return simulator;
  }

  constructor(process) {
    this.process = process;
  }

  // The URL of an endpoint, of `identity`, or of `control`.
  url(name) {
    const line = this.process.output.match(new RegExp(`^listening +${name}:? +(http\\S+)$`, 'm'));
    if (!line) throw new Error(`the simulator does not listen as ${name}:\n${this.process.output}`);
    return line[1].replace(/\/$/, '');
  }

  async setFault(endpoint, fault) {
    const body = typeof fault === 'string' ? fault : JSON.stringify(fault);
    await this.#control('POST', `endpoints/${endpoint}/fault`, body);
  }

  async clearFaults(endpoint) {
    await this.#control('DELETE', `endpoints/${endpoint}/fault`);
  }

  async requests(endpoint) {
    const query = endpoint ? `?endpoint=${endpoint}&limit=4096` : '?limit=4096';
    const { requests } = await this.#control('GET', `requests${query}`);
    return requests.filter((request) => request.endpoint !== 'control');
  }

  // How often each event happened on the endpoint since the last reset: { connected, ... }
  async counts(endpoint) {
    const { endpoints } = await this.#control('GET', 'state');
    return endpoints.find(({ name }) => name === endpoint).counts;
  }

  // Resolves when `event` has happened `count` times on the endpoint since the last reset.
  async wait(endpoint, event, count = 1) {
    await this.#control('GET', `wait?endpoint=${endpoint}&event=${event}&count=${count}`);
  }

  async reset() {
    await this.#control('POST', 'reset');
  }

  // A token to order, as docs/simulator.md describes.
  async mintToken(wanted = {}) {
    return (await this.#control('POST', 'tokens', JSON.stringify(wanted))).access_token;
  }

  // A step of a key rollover: `publish_next`, `use_next`, `remove_old`, `add?algorithm=ES256`; the
  // id of the key it was about.
  async keys(step) {
    return (await this.#control('POST', `identity/keys/${step}`)).kid;
  }

  async #control(method, path, body) {
    const answer = await fetch(`${this.url('control')}/control/${path}`, { method, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`control ${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }
}

export class Gateway {
  // `config`: as in docs/configuration.md; one listener and the admin port come from here unless it
  // has its own.
  static async start(folder, config, environment = {}, options = {}) {
    const file = join(folder, 'spillway.yaml');
    const everything = {
      listeners: [{ address: '127.0.0.1:0' }],
      admin: { address: '127.0.0.1:0' },
      clients: [{ name: 'e2e', keys: [gatewayKey], pool: 'pool' }],
      log: { level: 'info', format: 'json' },
      server: { threads: 2, drain_timeout: '10s' },
      ...config,
    };
    await writeFile(file, JSON.stringify(everything, null, 1));
    const args = ['serve', '--config', file];
    const gateway = new Gateway(new Process('spillway', args, environment, options));
    const [, url] = await gateway.process.waitForOutput(/^listening on (https?:\S+)/m);
    const [, admin] = await gateway.process.waitForOutput(/^admin on (http:\S+)/m);
    gateway.url = url;
    gateway.admin = admin;
    await gateway.waitUntilReady();
    return gateway;
  }

  constructor(process) {
    this.process = process;
  }

  async waitUntilReady() {
    const deadline = Date.now() + 15_000;
    let answer;
    do {
      answer = await fetch(`${this.admin}/readyz`);
      if (answer.status === 200) return;
      await pause(20);
    } while (Date.now() < deadline);
    throw new Error(`not ready: ${answer.status} ${await answer.text()}\n${this.process.output}`);
  }

  async status() {
    return (await fetch(`${this.admin}/status`)).json();
  }
}

// Stops what was started and removes the folder; in the order given, undefined ones are skipped.
export async function tearDown(folder, ...things) {
  for (const thing of things) await thing?.process.stop();
  await killWhatStillRuns();
  await rm(folder, { recursive: true, force: true });
}

export const chatBody = (model, more = {}) =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'Why is the sky blue?' }], ...more });

export const classicChat = (deployment) =>
  `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;

export function post(url, body, headers = {}) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'api-key': gatewayKey, ...headers },
    body,
  });
}
