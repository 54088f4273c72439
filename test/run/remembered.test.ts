import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import type { RunContext } from '../../src/run/run-context.ts';
import { answer, Gate, type PictureServer, pictureServer } from '../support/picture-server.ts';
import { scratch } from '../support/scratch.ts';
import { startRun } from '../support/start-run.ts';

/** Answers nothing until the gate is opened. */
function heldServer(gate: () => Gate): Promise<PictureServer> {
  return pictureServer((asked, response) => {
    gate().hold(() => answer(asked, response));
    return true;
  });
}

/**
 * A whole run of `auto` over pictures of `server`, none of which is answered before the run has told its first window:
 * where it began.
 */
async function run(server: PictureServer, gate: Gate, state: string, more: RunContext = {}) {
  using work = scratch();
  const spec = { ...defaultRunSpec, strategy: 'auto', dir: work.path } as const;
  const items = server.items(120, 3000);
  const running = startRun(spec, { items, environment: { XDG_STATE_HOME: state }, ...more });
  let first: number | undefined;
  for await (const event of running) {
    if (event.event !== 'window') continue;
    first ??= event.window;
    // A machine with other things to do is busy at first, and then the window would not grow.
    if (event.state !== 'computing') gate.release();
  }
  const { saved, reason } = await running.summary;
  assert.equal(saved, 120);
  return { first, reason };
}

describe('what auto found of a host', () => {
  it('is where the next run begins, and not where an isolated one does', async () => {
    using state = scratch();
    const file = path.join(state.path, 'gallop', 'hosts.json');
    let gate = new Gate();
    await using server = await heldServer(() => gate);

    const isolated = await run(server, gate, state.path, { isIsolated: true });
    assert.equal(isolated.first, 16);
    assert.deepEqual(fs.readdirSync(state.path), []);

    gate = new Gate();
    const early = await run(server, gate, state.path);
    assert.equal(early.first, 16);
    const host = new URL(server.url).host;
    const { window } = JSON.parse(fs.readFileSync(file, 'utf8')).hosts[host];
    assert.ok(window > 16, String(window));

    gate = new Gate();
    const before = fs.readFileSync(file, 'utf8');
    const again = await run(server, gate, state.path, { isIsolated: true });
    assert.equal(again.first, 16);
    assert.doesNotMatch(again.reason!, /remembered/);
    assert.equal(fs.readFileSync(file, 'utf8'), before);

    gate = new Gate();
    const late = await run(server, gate, state.path);
    assert.equal(late.first, window);
    assert.match(late.reason!, new RegExp(`it began with ${window}, as remembered from before`));
  });
});
