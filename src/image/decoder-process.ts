import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { UsageError } from '../core/errors.ts';
import { workerEnvironment } from '../core/worker-environment.ts';
import type { DecodeRequest, FromDecoder, Verdict } from './verdict.ts';

const entry = new URL(`./decoder${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
const pieceBytes = 1024 * 1024;

/** A whole picture that can be read piece by piece. */
export interface Picture {
  readonly size: number;
  read(offset: number, length: number): Promise<Buffer>;
}

/** The parent's side of one decoder. Keeps this process alive only while it decodes. */
export class DecoderProcess {
  readonly #child: ChildProcess;
  /** How it ended, for people. Never rejects. */
  readonly #end: Promise<string>;
  #hasEnded = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#end = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#hasEnded = true;
        resolve(signal === null ? `exit code ${code}` : `${signal}`);
      });
    });
    // Of one that ends in the middle of a picture its exit tells.
    child.on('error', () => {});
    child.stdin!.on('error', () => {});
  }

  /** Rejects with a `UsageError` where pictures cannot be decoded here, else with why no process can be started. */
  static async start(): Promise<DecoderProcess> {
    const child = fork(entry, {
      env: workerEnvironment(process.env),
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    const decoder = new DecoderProcess(child);
    const first = await decoder.#next();
    if (typeof first === 'string') throw new Error(`a decoder ended at its start (${first})`);
    if (first.state !== 'unusable') {
      decoder.#keepNobody();
      return decoder;
    }
    decoder.kill();
    throw new UsageError(`--check full: pictures cannot be decoded here: ${first.reason}`, {
      hint: 'use --check magic',
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Decodes one picture; the next only after it. A crash, and more time than `mostMs`, are the picture's fault. */
  async decode(picture: Picture, mostMs: number): Promise<Verdict> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.kill();
    }, mostMs);
    try {
      const answer = this.#next();
      this.#child.send({ bytes: picture.size } satisfies DecodeRequest, () => {});
      await this.#write(picture);
      const said = await answer;
      if (isLate) return { state: 'corrupt', reason: `not decoded within ${mostMs / 1000} s` };
      if (typeof said === 'string') return { state: 'corrupt', reason: `the decoder crashed (${said})` };
      return said as Verdict;
    } catch (error) {
      // It waits for bytes that will not come.
      this.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    this.#hasEnded = true;
    this.#child.kill('SIGKILL');
  }

  async #write(picture: Picture): Promise<void> {
    const stdin = this.#child.stdin!;
    for (let at = 0; at < picture.size && !this.#hasEnded; at += pieceBytes) {
      const piece = await picture.read(at, Math.min(pieceBytes, picture.size - at));
      if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain').catch(() => {}), this.#end]);
    }
  }

  /** What it says next, or how it ended. */
  #next(): Promise<FromDecoder | string> {
    const { promise, resolve } = Promise.withResolvers<FromDecoder | string>();
    this.#child.once('message', resolve as (message: unknown) => void);
    void this.#end.then(resolve);
    return promise;
  }

  /** From now on this process may end without it; while a picture is decoded its timer stands in the way. */
  #keepNobody(): void {
    const stdin = this.#child.stdin as unknown as { unref(): void };
    for (const handle of [this.#child, this.#child.channel, stdin]) handle?.unref();
  }
}
