// What the binary was built with, as readelf shows it, and that the daemon needs no privilege, no
// place to write and nothing of its surroundings.
import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { poolOf, regions } from './support/pool.mjs';
import { pathOf, run } from './support/process.mjs';
import {
  Gateway, Simulator, chatBody, classicChat, makeFolder, post, tearDown,
} from './support/stage.mjs';

let folder, simulator, header, segments, dynamic, symbols;

const isThere = async (program) => (await run('which', [program])).code === 0;

async function readelf(...args) {
  const { code, stdout, stderr } = await run('readelf', ['--wide', ...args, pathOf('spillway')]);
  assert.equal(code, 0, stderr);
  return stdout.toString();
}

const hasReadelf = await isThere('readelf');
// As the build says it: an optimised binary has calls that check their bounds.
const symbolsOf = hasReadelf ? await readelf('--dyn-syms') : '';
const isOptimised = process.env.SPILLWAY_IS_OPTIMISED === 'ON' || /__\w+_chk@/.test(symbolsOf);
const skip = hasReadelf ? false : 'no readelf (binutils)';
const skipUnoptimised =
  skip || (isOptimised ? false : 'not optimised: the flags of what is shipped are off');

before(async () => {
  folder = await makeFolder();
  simulator = await Simulator.start(folder, regions);
  if (!hasReadelf) return;
  [header, segments, dynamic] = await Promise.all([
    readelf('--file-header'), readelf('--segments'), readelf('--dynamic'),
  ]);
  symbols = symbolsOf;
});
after(() => tearDown(folder, simulator));

test('position independent', { skip }, () => {
  assert.match(header, /Type:\s+DYN/);
  assert.match(dynamic, /FLAGS_1.*\bPIE\b/);
});

test('nothing is both writable and executable, the stack is neither', { skip }, () => {
  const rows = segments.split('\n').filter((line) => /^\s+[A-Z_]+\s+0x/.test(line));
  assert.ok(rows.length > 5, segments);
  for (const row of rows) assert.doesNotMatch(row, /\sRWE\s/);
  assert.match(segments, /GNU_STACK.*\sRW\s/);
});

test('what the loader writes is read-only afterwards', { skip: skipUnoptimised }, () => {
  assert.match(segments, /GNU_RELRO/);
  assert.match(dynamic, /BIND_NOW|FLAGS_1.*\bNOW\b/);
});

test('the stack is guarded, calls check their bounds', { skip: skipUnoptimised }, () => {
  assert.match(symbols, /__stack_chk_fail/);
  assert.match(symbols, /__(memcpy|vsnprintf|snprintf|read|recv|fdelt|memmove|sprintf)_chk/);
});

const skipFlow = skipUnoptimised || (arch() === 'x64' ? false : `not looked at on ${arch()}`);

test('jumps land where they may (IBT, SHSTK)', { skip: skipFlow }, async () => {
  const notes = await readelf('--notes');
  if (/x86 feature:.*IBT.*SHSTK|x86 feature:.*SHSTK.*IBT/.test(notes)) return;
  // A library without the property takes it from the whole; then the code itself must show it.
  const objdump = await run('objdump', ['--disassemble=main', '--no-show-raw-insn',
    pathOf('spillway')]);
  assert.match(objdump.stdout.toString(), /endbr64/, notes);
});

const skipPrivilege =
  process.getuid() !== 0 ? 'only root can give privileges away'
    : (await isThere('setpriv')) ? false : 'no setpriv (util-linux)';

const nobody = ['setpriv', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all',
  '--clear-groups', '--reuid=65534', '--regid=65534'];

test('it serves as nobody, without capabilities, from a directory it cannot write',
  { skip: skipPrivilege }, async () => {
    const readOnly = join(folder, 'read-only');
    await mkdir(readOnly);
    await chmod(folder, 0o755);
    await chmod(readOnly, 0o555);
    // The build's folder may be closed to others.
    const binary = join(folder, 'spillway');
    await copyFile(pathOf('spillway'), binary);
    await chmod(binary, 0o755);
    const under = [...nobody, '/bin/sh', '-c', 'shift; exec "$0" "$@"', binary];
    const gateway = await Gateway.start(folder, poolOf(simulator), {}, { under, cwd: readOnly });
    const answer = await post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'));
    assert.equal(answer.status, 200);
    await answer.text();
    const status = await readFile(`/proc/${gateway.process.pid}/status`, 'utf8');
    assert.match(status, /^Uid:\s+65534/m);
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^CapBnd:\s+0+$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.equal(await gateway.process.stop(), 0);
  });

test('no core dump, and no other process of the user reads its memory', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  const limits = await readFile(`/proc/${gateway.process.pid}/limits`, 'utf8');
  assert.match(limits, /^Max core file size\s+0\s+0\s/m);
  if (!skipPrivilege) {
    const asNobody = await Gateway.start(folder, poolOf(simulator), {}, {
      under: [...nobody, '/bin/sh', '-c', 'shift; exec "$0" "$@"', join(folder, 'spillway')],
    });
    const { pid } = asNobody.process;
    const peek = await run(nobody[0], [...nobody.slice(1), 'cat', `/proc/${pid}/environ`]);
    assert.notEqual(peek.code, 0, 'its environment, where keys may be, is open to its user');
    assert.equal(await asNobody.process.stop(), 0);
  }
  assert.equal(await gateway.process.stop(), 0);
});

const unshared = await run('unshare', ['--pid', '--fork', 'true']).catch(() => ({ code: 1 }));
const hasNamespaces = unshared.code === 0 && (await isThere('nsenter'));
const skipNamespace = hasNamespaces ? false : 'no process namespace of its own to be had here';

async function childrenOf(pid) {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);
}

test('as the first process of a container: signals count, orphans are not kept',
  { skip: skipNamespace }, async () => {
    const under = ['unshare', '--pid', '--fork'];
    const gateway = await Gateway.start(folder, poolOf(simulator), {}, { under });
    const [first] = await childrenOf(gateway.process.pid);
    // Its parent ends at once, so that it is left to the first process.
    const orphan = await run('nsenter', [`--target=${first}`, '--pid', 'sh', '-c', 'sleep 0.2 &']);
    assert.equal(orphan.code, 0, orphan.stderr);
    const deadline = Date.now() + 15_000;
    while ((await childrenOf(first)).length > 0) assert.ok(Date.now() < deadline, 'a zombie stays');
    process.kill(Number(first), 'SIGTERM');
    assert.equal(await gateway.process.exit, 0);
  });

test('signals that are nobody’s business do not end it', async () => {
  const gateway = await Gateway.start(folder, poolOf(simulator));
  for (const name of ['SIGPIPE', 'SIGCHLD', 'SIGUSR1', 'SIGUSR2']) gateway.process.signal(name);
  const answer = await post(gateway.url + classicChat('gpt-4o'), chatBody('gpt-4o'));
  assert.equal(answer.status, 200);
  await answer.text();
  assert.equal(await gateway.process.stop('SIGQUIT'), 0);
});
