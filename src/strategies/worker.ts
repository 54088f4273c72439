import { isMainThread, parentPort } from 'node:worker_threads';
import { errorToData } from '../core/error-data.ts';
import { asGallopError, InterruptedError, isScarce } from '../core/errors.ts';
import { type HandBack, HandedBackError } from '../core/handed-back.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Work } from '../core/run-spec.ts';
import { createDownloader, type Downloader } from '../download/downloader.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { peakRssBytes } from './peak-rss.ts';

/** The entry of worker threads and worker processes: one downloader, driven by messages. */

/** Reports wait this long for company: a message costs more than a small file's share of it. */
const reportMs = 4;

const isThread = !isMainThread && parentPort !== null;

function post(message: FromWorker): void {
  if (isThread) parentPort!.postMessage(message);
  else if (process.connected) process.send!(message, undefined, undefined, () => {});
}

let downloader: Promise<Downloader> | undefined;
let outcomes: [number, Outcome][] = [];
let fetched: number[] = [];
let interrupted: number[] = [];
let handedBack: [number, HandBack][] = [];
let firstBytes: [host: string, ms: number][] = [];
let troubles: [host: string, requestAgeMs: number, isRefusal: boolean][] = [];
let bytes = 0;
let inFlight = 0;
let timer: NodeJS.Timeout | undefined;

function report(): void {
  clearTimeout(timer);
  timer = undefined;
  post({ type: 'report', fetched, outcomes, interrupted, handedBack, bytes, firstBytes, troubles });
  fetched = [];
  outcomes = [];
  interrupted = [];
  handedBack = [];
  firstBytes = [];
  troubles = [];
  bytes = 0;
}

function reportSoon(): void {
  timer ??= setTimeout(report, reportMs);
}

function notStarted(error: unknown): void {
  if (isScarce(error)) post({ type: 'unable', why: (error as Error).message });
  else fatal(error);
}

function fatal(error: unknown): void {
  post({ type: 'fatal', error: errorToData(asGallopError(error)) });
}

async function perform(id: number, work: Work): Promise<void> {
  inFlight += 1;
  try {
    const outcome = await (await downloader!).download(work, () => {
      fetched.push(id);
      reportSoon();
    });
    outcomes.push([id, outcome]);
  } catch (error) {
    if (error instanceof InterruptedError) interrupted.push(id);
    else if (error instanceof HandedBackError) handedBack.push([id, error.handBack]);
    else return fatal(error);
  } finally {
    inFlight -= 1;
  }
  // Nobody will join it: the parent's next item is waiting for this very report.
  if (inFlight === 0) report();
  else reportSoon();
}

async function close(): Promise<void> {
  await (await downloader)?.close();
  if (timer !== undefined) {
    clearTimeout(timer);
    report();
  }
  // A thread's share is in the figures of its process already.
  const { user, system } = process.cpuUsage();
  const own = isThread
    ? { cpuSeconds: 0, peakRssBytes: 0 }
    : { cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRssBytes() };
  const pictures = (await downloader)?.usage ?? { cpuSeconds: 0, peakRssBytes: 0 };
  const usage = {
    cpuSeconds: own.cpuSeconds + pictures.cpuSeconds,
    pictureCpuSeconds: pictures.cpuSeconds,
    peakRssBytes: own.peakRssBytes + pictures.peakRssBytes,
  };
  post({ type: 'closed', usage });
  if (isThread) parentPort!.close();
  else process.disconnect();
}

function receive(message: ToWorker): void {
  switch (message.type) {
    case 'start':
      downloader = createDownloader(message.spec, message.proxies, {
        received: (count) => {
          bytes += count;
          reportSoon();
        },
        firstByte: (host, ms) => {
          firstBytes.push([host, ms]);
          reportSoon();
        },
        hostTroubled: (host, requestAgeMs) => {
          troubles.push([host, requestAgeMs, false]);
          reportSoon();
        },
        hostRefused: (host, requestAgeMs) => {
          troubles.push([host, requestAgeMs, true]);
          reportSoon();
        },
        handsBack: true,
        hostPaused: (host, pause) => post({ type: 'pause', host, pause }),
      });
      downloader.then(() => post({ type: 'ready' }), notStarted);
      break;
    case 'work':
      for (const [id, work] of message.works) void perform(id, work);
      break;
    case 'pause':
      void downloader?.then(({ http }) => http.pauses.announce(message.host, message.pause));
      break;
    case 'take-back':
      void downloader?.then(({ http }) => http.watchdog.takeBack(message.silences));
      break;
    case 'stop':
      void downloader?.then((it) => it.stop(message.graceMs));
      break;
    case 'close':
      void close();
      break;
  }
}

if (isThread) parentPort!.on('message', receive);
else {
  process.on('message', receive);
  // A parent that is gone, killed for instance, has nobody left to report to.
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches the whole group of processes; it is the parent that decides what becomes of it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
}
