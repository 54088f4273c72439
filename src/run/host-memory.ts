import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { HostExperience } from '../strategies/host-window.ts';

/** What was good a week ago says little of today's network. */
const maxAgeMs = 7 * 24 * 3600 * 1000;
const maxHosts = 500;
const largestWindow = 10_000;
/** Many times what so many hosts take: anything larger is not ours. */
const maxFileBytes = 1024 * 1024;

interface Remembered extends HostExperience {
  /** Milliseconds since 1970. */
  atMs: number;
}

/**
 * What `auto` found of hosts, from run to run: a small file in the user's state directory
 * (`$XDG_STATE_HOME/gallop/hosts.json`). It only makes things faster: where it cannot be read or written, nothing is
 * remembered, and nobody is bothered.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export class HostMemory {
  readonly #file: string | undefined;
  #hosts: Map<string, Remembered> | undefined;

  constructor(environment: Record<string, string | undefined>) {
    const directory = stateDirectory(environment);
    this.#file = directory === undefined ? undefined : path.join(directory, 'gallop', 'hosts.json');
  }

  recall(host: string): HostExperience | undefined {
    this.#hosts ??= this.#read();
    return this.#hosts.get(host);
  }

  /**
   * Adds what a run found. What another run wrote in the meantime stays, but for what it writes in the very moment
   * between this reading and renaming: of two that end together, one may be forgotten, and its hosts are begun with as
   * strangers. That costs the next run some round trips; a lock that outlives a kill would cost more. The file is always
   * one run's, whole.
   */
  keep(found: Iterable<[host: string, HostExperience]>): void {
    const news = [...found];
    if (this.#file === undefined || news.length === 0) return;
    const hosts = this.#read();
    for (const [host, experience] of news) {
      hosts.delete(host);
      hosts.set(host, { ...experience, atMs: Date.now() });
    }
    const latest = [...hosts].sort(([, a], [, b]) => b.atMs - a.atMs).slice(0, maxHosts);
    const draft = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      // Where somebody downloads from is nobody else's business.
      writeFileSync(draft, `${JSON.stringify({ version: 1, hosts: Object.fromEntries(latest) })}\n`, {
        mode: 0o600,
      });
      renameSync(draft, this.#file);
    } catch {
      try {
        rmSync(draft, { force: true });
      } catch {
        // A file where a directory should be: then there is no draft either.
      }
    }
  }

  #read(): Map<string, Remembered> {
    if (this.#file === undefined) return new Map();
    try {
      // A pipe would be waited for.
      const there = statSync(this.#file);
      if (!there.isFile() || there.size > maxFileBytes) return new Map();
      const { version, hosts } = JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, unknown>;
      if (version !== 1) return new Map();
      return new Map(Object.entries(hosts as object).filter((entry) => isRemembered(entry[1])));
    } catch {
      return new Map();
    }
  }
}

function isRemembered(value: unknown): value is Remembered {
  const { window, tooMuch, wasEnough, atMs } = (value ?? {}) as Record<string, unknown>;
  const isCount = (count: unknown) =>
    Number.isInteger(count) && (count as number) >= 1 && (count as number) <= largestWindow;
  const ageMs = Date.now() - (atMs as number);
  const isExperience =
    isCount(window) && (tooMuch === null || isCount(tooMuch)) && typeof wasEnough === 'boolean';
  return isExperience && ageMs >= 0 && ageMs < maxAgeMs;
}

/** Undefined where there is no home to keep anything in. */
function stateDirectory(environment: Record<string, string | undefined>): string | undefined {
  const { XDG_STATE_HOME: xdg, HOME: home, LOCALAPPDATA: local } = environment;
  // A relative one is to be ignored, says the specification.
  if (xdg !== undefined && path.isAbsolute(xdg)) return xdg;
  if (os.platform() === 'win32') return local;
  if (home === undefined || !path.isAbsolute(home)) return undefined;
  const below = os.platform() === 'darwin' ? ['Library', 'Application Support'] : ['.local', 'state'];
  return path.join(home, ...below);
}
