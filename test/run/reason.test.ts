import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import type { RunContext } from '../../src/run/run-context.ts';
import { answer, type Behaviour, Gate, pictureBytes, pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

/** What `auto` says of a run in `dir`. */
async function reasonOf(dir: string, context: RunContext, more: Partial<RunSpec> = {}) {
  const spec: RunSpec = { ...defaultRunSpec, strategy: 'auto', dir, retries: 0, ...more };
  const { reason, saved, failed } = await startRun(spec, { environment: {}, ...context }).summary;
  return { reason, saved, failed };
}

/** And of one over `count` pictures of a server that does as told. */
async function of(count: number, behaviour?: Behaviour) {
  using work = scratch();
  await using server = await pictureServer(behaviour);
  return await reasonOf(work.path, { items: server.items(count, 3000) });
}

const refuse =
  (status: number, headers = {}): Behaviour =>
  (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };

describe('the reason that auto gives', { concurrency: true }, () => {
  it('is none where nothing was downloaded', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const items = server.items(30, 3000);
    assert.equal((await reasonOf(work.path, { items: [] })).reason, null);
    assert.equal((await reasonOf(work.path, { items })).saved, 30);
    assert.deepEqual(await reasonOf(work.path, { items }), { reason: null, saved: 0, failed: 0 });
  });

  it('is that there was one item only', async () => {
    assert.equal((await of(1)).reason, 'there was one item only');
    assert.equal((await of(1, refuse(404))).reason, 'there was one item only');
  });

  it('is that everything was in flight at once', async () => {
    const gate = new Gate();
    const { reason } = await of(12, (path, response) => {
      gate.hold(() => answer(path, response));
      if (gate.waiting === 12) gate.release();
      return true;
    });
    assert.equal(reason, 'everything at once');
  });

  it('is that nothing had to wait, where a list grows no faster than it is downloaded', async () => {
    using work = scratch();
    await using server = await pictureServer();
    const items = server.items(20, 3000);
    let next = () => {};
    async function* list() {
      for (const { url } of items) {
        const saved = new Promise<void>((resolve) => {
          next = resolve;
        });
        yield Buffer.from(`${url}\n`);
        await saved;
      }
    }
    const running = startRun(
      { ...defaultRunSpec, strategy: 'auto', dir: work.path, input: ['-'] },
      { environment: {}, stdin: list() },
    );
    for await (const { event } of running) if (event === 'outcome') next();
    const { saved, peakInFlight, reason } = await running.summary;
    assert.deepEqual([saved, peakInFlight, reason], [20, 1, 'nothing had to wait']);
  });

  it('is that nothing was answered', async () => {
    using work = scratch();
    const server = await pictureServer();
    await server[Symbol.asyncDispose]();
    assert.deepEqual(await reasonOf(work.path, { items: server.items(40, 3000) }), {
      reason: 'nothing was answered',
      saved: 0,
      failed: 40,
    });
  });

  it('is that every item was asked to wait', async () => {
    for (const status of [429, 503]) {
      assert.deepEqual(await of(40, refuse(status, { 'retry-after': 3600 })), {
        reason: 'every item was asked to wait',
        saved: 0,
        failed: 40,
      });
    }
  });

  it('is that nothing was saved, where all the answers were errors, or broke off', async () => {
    for (const status of [404, 500]) {
      assert.equal((await of(40, refuse(status))).reason, 'nothing was saved');
    }
    const broken = await of(40, (_, response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' });
      response.write(pictureBytes('a', 3000).subarray(0, 1000), () => response.socket?.resetAndDestroy());
      return true;
    });
    assert.deepEqual(broken, { reason: 'nothing was saved', saved: 0, failed: 40 });
  });
});
