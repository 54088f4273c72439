import { answerError } from '../http/answer-error.ts';
import { RequestError } from '../http/request-error.ts';
import type { Receiver, ResponseHead } from '../http/transfer.ts';
import type { Beginning, Section } from '../sinks/sink.ts';
import { isStretchOf, OtherPartError } from './resume.ts';

/** Takes one answer to the request for a stretch of a file in. */
export class SegmentReception implements Receiver {
  readonly #section: Section;
  readonly #to: number;
  readonly #beginning: Beginning;
  readonly #totalBytes: number;
  #host = '';

  /** The request is for what `section` lacks up to `to`, of the file of `beginning`. */
  constructor(section: Section, to: number, beginning: Beginning, totalBytes: number) {
    this.#section = section;
    this.#to = to;
    this.#beginning = beginning;
    this.#totalBytes = totalBytes;
  }

  /** Throws an `OtherPartError` for what is not exactly that. */
  head(head: ResponseHead): void {
    this.#host = head.url.host;
    const { status } = head;
    if (status !== 206 && status !== 200 && status !== 416) throw answerError(head);
    const asked = { from: this.#section.to, to: this.#to };
    if (!isStretchOf(head, this.#beginning, asked, this.#totalBytes)) throw new OtherPartError(this.#host);
  }

  data(chunk: Buffer): Promise<void> | undefined {
    if (this.#section.to + chunk.length > this.#to) throw new OtherPartError(this.#host);
    return this.#section.append(chunk);
  }

  /** After the last byte. */
  finish(): void {
    if (this.#section.to === this.#to) return;
    throw new RequestError('connection-lost', `${this.#host}: fewer bytes than were asked for`);
  }
}
