import { hash } from 'node:crypto';
import { blankOutcome } from '../core/blank-outcome.ts';
import type { Item } from '../core/item.ts';
import type { Outcome, Timings } from '../core/outcome.ts';
import type { RunSpec, Work } from '../core/run-spec.ts';
import { finishTarget, suffixed } from '../core/target.ts';
import type { Exchange } from '../http/transfer.ts';
import { type Draft, type Sink, UnsafePathError } from '../sinks/sink.ts';
import { infoOf, isInfoOf } from './info.ts';
import type { Found } from './inspect.ts';
import type { Staged } from './picture-stage.ts';
import { remoteName } from './remote-name.ts';
import { SkippedError } from './skipped.ts';

/** A whole body in its draft, and what it was found to be. */
export interface Received {
  done: Exchange;
  found: Found;
  staged: Staged;
}

/** Where whole files go, and what stands beside them. */
export class Store {
  readonly #spec: RunSpec;
  readonly #sink: Sink;

  constructor(spec: RunSpec, sink: Sink) {
    this.#spec = spec;
    this.#sink = sink;
  }

  /** Puts the draft, or what was made of it, under its name; throws a `SkippedError` where it is left out. `attempts` were made for it, the first of them at `begunAt`. */
  async put(
    { item, target: template, ownedPath }: Work,
    draft: Draft,
    { done, found, staged }: Received,
    { begunAt, tries: attempts }: { begunAt: number; tries: number },
  ): Promise<Outcome> {
    if (staged.skip !== null) throw new SkippedError(staged.skip);
    const { file } = staged;
    if (file !== null) {
      draft.restart();
      await draft.append(Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length));
    }
    const stored = file === null ? found : { ...file, sha256: hash('sha256', file.bytes) };
    const target = finishTarget(template, {
      ext: stored.ext,
      sha256: stored.sha256,
      remote: template.includes('{remote}') ? remoteName(done.head) : null,
    });
    const path = await draft.commit(placesFor(target, item.key, stored.sha256), ownedPath);
    const outcome: Outcome = {
      ...blankOutcome(item),
      status: 'saved',
      path,
      bytes: draft.size,
      sha256: stored.sha256,
      mime: stored.mime,
      width: stored.width,
      height: stored.height,
      attempts,
      ms: timings(begunAt, done, staged),
      ...(staged.picture && { picture: staged.picture }),
    };
    await this.describe(item, outcome);
    return outcome;
  }

  /** Where the run wants it, a file beside the item's says what is known of it. */
  async describe(item: Item, outcome: Outcome): Promise<void> {
    if (!this.#spec.info) return;
    const place = `${outcome.path}.json`;
    const isOwn = (there: string) => isInfoOf(item, outcome, there);
    try {
      await this.#sink.putText([place, suffixed(place, item.key)], infoOf(item, outcome), isOwn);
    } catch (error) {
      // A directory of that name, for instance: the item itself is stored.
      if (!(error instanceof UnsafePathError)) throw error;
    }
  }
}

/** Where its file may stand: each is only asked for when something else stands under the one before. */
function* placesFor(target: string, key: string, sha256: string): Generator<string> {
  yield target;
  yield suffixed(target, key);
  yield suffixed(target, `${key} ${sha256}`);
}

function timings(begunAt: number, { head, endedAt }: Exchange, { ms: stageMs }: Staged): Timings {
  return {
    wait: head.sentAt - begunAt,
    firstByte: head.firstByteAt - head.sentAt,
    body: endedAt - head.firstByteAt,
    stage: stageMs,
    write: performance.now() - endedAt - stageMs,
  };
}
