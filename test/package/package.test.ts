import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { version } from '../../src/core/version.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
/** The oldest Node that is promised, and the one that development pins. */
const nodeVersions = ['22.19.0', '24.21.0'];

let project = '';

/** npm, without what the npm that runs these tests has put into the environment. */
async function npm(cwd: string, ...args: string[]) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name)),
  );
  return await run('npm', ['--no-audit', '--no-fund', ...args], { cwd, env, maxBuffer: 16e6 });
}

before(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'gallop-package-'));
  // Built by `npm test` before: packing must not build over it while other tests run it.
  await npm(root, 'pack', '--ignore-scripts', '--pack-destination', project);
  const archive = (await readdir(project)).find((name) => name.endsWith('.tgz'));
  const aliases = nodeVersions.map((it) => [`node-${it.split('.')[0]}`, `npm:node@${it}`]);
  await writeFile(
    path.join(project, 'package.json'),
    JSON.stringify({
      name: 'somebody-elses',
      private: true,
      type: 'module',
      dependencies: { gallop: `file:${archive}`, ...Object.fromEntries(aliases) },
      allowScripts: { node: true, 'node-22': true, 'node-24': true },
    }),
  );
  await npm(project, 'install');
});

after(async () => {
  await rm(project, { recursive: true, force: true });
});

const nodeOf = (wanted: string) =>
  path.join(project, 'node_modules', `node-${wanted.split('.')[0]}`, 'bin', 'node');

const program = `
  import { download, failures, list, origin, race, verify, version } from 'gallop';
  const server = await origin({ images: 4, bytes: 20_000, rttMs: 1, thinkMs: [0, 1] });
  const options = { dir: process.argv[2], imgurApi: server.url, environment: { CLIENT_ID: 'any' } };
  const source = 'imgur:' + server.albumId;
  const names = [];
  for await (const item of list(source, options)) names.push(item.target);
  const statuses = [];
  for (const strategy of ['sync', 'threads', 'processes', 'async', 'auto']) {
    const run = download(source, { ...options, dir: process.argv[2] + strategy, strategy });
    const outcomes = [];
    for await (const event of run) if (event.event === 'outcome') outcomes.push(event.status);
    statuses.push((await run.summary).saved);
  }
  const checked = await verify(process.argv[2] + 'async').summary;
  await server.close();
  console.log(JSON.stringify({ version, names: names.length, statuses, good: checked.good, race: typeof race, failures: 'dns' in failures }));
`;

for (const wanted of nodeVersions) {
  test(`the installed package downloads with every strategy under Node ${wanted}`, async () => {
    const file = path.join(project, 'program.mjs');
    await writeFile(file, program);
    const { stdout: nodeVersion } = await run(nodeOf(wanted), ['--version']);
    assert.equal(nodeVersion.trim(), `v${wanted}`);
    const { stdout } = await run(nodeOf(wanted), [file, path.join(project, `pictures-${wanted}-`)], {
      cwd: project,
    });
    assert.deepEqual(JSON.parse(stdout), {
      version,
      names: 4,
      statuses: [4, 4, 4, 4, 4],
      good: 4,
      race: 'function',
      failures: true,
    });
  });

  test(`the installed command runs under Node ${wanted} and warns of nothing`, async () => {
    const bin = path.join(project, 'node_modules', 'gallop', 'bin', 'gallop.js');
    const { stdout, stderr } = await run(nodeOf(wanted), [bin, '--version'], { cwd: project });
    assert.equal(stdout.trim(), version);
    assert.equal(stderr, '');
    const dir = path.join(project, `command-${wanted}`);
    const done = await run(nodeOf(wanted), [bin, 'demo:?images=3&bytes=20KB', '-d', dir, '--json'], {
      cwd: project,
    });
    const end = JSON.parse(done.stdout.trim().split('\n').at(-1)!);
    assert.equal(end.saved, 3);
    assert.doesNotMatch(done.stderr, /Warning/);
  });
}

test('the types of the package resolve for a strict TypeScript project', async () => {
  const file = path.join(project, 'typed.ts');
  await writeFile(
    file,
    `import { download, type RunEvent, type Summary } from 'gallop';
     const run = download('https://example.com/a.jpg', { dir: 'x', retries: 2, signal: new AbortController().signal });
     for await (const event of run) {
       if (event.event === 'outcome' && event.status === 'failed') { const code: string | undefined = event.error?.code; void code; }
       const it: RunEvent = event; void it;
     }
     const summary: Summary = await run.summary;
     const bytes: number = summary.bytes; void bytes;
     // @ts-expect-error: there is no such strategy
     download('x', { strategy: 'fastest' });
    `,
  );
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = path.join(root, 'node_modules', '@types');
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--typeRoots',
    types,
    '--types',
    'node',
  ];
  await run(process.execPath, [tsc, ...flags, file], { cwd: project }).catch((error) =>
    assert.fail(error.stdout),
  );
});

test('the package holds what it needs and nothing else', async () => {
  const packed = path.join(project, 'node_modules', 'gallop');
  const names = (await readdir(packed)).filter((name) => name !== 'node_modules').sort();
  assert.deepEqual(names, ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'package.json']);
  const { version: packageVersion } = JSON.parse(await readFile(path.join(packed, 'package.json'), 'utf8'));
  assert.equal(packageVersion, version);
});
