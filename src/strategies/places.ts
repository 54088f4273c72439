import { GallopError, InternalError } from '../core/errors.ts';
import type { Pause } from '../core/host-pauses.ts';
import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { Silence } from '../core/silence.ts';
import { localPlace } from './local-place.ts';
import type { Place, PlaceHooks, PlaceUsage } from './place.ts';
import type { PlaceKind, Team } from './strategy.ts';
import { workerPlace } from './worker-place.ts';

export interface PlacesHooks extends PlaceHooks {
  /** A place became ready or free. */
  changed(): void;
  /** The run cannot go on. */
  failed(error: unknown): void;
}

interface Surroundings {
  proxies: ProxySettings | null;
  note(level: 'info' | 'warning', message: string): void;
}

/** Starts that failed in a row, after which no more are tried. */
const maxFailedStarts = 3;

/** The places of a run: started together, replaced when they die, closed at the end. */
export class Places {
  readonly #team: Team;
  readonly #spec: RunSpec;
  readonly #surroundings: Surroundings;
  readonly #hooks: PlacesHooks;
  /** What is under way in each, and what of it is not in flight any more. */
  readonly #load = new Map<Place, number>();
  readonly #computing = new Map<Place, number>();
  /** Threads that were added, the latest last. */
  readonly #added: Place[] = [];
  /** Nothing more is begun in them. */
  readonly #leaving = new Set<Place>();
  readonly #starting = new Set<Promise<Place | null>>();
  readonly #ending = new Set<Promise<void>>();
  readonly #usages: PlaceUsage[] = [];
  #failedStarts = 0;
  #closing = false;
  #saidLost = false;
  #saidFailed = false;

  constructor(team: Team, spec: RunSpec, surroundings: Surroundings, hooks: PlacesHooks) {
    this.#team = team;
    this.#spec = spec;
    this.#surroundings = surroundings;
    this.#hooks = hooks;
    for (let count = 0; count < team.places; count += 1) void this.#start(team.kind);
  }

  /** The least loaded place with room. */
  free(): Place | undefined {
    let best: Place | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [place, load] of this.#load) {
      const inFlight = load - (this.#computing.get(place) ?? 0);
      if (inFlight < place.capacity && load < least && !this.#leaving.has(place))
        [best, least] = [place, load];
    }
    return best;
  }

  begun(place: Place): void {
    this.#load.set(place, (this.#load.get(place) ?? 0) + 1);
  }

  /** What was begun has its bytes: it goes on, and another may be begun. */
  fetched(place: Place): void {
    this.#computing.set(place, (this.#computing.get(place) ?? 0) + 1);
  }

  ended(place: Place, wasFetched: boolean): void {
    const load = this.#load.get(place);
    if (load !== undefined) this.#load.set(place, load - 1);
    if (wasFetched) this.#computing.set(place, this.#computing.get(place)! - 1);
    this.#dismiss(place);
  }

  /** Of all places together, 0 to 1. */
  busyShare(): number {
    const shares = [...this.#load.keys()]
      .map((place) => place.busyShare())
      .filter((share) => share !== undefined);
    return shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length;
  }

  /** False when none could be started, or the rate was divided among the places that there are. */
  async addThread(): Promise<boolean> {
    if (this.#spec.limitBytesPerSecond !== null || this.#closing) return false;
    const place = await this.#start('thread');
    if (place !== null) this.#added.push(place);
    return place !== null;
  }

  /** The latest thread that was added ends, as soon as nothing is in flight in it. */
  removeThread(): void {
    const place = this.#added.pop();
    if (place === undefined || !this.#load.has(place)) return;
    this.#leaving.add(place);
    this.#dismiss(place);
  }

  #dismiss(place: Place): void {
    if (this.#closing || !this.#leaving.has(place) || (this.#load.get(place) ?? 0) > 0) return;
    this.#leaving.delete(place);
    this.#load.delete(place);
    const ending = place.close().then((usage) => {
      this.#usages.push(usage);
      this.#ending.delete(ending);
    });
    this.#ending.add(ending);
  }

  pauseHost(host: string, pause: Pause): void {
    for (const place of this.#load.keys()) place.pauseHost(host, pause);
  }

  takeBack(silences: readonly Silence[]): void {
    for (const place of this.#load.keys()) place.takeBack(silences);
  }

  stop(graceMs: number): void {
    for (const place of this.#load.keys()) place.stop(graceMs);
  }

  async close(): Promise<PlaceUsage> {
    this.#closing = true;
    await Promise.all([...this.#starting, ...this.#ending]);
    this.#usages.push(...(await Promise.all([...this.#load.keys()].map((place) => place.close()))));
    const usages = this.#usages;
    return {
      cpuSeconds: usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
      pictureCpuSeconds: usages.reduce((sum, usage) => sum + usage.pictureCpuSeconds, 0),
      peakRssBytes: usages.reduce((sum, usage) => sum + usage.peakRssBytes, 0),
    };
  }

  /** Resolves when the place is there, or null when it could not be made; never rejects. */
  #start(kind: PlaceKind): Promise<Place | null> {
    const starting: Promise<Place | null> = this.#create(kind).then(
      (place) => {
        this.#starting.delete(starting);
        this.#failedStarts = 0;
        this.#load.set(place, 0);
        this.#hooks.changed();
        return place;
      },
      (error: Error) => {
        this.#starting.delete(starting);
        if (error instanceof GallopError) this.#hooks.failed(error);
        else this.#startFailed(kind, error);
        return null;
      },
    );
    this.#starting.add(starting);
    return starting;
  }

  #startFailed(kind: PlaceKind, error: Error): void {
    this.#failedStarts += 1;
    if (this.#closing) return;
    if (this.#nobodyIsLeft()) {
      // It may have been killed, as the one before it: that is no reason to end the run.
      if (this.#failedStarts < maxFailedStarts) void this.#start(kind);
      else this.#giveUp(error.message);
    } else if (!this.#saidFailed) {
      this.#saidFailed = true;
      this.#surroundings.note('warning', `${error.message}; going on with the workers that do start`);
    }
  }

  async #create(kind: PlaceKind): Promise<Place> {
    const { proxies } = this.#surroundings;
    const { limitBytesPerSecond: limit } = this.#spec;
    // The rate is divided among the places: each keeps its own share.
    const share = limit === null ? null : Math.max(1, Math.floor(limit / this.#team.places));
    // A thread that was added is one of many: the event loop has a process for pictures for each core already.
    const isAdded = kind === 'thread' && this.#team.kind === 'local';
    const strategy = isAdded ? 'threads' : this.#spec.strategy;
    const spec = { ...this.#spec, strategy, limitBytesPerSecond: share };
    const { perPlace } = this.#team;
    if (kind === 'local') return await localPlace(spec, proxies, perPlace, this.#hooks);
    return await workerPlace(kind, spec, proxies, perPlace, this.#hooks, (place, how) =>
      this.#lost(place, kind, how),
    );
  }

  #lost(place: Place, kind: PlaceKind, how: string): void {
    this.#load.delete(place);
    if (this.#closing) return;
    if (!this.#saidLost) {
      this.#saidLost = true;
      this.#surroundings.note('warning', `${how}; its downloads go to another`);
    }
    if (this.#failedStarts < maxFailedStarts) void this.#start(kind);
    else if (this.#nobodyIsLeft()) this.#giveUp(how);
  }

  #nobodyIsLeft(): boolean {
    return this.#load.size === 0 && this.#starting.size === 0;
  }

  #giveUp(why: string): void {
    this.#hooks.failed(new InternalError(`no worker could be started: ${why}`, { hint: 'try -s async' }));
  }
}
