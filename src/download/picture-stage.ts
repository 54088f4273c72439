import type { Skip } from '../core/outcome.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { type Original, type PictureFacts, stageOf, takesDecodable } from '../core/stage.ts';
import { RequestError } from '../http/request-error.ts';
import { blurhashOf } from '../image/blurhash.ts';
import { skipOf } from '../image/filters.ts';
import type { Made, NewFile } from '../image/picture-messages.ts';
import { PicturePool, type PoolUsage } from '../image/picture-pool.ts';
import type { Picture } from '../image/picture-process.ts';
import type { Digests } from './hashing.ts';
import type { Found } from './inspect.ts';

/** What became of a body that is whole. */
export interface Staged {
  /** It is not stored. */
  skip: Skip | null;
  /** To be stored in its place; null where it is stored as it is. */
  file: NewFile | null;
  /** Absent where the run has no stage. */
  picture?: PictureFacts;
  /** Time that it took, the wait for a turn included. */
  ms: number;
}

const untouched: Staged = { skip: null, file: null, ms: 0 };

/** Computes: decodes pictures to see whether they can be (`--check full`), and brings them into form. One a place. */
export class PictureStage {
  readonly #spec: RunSpec;
  readonly #pool: PicturePool;
  /** There is nothing to do, for any body. */
  readonly isIdle: boolean;
  /** Pictures are decoded. */
  readonly #computes: boolean;

  constructor(spec: RunSpec) {
    this.#spec = spec;
    // Of many places each has one process, an event loop alone as many as there are cores to compute on.
    const isOneOfMany = spec.strategy === 'threads' || spec.strategy === 'processes';
    this.#pool = new PicturePool(isOneOfMany ? { processes: 1 } : {});
    const filters = spec.minSize ?? spec.maxAspect ?? spec.maxPixels;
    this.#computes = stageOf(spec) !== null || spec.check === 'full';
    this.isIdle = !this.#computes && filters === null && spec.mime.length === 0;
  }

  get usage(): PoolUsage {
    return this.#pool.usage;
  }

  /** A body is on its way; what is returned says, once, that it is there, or that it will not come. */
  expect(): () => void {
    return this.#computes ? this.#pool.expect() : () => {};
  }

  /** `host` is whose file it is, for people. Throws a `RequestError`. */
  async apply(
    found: Found,
    body: Picture,
    digests: Digests,
    host: string,
    deadlineAt: number,
  ): Promise<Staged> {
    if (this.isIdle) return untouched;
    const begunAt = performance.now();
    const ms = () => performance.now() - begunAt;
    const skip = skipOf(found, this.#spec) ?? this.#undecodable(found);
    if (skip !== null) return { ...untouched, skip, ms: ms() };
    const made = await this.#carryOut(found, body, host, deadlineAt);
    if (stageOf(this.#spec) === null) return { ...untouched, ms: ms() };
    const { width, height } = made ?? found;
    const original: Original = { bytes: body.size, ...digests, mime: found.mime, width, height };
    const picture: PictureFacts = {
      original,
      ...(found.decodes ? {} : { unread: true as const }),
      ...(made?.exif && { exif: made.exif }),
      ...(made?.phash !== undefined && { phash: made.phash }),
      ...(made?.small && { blurhash: await blurhashOf(made.small) }),
    };
    return { skip: null, file: made?.file ?? null, picture, ms: ms() };
  }

  /** Nothing new is computed; what is being computed has `graceMs` to end. */
  stop(graceMs = 0): void {
    this.#pool.stop(graceMs);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  #undecodable({ decodes, ext }: Found): Skip | null {
    if (decodes || !takesDecodable(this.#spec)) return null;
    const { resize, format } = this.#spec;
    const wanted = format === 'keep' ? `a size of ${resize}` : format;
    return { code: 'undecodable', message: `${ext}, of which ${wanted} cannot be made` };
  }

  /** Undefined for what is stored as it is. */
  async #carryOut(found: Found, body: Picture, host: string, deadlineAt: number): Promise<Made | undefined> {
    // A video, or a picture that nobody here can read.
    if (!found.decodes || !this.#computes) return undefined;
    const stage = stageOf(this.#spec);
    const check = this.#spec.check === 'full';
    const task = { check, stage, svg: found.ext === 'svg' };
    const answer = await this.#pool.carryOut(body, task, deadlineAt);
    if (answer.state === 'whole') return answer.made;
    const what = `${host}: the ${found.ext} file`;
    if (answer.state === 'late') {
      throw new RequestError('timeout', `${what} was not decoded in time: ${answer.reason}`);
    }
    const fault = answer.state === 'corrupt' ? 'cannot be decoded' : 'is too large to decode';
    throw new RequestError(answer.state, `${what} ${fault}: ${answer.reason}`);
  }
}
