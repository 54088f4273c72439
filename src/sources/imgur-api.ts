import { InterruptedError, ListingError } from '../core/errors.ts';
import type { AddressRange } from '../core/item.ts';
import { formatSeconds } from '../core/units.ts';
import type { ApiAnswer, ApiRequest, HttpClient } from '../http/client.ts';
import { parseRetryAfter } from '../http/retry-timing.ts';
import { type ImgurCredentials, noCredentials, presentable } from './imgur-credentials.ts';
import { ImgurQuota } from './imgur-quota.ts';
import { type Envelope, readEnvelope } from './imgur-shapes.ts';
import { listingFailure, notTheApiHint } from './listing-failure.ts';

/** How much longer one listing may wait because the server asked for it; shared by all its requests. */
export interface Patience {
  leftMs: number;
  /** Tells a person of the wait. */
  note(message: string): void;
}

export interface ImgurAnswer {
  data: unknown;
  /** Of the address that answered. */
  range: AddressRange;
}

interface Setting {
  http: HttpClient;
  /** `https://api.imgur.com`, or another host's. */
  base: string;
  credentials: ImgurCredentials | undefined;
  /** Epoch, in milliseconds. */
  now?: () => number;
}

const overCapacity = /over\s+capacity/i;

/**
 * Imgur's API, version 3: authorisation, limits and waiting. Every failure is a ListingError (`not-found`,
 * `refused`, `no-credentials`, `throttled`, `unreachable`, `not-an-answer`) in which no secret occurs.
 */
export class ImgurApi {
  readonly #http: HttpClient;
  readonly #base: string;
  readonly #credentials: ImgurCredentials | undefined;
  readonly #now: () => number;
  readonly #quota: ImgurQuota;
  #accessToken: string | undefined;

  constructor({ http, base, credentials, now = Date.now }: Setting) {
    this.#http = http;
    this.#base = base.replace(/\/+$/, '').replace(/\/3$/, '');
    this.#credentials = credentials;
    this.#now = now;
    this.#quota = new ImgurQuota(now);
  }

  /** `path` is what follows `/3/`: `album/ID`. */
  async get(path: string, patience: Patience): Promise<ImgurAnswer> {
    let fresh = false;
    for (let round = 1; ; round += 1) {
      await this.#awaitQuota(patience);
      const authorization = await this.#authorization();
      const answer = await this.#send(`${this.#base}/3/${path}`, { headers: { authorization } });
      const envelope = readEnvelope(answer.status, answer.text);
      if (envelope.kind === 'data') return { data: envelope.data, range: answer.range };

      if (envelope.status === 401 && this.#accessToken !== undefined && !fresh) {
        this.#accessToken = undefined;
        fresh = true;
      } else if (isSpent(envelope) && this.#quota.waitMs > 0) {
        // The next round waits for the reset, or says when it is.
      } else if (envelope.status === 429 || overCapacity.test(answer.text)) {
        await this.#wait(round, answer, patience);
      } else {
        throw this.#failure(envelope, path);
      }
    }
  }

  async #send(url: string, request: ApiRequest): Promise<ApiAnswer> {
    try {
      const answer = await this.#http.request(url, request);
      this.#quota.read(answer.headers);
      return answer;
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      throw listingFailure(this.#host, error, this.#presentable((error as Error).message));
    }
  }

  async #authorization(): Promise<string> {
    if (this.#credentials === undefined) throw noCredentials();
    const { clientId, clientSecret, refreshToken } = this.#credentials;
    if (refreshToken === undefined || clientSecret === undefined) return `Client-ID ${clientId}`;
    this.#accessToken ??= await this.#refresh(clientId, clientSecret, refreshToken);
    return `Bearer ${this.#accessToken}`;
  }

  async #refresh(clientId: string, clientSecret: string, refreshToken: string): Promise<string> {
    const answer = await this.#send(`${this.#base}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        refresh_token: refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'refresh_token',
      }).toString(),
    });
    const token = answer.status < 400 ? accessToken(answer.text) : undefined;
    if (token !== undefined) return token;
    throw new ListingError(`${this.#host} gave no access token for the refresh token (${answer.status})`, {
      code: answer.status >= 400 ? 'refused' : 'not-an-answer',
      hint: 'check CLIENT_ID, CLIENT_SECRET and REFRESH_TOKEN, or unset REFRESH_TOKEN to do without an account',
    });
  }

  async #awaitQuota(patience: Patience): Promise<void> {
    const waitMs = this.#quota.waitMs;
    if (waitMs === 0) return;
    if (waitMs > patience.leftMs) throw this.#quota.error();
    await this.#sleep(waitMs, patience, 'Imgur allows no more requests for now');
  }

  /** Retry-After where there is one, else 1, 2, 4, ... seconds as long as the patience lasts. */
  async #wait(round: number, answer: ApiAnswer, patience: Patience): Promise<void> {
    const asked = parseRetryAfter(answer.headers['retry-after'], this.#now());
    const waitMs = asked ?? Math.min(1000 * 2 ** (round - 1), patience.leftMs);
    const reason = overCapacity.test(answer.text)
      ? 'Imgur is over capacity'
      : 'Imgur asks for fewer requests';
    if (patience.leftMs <= 0 || waitMs > patience.leftMs) {
      const until = asked === undefined ? '' : ` for another ${formatSeconds(asked / 1000)}`;
      throw new ListingError(`${reason}${until}, longer than is waited for`, {
        code: 'throttled',
        hint: 'try again later, or raise --patience',
      });
    }
    // A server that asks for no time at all would be asked without end.
    await this.#sleep(Math.max(waitMs, 100), patience, reason);
  }

  async #sleep(waitMs: number, patience: Patience, reason: string): Promise<void> {
    patience.note(
      `${reason}: waiting ${formatSeconds(waitMs / 1000)}, at most ${formatSeconds(patience.leftMs / 1000)}`,
    );
    patience.leftMs -= waitMs;
    await this.#http.sleep(waitMs);
  }

  #failure(envelope: Exclude<Envelope, { kind: 'data' }>, path: string): ListingError {
    const { status } = envelope;
    const words = envelope.kind === 'error' ? this.#presentable(envelope.text) : '';
    const said = words === '' ? `answered ${status}` : `answered ${status}: ${words}`;
    const make = (code: string, message: string, hint: string) => new ListingError(message, { code, hint });
    const what = presentable(path, []);
    // 400 and 410 are what some endpoints say of an id that they do not know.
    if (status === 404 || status === 400 || status === 410) {
      return make(
        'not-found',
        `${this.#host} has no ${what} (${said})`,
        'check the address; it may be private, or gone',
      );
    }
    if (status === 401 || status === 403) {
      return make(
        'refused',
        `${this.#host} refused ${what}: it ${said}`,
        'check CLIENT_ID, and that what you ask for is public',
      );
    }
    if (envelope.kind === 'error' && status < 500) {
      return make('refused', `${this.#host} refused ${what}: it ${said}`, 'check the address');
    }
    if (status >= 500) return make('unreachable', `${this.#host} ${said}`, 'try again later');
    return make(
      'not-an-answer',
      `${this.#host} answered ${what} with something that is not Imgur's API`,
      notTheApiHint,
    );
  }

  get #host(): string {
    return URL.parse(this.#base)?.host ?? this.#base;
  }

  #presentable(text: string): string {
    const { clientId = '', clientSecret = '', refreshToken = '' } = this.#credentials ?? {};
    return presentable(text, [clientId, clientSecret, refreshToken, this.#accessToken ?? '']);
  }
}

/** Out of requests is said as 429, or as 403. */
const isSpent = ({ status }: { status: number }) => status === 429 || status === 403;

function accessToken(body: string): string | undefined {
  try {
    const token = (JSON.parse(body) as { access_token?: unknown } | null)?.access_token;
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}
