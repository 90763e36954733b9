// The bill of materials that the image carries: of the packages of this machine.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from './support/process.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const script = join(top, 'scripts', 'sbom');
const list = join(top, 'docker', 'runtime-packages');

async function bill(...args) {
  const { code, stdout, stderr } = await run(script, args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout.toString());
}

async function installedVersion(name) {
  return (await run('dpkg-query', ['-W', '-f', '${Version}', name])).stdout.toString();
}

test('every package of the image is in it, with the version that is installed', async () => {
  const found = await bill('1.2.3', list);
  assert.equal(found.bomFormat, 'CycloneDX');
  assert.equal(found.specVersion, '1.5');
  assert.equal(found.metadata.component.version, '1.2.3');
  const wanted = (await readFile(list, 'utf8')).trim().split('\n');
  const loaded = found.components.filter((one) => one.properties[0].value === 'loaded');
  assert.deepEqual(loaded.map(({ name }) => name).sort(), wanted.sort());
  for (const { name, version, purl, licenses } of found.components) {
    assert.equal(version, await installedVersion(name), name);
    const [, encoded] = purl.match(/^pkg:deb\/debian\/([^?]+)\?arch=[a-z0-9]+&distro=debian-\d+$/);
    assert.equal(decodeURIComponent(encoded), `${name}@${version}`);
    assert.ok(licenses?.[0].expression, `${name} has no licence: add it to scripts/sbom`);
  }
});

test('what is compiled in is in it, and everything hangs on the daemon', async () => {
  const { components, dependencies } = await bill('1.2.3', list);
  const compiled = components.filter((one) => one.properties[0].value === 'compiled-in');
  assert.ok(compiled.some(({ name }) => name.startsWith('libboost')));
  assert.ok(compiled.some(({ name }) => name.startsWith('nlohmann-json')));
  assert.deepEqual(
    dependencies, [{ ref: 'spillway', dependsOn: components.map((one) => one['bom-ref']) }]);
});

test('the build may say what it compiled in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-sbom-'));
  try {
    const file = join(folder, 'compiled-in');
    await writeFile(file, (await run(script, ['--compiled-in'])).stdout);
    assert.deepEqual(await bill('1.2.3', list, file), await bill('1.2.3', list));
    await writeFile(file, 'libboost1.81-dev 9.9 amd64\n');
    const other = await bill('1.2.3', list, file);
    assert.equal(other.components.at(-1).version, '9.9');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a package that is not installed is an error, not a gap', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-sbom-'));
  try {
    const file = join(folder, 'packages');
    await writeFile(file, 'libc6\nno-such-package\n');
    const { code, stdout, stderr } = await run(script, ['1.2.3', file]);
    assert.equal(code, 1);
    assert.match(stderr, /no-such-package/);
    assert.equal(stdout.toString(), '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
