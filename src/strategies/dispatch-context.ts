import type { WindowEvent } from '../core/events.ts';
import type { Pause } from '../core/host-pauses.ts';
import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { HostExperience } from './host-window.ts';

/** What a dispatcher is told by its run, and what it tells it. */
export interface DispatchContext {
  spec: RunSpec;
  proxies: ProxySettings | null;
  /** Aborted: nothing new is begun, and what is in flight has `graceMs` to end. */
  signal: AbortSignal;
  graceMs: number;
  note(level: 'info' | 'warning', message: string): void;
  /** Bytes of bodies, as they arrive. */
  received(bytes: number): void;
  /** A host asked for a pause, and every place was told. */
  paused(host: string, pause: Pause): void;
  /** What a window that learns does; from time to time. */
  window(event: WindowEvent): void;
  /** What earlier runs found of a host. */
  recall(host: string): HostExperience | undefined;
  /** Nothing more is taken from the work, whoever is the cause: its source may be left to wait for ever. */
  stopped(): void;
}
