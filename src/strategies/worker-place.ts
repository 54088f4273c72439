import { errorFromData } from '../core/error-data.ts';
import { InterruptedError } from '../core/errors.ts';
import { HandedBackError } from '../core/handed-back.ts';
import type { Outcome } from '../core/outcome.ts';
import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec, Work } from '../core/run-spec.ts';
import type { FromWorker } from './messages.ts';
import { type Place, type PlaceHooks, type PlaceUsage, WorkerLostError } from './place.ts';
import { openChannel, type WorkerKind } from './worker-channel.ts';

/** A worker that does not close within this time is killed. */
const closeMs = 2000;
/** A worker that has not answered this long after it had to does not answer any more. */
const overdueMs = 2000;

interface Pending {
  /** When its outcome has to be there, on `performance.now()`: a worker keeps an item's time limit itself. */
  dueAt: number;
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
  fetched: (() => void) | undefined;
}

/**
 * Downloads in a thread or a process of its own. Resolves when the worker is ready; rejects when it
 * cannot start: with a `WorkerLostError` for want of memory and the like, with the run's own error else.
 * `onLost` is told when it ends unasked after that, before its work is handed back.
 */
export function workerPlace(
  kind: WorkerKind,
  spec: RunSpec,
  proxies: ProxySettings | null,
  capacity: number,
  hooks: PlaceHooks,
  onLost: (place: Place, how: string) => void,
): Promise<Place> {
  const channel = openChannel(kind);
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let isReady = false;
  let lost: Error | undefined;
  let closed: ((usage: PlaceUsage) => void) | undefined;
  let usage: PlaceUsage = { cpuSeconds: 0, pictureCpuSeconds: 0, peakRssBytes: 0 };

  let unsent: [id: number, work: Work][] = [];
  // What is handed over in one go is one message: each costs more than the work in it.
  const send = () => {
    channel.post({ type: 'work', works: unsent });
    unsent = [];
  };
  const failAll = (error: Error) => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const settle = (id: number, step: (it: Pending) => void) => {
    const it = pending.get(id);
    pending.delete(id);
    if (it !== undefined) step(it);
  };
  const place: Place = {
    capacity,
    run: (work, fetched) =>
      new Promise((resolve, reject) => {
        if (lost !== undefined) throw lost;
        const id = nextId++;
        pending.set(id, { dueAt: performance.now() + spec.timeoutMs + overdueMs, resolve, reject, fetched });
        if (unsent.push([id, work]) === 1) queueMicrotask(send);
      }),
    busyShare: () => channel.busyShare(),
    pauseHost: (host, pause) => channel.post({ type: 'pause', host, pause }),
    takeBack: (silences) => channel.post({ type: 'take-back', silences }),
    stop: (graceMs) => {
      const dueAt = performance.now() + graceMs + overdueMs;
      for (const it of pending.values()) it.dueAt = Math.min(it.dueAt, dueAt);
      channel.post({ type: 'stop', graceMs });
    },
    close: () =>
      new Promise((resolve) => {
        if (lost !== undefined) return resolve(usage);
        const timer = setTimeout(() => channel.kill(), closeMs);
        closed = (final) => {
          clearTimeout(timer);
          resolve(final);
        };
        channel.post({ type: 'close' });
      }),
  };

  // A process that was stopped (SIGSTOP), a thread in an endless loop: alive, and of no use.
  const overdue = setInterval(() => {
    const now = performance.now();
    if (pending.values().some(({ dueAt }) => now > dueAt)) channel.kill();
  }, 500);
  overdue.unref();

  return new Promise((resolve, reject) => {
    channel.onMessage((message: FromWorker) => {
      switch (message.type) {
        case 'ready':
          isReady = true;
          resolve(place);
          break;
        case 'unable':
          reject(new WorkerLostError(`a worker ${kind} cannot start: ${message.why}`));
          channel.kill();
          break;
        case 'report':
          hooks.received(message.bytes);
          for (const [host, ms] of message.firstBytes) hooks.firstByte(host, ms);
          for (const [host, requestAgeMs, isRefusal] of message.troubles) {
            if (isRefusal) hooks.hostRefused(host, requestAgeMs);
            else hooks.hostTroubled(host, requestAgeMs);
          }
          for (const id of message.fetched) pending.get(id)?.fetched?.();
          for (const [id, outcome] of message.outcomes) settle(id, (it) => it.resolve(outcome));
          for (const [id, handBack] of message.handedBack) {
            settle(id, (it) => it.reject(new HandedBackError(handBack)));
          }
          for (const id of message.interrupted) settle(id, (it) => it.reject(new InterruptedError()));
          break;
        case 'pause':
          hooks.hostPaused(message.host, message.pause);
          break;
        case 'fatal':
          reject(errorFromData(message.error));
          failAll(errorFromData(message.error));
          // Nobody will close what never became a place.
          if (!isReady) channel.kill();
          break;
        case 'closed':
          usage = message.usage;
          break;
      }
    });
    channel.onExit((how) => {
      clearInterval(overdue);
      lost = new WorkerLostError(`a worker ${kind} ended: ${how}`);
      reject(lost);
      if (isReady && closed === undefined) onLost(place, lost.message);
      failAll(lost);
      closed?.(usage);
    });
    channel.post({ type: 'start', spec, proxies });
  });
}
