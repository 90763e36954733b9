// Child processes whose output a test can wait for, and which never outlive it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const binaries = process.env.SPILLWAY_BIN;
if (!binaries) throw new Error('SPILLWAY_BIN must name the folder of spillway and spillway-sim');

const running = new Set();

// For the end of a test: nothing that it started outlives it, not even where it failed.
export async function killWhatStillRuns() {
  await Promise.all([...running].map((process) => process.stop('SIGKILL')));
}

export class Process {
  #child;
  #output = '';
  #listeners = new Set();
  #exit;

  // `options`: what spawn() takes besides; `under`: a program and its first arguments that end in
  // running ours; `openFiles`: how many it may have open, at most (undefined: as many as we).
  constructor(name, args, environment = {}, { under = [], openFiles, ...options } = {}) {
    this.name = name;
    const env = { PATH: process.env.PATH, ...environment };
    const bounded = openFiles
      ? ['/bin/sh', '-c', `ulimit -n ${openFiles} && exec "$0" "$@"`]
      : [];
    const [program, ...rest] = [...under, ...bounded, join(binaries, name), ...args];
    this.#child = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this);
    this.#exit = once(this.#child, 'close').then(([code, signal]) => {
      running.delete(this);
      this.#tell();
      return signal ?? code;
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        this.#output += text;
        this.#tell();
      });
    }
    process.on('exit', () => this.#child.kill('SIGKILL'));
  }

  get output() {
    return this.#output;
  }

  get pid() {
    return this.#child.pid;
  }

  // Nobody reads its output from here on.
  closeOutput() {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  // The exit code, or the signal's name.
  get exit() {
    return this.#exit;
  }

  signal(name) {
    this.#child.kill(name);
  }

  // Resolves to the match once the output holds it; rejects if the process ends before.
  async waitForOutput(pattern, milliseconds = 20_000) {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const match = this.#output.match(pattern);
      if (match) return match;
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`${this.name} did not print ${pattern}; it printed:\n${this.#output}`);
      }
      await this.#somethingHappens(left);
    }
  }

  // Ends it as an operator would, and insists after a while.
  async stop(signal = 'SIGTERM') {
    this.signal(signal);
    const insist = setTimeout(() => this.signal('SIGKILL'), 20_000);
    const code = await this.#exit;
    clearTimeout(insist);
    return code;
  }

  #somethingHappens(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#listeners.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #tell() {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

// Runs a program to its end: { code, stdout (a Buffer), stderr }.
export async function run(program, args, { input, env } = {}) {
  const child = spawn(program, args, { env: env ?? process.env });
  const stdout = [];
  let stderr = '';
  child.stdout.on('data', (bytes) => stdout.push(bytes));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, stdout: Buffer.concat(stdout), stderr };
}

export const pathOf = (name) => join(binaries, name);

export function runSpillway(args, options) {
  return run(join(binaries, 'spillway'), args, options);
}
