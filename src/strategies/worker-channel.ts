import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { workerEnvironment } from '../core/worker-environment.ts';
import { busyShareOf } from './busy-share.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** A worker's mailbox, the same for a thread and a process. */
export interface WorkerChannel {
  post(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Once, when the worker has ended, however it did; `how` is for people. */
  onExit(listener: (how: string) => void): void;
  /** Share of the time since the last call in which its event loop had work, 0 to 1; undefined for a process. */
  busyShare(): number | undefined;
  kill(): void;
}

export type WorkerKind = 'thread' | 'process';

const entry = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export function openChannel(kind: WorkerKind): WorkerChannel {
  return kind === 'thread' ? threadChannel() : processChannel();
}

/** Of a thread's heap. V8 would take six times as much, at the same CPU time for a download. */
const youngGenerationMb = 8;

function threadChannel(): WorkerChannel {
  const worker = new Worker(entry, {
    stdin: false,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  let failure: string | undefined;
  // 'exit' follows an 'error'.
  worker.on('error', (error) => {
    failure = error instanceof Error ? error.message : String(error);
  });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    onExit: (listener) => void worker.once('exit', (code) => listener(failure ?? `exit code ${code}`)),
    busyShare: busyShareOf(worker.performance),
    kill: () => void worker.terminate(),
  };
}

function processChannel(): WorkerChannel {
  // Messages are cloned as they are, not turned into JSON; standard output is the command's alone.
  const child = fork(entry, {
    env: workerEnvironment(process.env),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  return {
    post: (message) => {
      // A process that is gone is reported by its exit, not by the failing message.
      if (child.connected) child.send(message, () => {});
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromWorker)),
    onExit: (listener) => {
      // A process that could not be started has no exit, only an error.
      child.on('error', (error) => {
        if (child.pid === undefined) listener(error.message);
      });
      child.once('exit', (code, signal) =>
        listener(signal === null ? `exit code ${code}` : `killed by ${signal}`),
      );
    },
    busyShare: () => undefined,
    kill: () => void child.kill('SIGKILL'),
  };
}
