import { createHash, type Hash } from 'node:crypto';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { answerError } from '../http/answer-error.ts';
import type { Receiver, ResponseHead } from '../http/exchange.ts';
import { RequestError } from '../http/request-error.ts';
import { parseRetryAfter } from '../http/retry-timing.ts';
import type { Draft } from '../sinks/sink.ts';
import { describeOther, detectFormat, magicBytes } from './formats.ts';

/** Error pages are read to this size, for what they say. */
const maxErrorBytes = 64 * 1024;
/** As much of the beginning is kept as most pictures need to tell their size in pixels. */
const headBytes = 16 * 1024;

export interface Digests {
  sha256: string;
  sha1?: string;
  md5?: string;
}

/** Takes one answer in: refuses what cannot be right as soon as that is known, hashes, hands to the draft. */
export class Reception implements Receiver {
  readonly #spec: RunSpec;
  readonly #item: Item;
  readonly #draft: Draft;
  readonly #onHead: (head: ResponseHead) => void;
  readonly #sha256 = createHash('sha256');
  readonly #promised: ['sha1' | 'md5', Hash][];
  #head: Buffer = Buffer.alloc(0);
  #sniffed = false;
  /** The head of an answer that only its text tells the meaning of. */
  #unclear: ResponseHead | undefined;
  #errorText = '';

  /** `onHead` is told of the answer before it is judged. */
  constructor(spec: RunSpec, item: Item, draft: Draft, onHead: (head: ResponseHead) => void) {
    this.#onHead = onHead;
    this.#spec = spec;
    this.#item = item;
    this.#draft = draft;
    this.#promised = (['sha1', 'md5'] as const)
      .filter((name) => item.expect?.[name] !== undefined)
      .map((name) => [name, createHash(name)]);
  }

  redirect(to: URL): void {
    refuseRemoved(to);
  }

  head(head: ResponseHead): void {
    this.#onHead(head);
    const { status, headers, url } = head;
    refuseRemoved(url);
    if (status === 403) {
      // Only its text tells a busy Imgur from a refusal.
      this.#unclear = head;
      return;
    }
    if (status === 204) throw new RequestError('empty', `${url.host} has nothing for ${url.pathname} (204)`);
    if (status !== 200) throw answerError(head);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && !/^(identity)?$/i.test(encoding)) {
      throw new RequestError(
        'encoding',
        `${url.host} sent ${JSON.stringify(encoding)} though none was asked for`,
      );
    }
    const length = Number(headers['content-length']);
    if (length > this.#spec.maxBytes) throw this.#tooLarge(`${length} bytes`);
  }

  data(chunk: Buffer): Promise<void> | undefined {
    if (this.#unclear !== undefined) {
      this.#errorText += chunk.toString('latin1');
      if (this.#errorText.length > maxErrorBytes) throw busyOrRefused(this.#unclear, this.#errorText);
      return undefined;
    }
    if (this.#draft.size + chunk.length > this.#spec.maxBytes) {
      throw this.#tooLarge(`over ${this.#draft.size + chunk.length} bytes`);
    }
    if (this.#head.length < headBytes) {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    }
    if (!this.#sniffed && this.#head.length >= magicBytes) this.#sniff();
    this.#sha256.update(chunk);
    for (const [, hash] of this.#promised) hash.update(chunk);
    return this.#draft.append(chunk);
  }

  /** After the last byte. Throws for answers whose fault shows only at their end. */
  finish(head: ResponseHead): { digests: Digests; head: Buffer } {
    if (this.#unclear !== undefined) throw busyOrRefused(head, this.#errorText);
    if (this.#draft.size === 0)
      throw new RequestError('empty', `${head.url.host} sent no bytes for ${head.url.pathname}`);
    if (!this.#sniffed) this.#sniff();
    const digests: Digests = { sha256: this.#sha256.digest('hex') };
    for (const [name, hash] of this.#promised) digests[name] = hash.digest('hex');
    return { digests, head: this.#head };
  }

  /** On the first bytes: a page of HTML is not read to its end to be thrown away. */
  #sniff(): void {
    this.#sniffed = true;
    if (this.#spec.anyType || detectFormat(this.#head) !== undefined) return;
    const expected = this.#item.expect?.mime ?? 'a picture or a video';
    throw new RequestError('not-an-image', `${describeOther(this.#head)} came in place of ${expected}`);
  }

  #tooLarge(what: string): RequestError {
    return new RequestError('too-large', `${what}, more than --max-bytes (${this.#spec.maxBytes})`);
  }
}

/** Imgur sends requests for removed images to one picture that says so. */
function refuseRemoved(url: URL): void {
  if (url.pathname === '/removed.png')
    throw new RequestError('removed', `${url.host} says that it was removed`);
}

function busyOrRefused(head: ResponseHead, text: string): RequestError {
  if (!/over capacity/i.test(text)) return answerError(head);
  return new RequestError('throttled', `${head.url.host} is over capacity`, {
    status: 429,
    isOverCapacity: true,
    retryAfterMs: parseRetryAfter(head.headers['retry-after'], Date.now()),
  });
}
