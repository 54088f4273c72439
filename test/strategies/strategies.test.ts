import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { resolveRunSpec } from '../../src/core/options/resolve-options.ts';
import type { RunSpec, StrategyName } from '../../src/core/run-spec.ts';
import { strategies } from '../../src/strategies/strategies.ts';
import { strategyContract } from './strategy-contract.ts';

strategyContract('sync', {
  options: {},
  inFlight: 1,
  oneHostAtATime: 'one at a time means one host at a time',
});
strategyContract('threads', { options: { workers: 2, perWorker: 2 }, inFlight: 4 });
strategyContract('processes', { options: { workers: 2, perWorker: 2 }, inFlight: 4 });
strategyContract('async', { options: { concurrency: 8 }, inFlight: 8 });
strategyContract('auto', { options: { concurrency: 4 }, inFlight: 4 });

test('the strategies mean what their names mean elsewhere: how many places, and how many in each', () => {
  const teamOf = (strategy: StrategyName, options: Partial<RunSpec> = {}) => {
    const { kind, places, perPlace } = strategies[strategy].team(resolveRunSpec({ strategy, ...options }));
    return [kind, places, perPlace];
  };
  assert.deepEqual(teamOf('sync', { concurrency: 50, workers: 9, perWorker: 9 }), ['local', 1, 1]);
  assert.deepEqual(teamOf('async'), ['local', 1, 100]);
  assert.deepEqual(teamOf('async', { concurrency: 7 }), ['local', 1, 7]);
  assert.deepEqual(teamOf('threads'), ['thread', 5, 1]);
  assert.deepEqual(teamOf('threads', { workers: 2, perWorker: 4 }), ['thread', 2, 4]);
  assert.deepEqual(teamOf('processes'), ['process', os.availableParallelism(), 1]);
  assert.deepEqual(teamOf('processes', { workers: 3, perWorker: 2 }), ['process', 3, 2]);
  assert.deepEqual(teamOf('auto', { concurrency: 7 }), ['local', 1, 7]);
});
