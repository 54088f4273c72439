import { RefusedShare } from '../core/refused-share.ts';

/** A host that refuses more than this share of its requests is asked by nobody for a while; of fewer, each waits by itself. */
const mostly = 0.5;
/** So many refusals in a row are no chance any more: where they would come about in one of so many cases. */
const chance = 0.005;
/** A host is thought to refuse this share of its requests at least, so that chance is never without a chance. */
const leastShare = 0.1;
/** Hosts that are kept in mind. */
const maxHosts = 1000;

interface Known {
  share: RefusedShare;
  /** The share when it last served something. */
  usual: number;
  inARow: number;
  /** Of those in a row, the first; and when a pause was last said. On `performance.now()`. */
  since: number;
  pausedAt: number;
  /** Pauses since it last served something. */
  pauses: number;
}

/** Which hosts refuse (429, 503) now and then, and which refuse everybody. Times are of `performance.now()`. */
export class HostRefusals {
  readonly #hosts = new Map<string, Known>();

  /** The host answered, and not by refusing. */
  answered(host: string): void {
    const known = this.#know(host);
    known.share.add(false);
    known.usual = known.share.value;
    known.inARow = known.pauses = 0;
  }

  /**
   * The host refused a request that was begun then. Returns which pause in a row it is to be given, from 1; 0 where
   * it needs none: it serves most of the others, or has its pause since after that request was begun.
   */
  refused(host: string, begunAt: number, now: number): number {
    const known = this.#know(host);
    known.share.add(true);
    if (known.inARow === 0) known.since = now;
    known.inARow += 1;
    const isMost = known.share.value > mostly || this.isShut(host);
    if (!isMost || begunAt <= known.pausedAt) return 0;
    known.pausedAt = now;
    known.pauses += 1;
    return known.pauses;
  }

  /** Whether it has refused so many in a row that it seems to refuse everybody. */
  isShut(host: string): boolean {
    const known = this.#hosts.get(host);
    return known !== undefined && Math.max(leastShare, known.usual) ** known.inARow < chance;
  }

  /** How long it has refused everybody; 0 where it does not. */
  shutMs(host: string, now: number): number {
    return this.isShut(host) ? now - this.#hosts.get(host)!.since : 0;
  }

  #know(host: string): Known {
    let known = this.#hosts.get(host);
    if (known === undefined) {
      known = {
        share: new RefusedShare(),
        usual: 0,
        inARow: 0,
        since: 0,
        pausedAt: Number.NEGATIVE_INFINITY,
        pauses: 0,
      };
      this.#hosts.set(host, known);
      // The one that was met first: what it forgets is learnt again.
      if (this.#hosts.size > maxHosts) this.#hosts.delete(this.#hosts.keys().next().value!);
    }
    return known;
  }
}
