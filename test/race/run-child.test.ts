import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, InterruptedError, UsageError } from '../../src/core/errors.ts';
import type { RunEvent } from '../../src/core/events.ts';
import type { Item } from '../../src/core/item.ts';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import { type RunChildOptions, runInChild } from '../../src/race/run-child.ts';

const entry = new URL('./fixtures/scripted-runner.ts', import.meta.url);

const items: Item[] = Array.from({ length: 2500 }, (_, i) => ({
  key: `item-${i}`,
  url: 'http://127.0.0.1/',
  index: i + 1,
  reach: [],
}));

function run(script: string, options: Partial<RunChildOptions> = {}) {
  return runInChild(
    { ...defaultRunSpec, sources: [script] },
    {
      items,
      signal: new AbortController().signal,
      environment: process.env,
      onEvent: () => undefined,
      entry,
      ...options,
    },
  );
}

test('a run gets every item, in order, and its events and usage come back', async () => {
  const keys: string[] = [];
  const onEvent = (event: RunEvent) => {
    if (event.event === 'outcome') keys.push(event.key);
    return undefined;
  };
  const end = await run('echo', { onEvent });
  assert.deepEqual(
    keys,
    items.map((item) => item.key),
  );
  assert.equal(end.died, false);
  assert.deepEqual(end.usage, {
    cpuSeconds: 1,
    pictureCpuSeconds: 0,
    peakRssBytes: 2,
    eventLoopUtilization: 0.5,
  });
  assert.equal(end.summary.seconds, 1);
});

test('a process that is killed is an answer that says by what', async () => {
  const end = await run('kill');
  assert.ok(end.died);
  assert.equal(end.reason, 'was killed by SIGKILL');
  assert.ok(end.seconds > 0);
});

test('a process that breaks is an answer with the line that names its fault', async () => {
  const end = await run('throw');
  assert.ok(end.died);
  assert.match(end.reason, /^ended with code 1: .*TypeError: a bug of the runner$/);
});

test('what would end every run is thrown as the class that the run threw', async () => {
  await assert.rejects(run('usage'), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, 'bad cookies');
    assert.equal(error.hint, 'h');
    return true;
  });
  await assert.rejects(run('disk'), (error) => error instanceof DiskError && error.code === 'no-space');
});

test('a fault of one run is that run’s alone', async () => {
  const end = await run('internal');
  assert.ok(end.died);
  assert.equal(end.reason, 'failed: oops');
});

test('a run that somebody else interrupted is not whole', async () => {
  const end = await run('interrupted');
  assert.ok(end.died);
  assert.equal(end.reason, 'was interrupted');
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const [script, graceMs] of [
  ['willing', 60_000],
  ['stubborn', 50],
] as const) {
  test(`an abort ends a ${script} process before the promise rejects`, async () => {
    const stop = new AbortController();
    let pid = 0;
    const onEvent = (event: RunEvent) => {
      if (event.event === 'note') pid = Number(event.message);
      stop.abort();
      return undefined;
    };
    await assert.rejects(run(script, { signal: stop.signal, graceMs, onEvent }), InterruptedError);
    assert.ok(pid > 0);
    assert.equal(alive(pid), false);
  });
}

test('nothing is started under a signal that has aborted', async () => {
  await assert.rejects(run('echo', { signal: AbortSignal.abort() }), InterruptedError);
});

test('the process of a run has the environment, but no credentials', async () => {
  let environment: Record<string, string> = {};
  const onEvent = (event: RunEvent) => {
    if (event.event === 'note') environment = JSON.parse(event.message);
    return undefined;
  };
  const credentials = ['CLIENT_ID', 'CLIENT_SECRET', 'REFRESH_TOKEN'].flatMap((name) => [
    name,
    `IMGUR_${name}`,
  ]);
  const given = Object.fromEntries(credentials.map((name) => [name, 's3cret']));
  await run('environment', { onEvent, environment: { ...process.env, ...given, HTTP_PROXY: 'http://p' } });
  assert.equal(environment.HTTP_PROXY, 'http://p');
  assert.doesNotMatch(JSON.stringify(environment), /s3cret/);
});

test('a run waits for whoever takes its events', async () => {
  const steps: string[] = [];
  const onEvent = async (event: RunEvent) => {
    if (event.event !== 'note') return;
    steps.push(`${event.message} comes`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    steps.push(`${event.message} is taken`);
  };
  await run('patient', { onEvent });
  assert.deepEqual(
    steps,
    ['1', '2', '3'].flatMap((n) => [`${n} comes`, `${n} is taken`]),
  );
});
