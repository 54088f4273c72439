import { inspect } from 'node:util';
import fc from 'fast-check';
import type { Target } from './target.ts';

export interface TargetResult {
  inputs: number;
  seconds: number;
  slowestMs: number;
  failure: { input: string; message: string } | null;
}

/** Longer than one input may take, on a machine that is busy with other things. */
const longestMs = 5000;
/** Shrinking tries again and again: what takes long is not made small. */
const shrinkMs = 20_000;

/**
 * Runs a target on `inputs` inputs, which follow from `seed`. The first that fails is shrunk; `begun` is
 * told the number of each, before it is tried, until one failed.
 */
export async function checkTarget(
  target: Target,
  { seed, inputs, begun = () => {} }: { seed: number; inputs: number; begun?: (count: number) => void },
): Promise<TargetResult> {
  const trial = await target.open();
  const startedAt = performance.now();
  let count = 0;
  let slowestMs = 0;
  let failedAt: number | null = null;
  const property = fc.asyncProperty(trial.inputs, async (input) => {
    if (failedAt === null) begun(++count);
    else if (performance.now() - failedAt > shrinkMs) return;
    const from = performance.now();
    try {
      await trial.check(input);
      const ms = performance.now() - from;
      slowestMs = Math.max(slowestMs, ms);
      if (ms > longestMs) throw new Error(`took ${Math.round(ms)} ms`);
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    }
  });
  try {
    const run = await fc.check(property, { seed, numRuns: inputs, endOnFailure: false });
    const seconds = (performance.now() - startedAt) / 1000;
    const failure = run.failed
      ? { input: shown(run.counterexample?.[0]), message: textOf(run.errorInstance) }
      : null;
    return { inputs: count, seconds, slowestMs, failure };
  } finally {
    await trial.close?.();
  }
}

/** The input of that number: for one that never came to an end. */
export async function inputOf(target: Target, seed: number, number: number): Promise<string> {
  const trial = await target.open();
  try {
    return shown(fc.sample(trial.inputs, { seed, numRuns: number }).at(-1));
  } finally {
    await trial.close?.();
  }
}

function shown(input: unknown): string {
  const readable = (value: unknown): unknown =>
    Buffer.isBuffer(value) ? `hex ${value.toString('hex', 0, 4096)}${value.length > 4096 ? '…' : ''}` : value;
  const plain =
    typeof input === 'object' && input !== null && !Buffer.isBuffer(input) && !Array.isArray(input)
      ? Object.fromEntries(Object.entries(input).map(([name, value]) => [name, readable(value)]))
      : readable(input);
  return inspect(plain, { depth: 6, maxStringLength: 10_000, breakLength: 110 });
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 8).join('\n') : String(error);
