import type { ErrorData } from '../core/error-data.ts';
import type { HandBack } from '../core/handed-back.ts';
import type { Pause } from '../core/host-pauses.ts';
import type { Outcome } from '../core/outcome.ts';
import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec, Work } from '../core/run-spec.ts';
import type { Silence } from '../core/silence.ts';
import type { PlaceUsage } from './place.ts';

/** To a worker, be it a thread or a process. Image bytes are in no message. */
export type ToWorker =
  | { type: 'start'; spec: RunSpec; proxies: ProxySettings | null }
  | { type: 'work'; works: [id: number, work: Work][] }
  | { type: 'pause'; host: string; pause: Pause }
  | { type: 'take-back'; silences: readonly Silence[] }
  | { type: 'stop'; graceMs: number }
  | { type: 'close' };

/** From a worker. */
export type FromWorker =
  | { type: 'ready' }
  /** It has not what it needs to start, which others may have: the run goes on without it. */
  | { type: 'unable'; why: string }
  /** What happened since the last report; sent at most every few milliseconds. */
  | {
      type: 'report';
      /** Their bytes are here, and they are computed. */
      fetched: number[];
      outcomes: [id: number, outcome: Outcome][];
      interrupted: number[];
      handedBack: [id: number, handBack: HandBack][];
      bytes: number;
      /** In milliseconds after their requests. */
      firstBytes: [host: string, ms: number][];
      troubles: [host: string, requestAgeMs: number, isRefusal: boolean][];
    }
  | { type: 'pause'; host: string; pause: Pause }
  | { type: 'fatal'; error: ErrorData }
  | { type: 'closed'; usage: PlaceUsage };
