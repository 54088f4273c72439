import { ListingError } from '../core/errors.ts';
import { formatSeconds } from '../core/units.ts';

/** A year. */
const longestMs = 366 * 24 * 3_600_000;

/** How far the API's limits are used up, read from the headers of its answers. */
export class ImgurQuota {
  #openAt = 0;
  #what = '';
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * `X-RateLimit-UserRemaining` counts by the hour and address, `-ClientRemaining` by the day and
   * application; `-UserReset` is an epoch in seconds. Names are lower case.
   */
  read(headers: Record<string, string>): void {
    const number = (name: string) => {
      const value = headers[`x-ratelimit-${name}`]?.trim() ?? '';
      return /^-?\d+$/.test(value) ? Number(value) : undefined;
    };
    const spent = (name: string) => (number(name) ?? 1) <= 0;
    if (spent('clientremaining')) {
      this.#close("this client id's requests of the day", number('clientreset'), 24);
    } else if (spent('userremaining')) {
      this.#close("this address's requests", number('userreset'), 1);
    }
  }

  #close(what: string, resetSeconds: number | undefined, hours: number): void {
    const now = this.#now();
    const known = (resetSeconds ?? 0) * 1000;
    this.#what = what;
    // A time that has passed, or that no limit lasts to, is none.
    this.#openAt = known > now && known < now + longestMs ? known : now + hours * 3_600_000;
  }

  /** Until requests may go on; 0 where they may. */
  get waitMs(): number {
    return Math.max(0, this.#openAt - this.#now());
  }

  error(): ListingError {
    const at = new Date(this.#openAt).toISOString().replace('T', ' ').slice(0, 16);
    return new ListingError(
      `Imgur allows no more requests for now: ${this.#what} are used up; ` +
        `it may go on at ${at} UTC, in ${formatSeconds(this.waitMs / 1000)}`,
      { code: 'throttled', hint: 'run the same command again then; direct links need no such requests' },
    );
  }
}
