import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { answerError } from '../http/answer-error.ts';
import { RequestError } from '../http/request-error.ts';
import { parseRetryAfter } from '../http/retry-timing.ts';
import type { Receiver, ResponseHead } from '../http/transfer.ts';
import type { Beginning, Draft } from '../sinks/sink.ts';
import { describeOther, detectFormat, magicBytes } from './formats.ts';
import { type Digests, Hashing } from './hashing.ts';
import { beginningOf, OtherPartError, restBytes } from './resume.ts';
import { robotsDirective } from './robots.ts';
import type { Segments } from './segments.ts';
import { SkippedError } from './skipped.ts';
import { mayBecomeSvg, svgFormat, svgHeadBytes } from './svg.ts';

/** Error pages are read to this size, for what they say. */
const maxErrorBytes = 64 * 1024;
/** As much of the beginning is kept as most pictures need to tell their size in pixels. */
const headBytes = 16 * 1024;
/** What is there already is read in pieces of this size, and others have their turn between them. */
const pieceBytes = 1024 * 1024;

const nothing = Buffer.alloc(0);

/** Takes one answer in: refuses what cannot be right as soon as that is known, hashes, hands to the draft. */
export class Reception implements Receiver {
  readonly #spec: RunSpec;
  readonly #item: Item;
  /** As asked for, before redirects. */
  readonly #address: URL;
  readonly #draft: Draft;
  /** What the draft has and the request builds on; null where it asks for the whole. */
  readonly #beginning: Beginning | null;
  readonly #onHead: (head: ResponseHead) => void;
  readonly #segments: Segments | null;
  /** The rest is fetched over other connections. */
  hasEnough = false;
  /** Bytes that were looked at and hashed. */
  #takenBytes = 0;
  #hashing!: Hashing;
  #head!: Buffer;
  #sniffed!: boolean;
  /** So much of the beginning may tell what it is. */
  #tellingBytes!: number;
  /** Where the answer is the rest of a file, or not the only one: how large that will be, and whether it is so already. */
  #wholeBytes: number | null = null;
  #lacksNothing = false;
  /** The head of an answer that only its text tells the meaning of. */
  #unclear: ResponseHead | undefined;
  #errorText = '';

  /** `onHead` is told of the answer before it is judged. `segments` are null where there is to be one connection alone. */
  constructor(
    spec: RunSpec,
    item: Item,
    address: URL,
    draft: Draft,
    beginning: Beginning | null,
    onHead: (head: ResponseHead) => void,
    segments: Segments | null,
  ) {
    this.#segments = segments;
    this.#beginning = beginning;
    this.#onHead = onHead;
    this.#spec = spec;
    this.#item = item;
    this.#address = address;
    this.#draft = draft;
    this.#begin();
  }

  #begin(): void {
    this.#hashing = new Hashing(this.#item.expect, this.#spec.hash);
    this.#head = nothing;
    this.#takenBytes = 0;
    this.#sniffed = false;
    this.#tellingBytes = magicBytes;
  }

  /**
   * Takes in what the draft has and this has not seen: what the request builds on, or what came over other connections.
   * `isInTime` throws where there is no time for it any more.
   */
  async takeUp(isInTime: () => void): Promise<void> {
    while (this.#takenBytes < this.#draft.size) {
      isInTime();
      const piece = await this.#draft.read(this.#takenBytes, pieceBytes);
      // Another program has cut the file short.
      if (piece.length === 0) throw new OtherPartError(this.#address.host);
      this.#take(piece);
      await nextTurn();
    }
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
    if (this.#beginning !== null && (status === 206 || status === 416)) this.#goOn(head, this.#beginning);
    else if (status === 200) this.#startOver(head);
    else throw answerError(head);
    this.#heedRobots(headers['x-robots-tag']);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && !/^(identity)?$/i.test(encoding)) {
      throw new RequestError(
        'encoding',
        `${url.host} sent ${JSON.stringify(encoding)} though none was asked for`,
      );
    }
    const length = this.#wholeBytes ?? Number(headers['content-length']);
    if (length > this.#spec.maxBytes) throw this.#tooLarge(`${length} bytes`);
    if (this.#segments?.begin(head, length)) this.#wholeBytes = length;
  }

  /** Its server asks to be left out of data sets: then its bytes are not asked for. */
  #heedRobots(header: string | string[] | undefined): void {
    if (header === undefined || this.#spec.output === null || this.#spec.ignoreRobots) return;
    const directive = robotsDirective(String(header).split('\n'));
    if (directive !== null) throw new SkippedError({ code: 'robots', message: `X-Robots-Tag: ${directive}` });
  }

  /** The whole, whatever was asked for: what is there of an earlier answer does not belong to it. */
  #startOver(head: ResponseHead): void {
    if (this.#draft.size > 0 || this.#draft.ahead.length > 0) {
      this.#draft.restart();
      this.#begin();
    }
    this.#draft.beginning = beginningOf(head, this.#address);
  }

  #goOn(head: ResponseHead, beginning: Beginning): void {
    const { size } = this.#draft;
    const { sha256, sha1, md5 } = this.#item.expect ?? {};
    const rest = restBytes(head, beginning, size, (sha256 ?? sha1 ?? md5) !== undefined);
    this.#wholeBytes = size + rest;
    this.#lacksNothing = rest === 0;
  }

  data(chunk: Buffer): Promise<void> | undefined {
    if (this.#unclear !== undefined) {
      this.#errorText += chunk.toString('latin1');
      if (this.#errorText.length > maxErrorBytes) throw busyOrRefused(this.#unclear, this.#errorText);
      return undefined;
    }
    if (this.#lacksNothing) return undefined;
    const room = this.#segments?.room ?? chunk.length;
    if (chunk.length < room) return this.#add(chunk);
    this.hasEnough = this.#segments?.hasOthers === true;
    return this.#add(this.hasEnough ? chunk.subarray(0, room) : chunk);
  }

  #add(chunk: Buffer): Promise<void> | undefined {
    const bytes = this.#draft.size + chunk.length;
    if (bytes > this.#spec.maxBytes) throw this.#tooLarge(`over ${bytes} bytes`);
    if (bytes > (this.#wholeBytes ?? bytes)) throw new OtherPartError(this.#address.host);
    this.#take(chunk);
    return this.#draft.append(chunk);
  }

  #take(chunk: Buffer): void {
    if (this.#head.length < headBytes) {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    }
    if (!this.#sniffed && this.#head.length >= this.#tellingBytes)
      this.#sniff(this.#tellingBytes < svgHeadBytes);
    this.#hashing.update(chunk);
    this.#takenBytes += chunk.length;
  }

  /** After the last byte. Throws for answers whose fault shows only at their end. */
  finish(head: ResponseHead): { digests: Digests; head: Buffer } {
    if (this.#unclear !== undefined) throw busyOrRefused(head, this.#errorText);
    const { host, pathname } = head.url;
    const { size } = this.#draft;
    if (size === 0) throw new RequestError('empty', `${host} sent no bytes for ${pathname}`);
    if (size !== (this.#wholeBytes ?? size)) {
      throw new RequestError(
        'connection-lost',
        `${host}: other than the ${this.#wholeBytes} bytes announced`,
      );
    }
    if (!this.#sniffed) this.#sniff(false);
    return { digests: this.#hashing.digest(), head: this.#head };
  }

  /** On the first bytes: a page of HTML is not read to its end to be thrown away. `mayWait`: more of them may come. */
  #sniff(mayWait: boolean): void {
    const { anyType, svg } = this.#spec;
    if (mayWait && svg && !anyType && mayBecomeSvg(this.#head)) {
      this.#tellingBytes = svgHeadBytes;
      return;
    }
    this.#sniffed = true;
    if (anyType || detectFormat(this.#head) !== undefined) return;
    if (svg && svgFormat(this.#head) !== undefined) return;
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
