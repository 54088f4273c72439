import type { RunEvent, Running, Summary } from '../../src/core/events.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import { running } from '../../src/run/event-queue.ts';
import { performRun } from '../../src/run/run.ts';
import type { RunContext } from '../../src/run/run-context.ts';

/** A run of items that are listed already, in this process. */
export const startRun = (spec: RunSpec, context: RunContext = {}): Running<RunEvent, Summary> =>
  running(async (queue) => (await performRun(spec, context, queue)).summary);
