import { RefusedShare } from '../core/refused-share.ts';

/** Answers after the window shrank that a judgement needs. */
const enough = 20;
/** After so many answers since it last shrank, it has helped; what is refused then is a matter of its own. */
const mostAnswers = 60;
/** A host that refuses more than this share of its requests is taken at its word, whatever else it may mean. */
const mostNoise = 0.5;
/** Noise has become worse where its share is exceeded by so many standard deviations. */
const clearly = 3;
/** What was counted weighs half as much after so many answers. */
const longCount = 400;

interface Counted {
  answers: number;
  refused: number;
}

/** What came of requests that were begun since the window shrank, and until it shrank again. */
interface Stage extends Counted {
  since: number;
  /** In flight at most. */
  size: number;
}

/**
 * Tells a host that refuses because too much is in flight from one that refuses some of its requests whatever is: as
 * TCP over radio has to tell congestion from noise, which a smaller window does not cure (Casetti, Gerla, Mascolo et
 * al., "TCP Westwood", 2002; Biaz and Vaidya, "De-randomizing congestion losses to improve TCP performance over wired-wireless
 * networks", 2005).
 *
 * The window shrinks first, and what is answered after that is the test of it. A host that refused the share `r` and
 * goes on to serve as many would refuse `1 - (1 - r) / k` where `k` of what was in flight is left, down to none; noise
 * would stay at `r`. What is nearer decides. Against noise that is known, later shares are held by a two-proportion z-test.
 */
export class RefusalNoise {
  readonly #recent = new RefusedShare();
  /** When the window shrank first: how many were in flight, and the share of the refused until then. */
  #before = { inFlight: 0, share: 0 };
  #stages: Stage[] = [];
  #noise: Counted | undefined;

  /** A request that was begun at that time was answered, or refused. */
  answered(wasRefused: boolean, begunAt: number): void {
    this.#recent.add(wasRefused);
    if (this.#noise !== undefined) add(this.#noise, wasRefused);
    const stage = this.#stages.findLast(({ since }) => since < begunAt);
    if (stage !== undefined) add(stage, wasRefused);
    else if (this.#stages[0]?.answers === 0) this.#before.share = this.#recent.value;
  }

  /** Whether it shrank so lately that what is refused still belongs to the same test. */
  get isTesting(): boolean {
    return this.#stages.length > 0 && this.#stages.at(-1)!.answers <= mostAnswers;
  }

  /** The window shrank to `size`. */
  shrunk(inFlight: number, size: number, now: number): void {
    if (!this.isTesting) {
      this.#before = { inFlight, share: this.#recent.value };
      this.#stages = [];
    }
    this.#stages.push({ since: now, size, answers: 0, refused: 0 });
  }

  /** `share` of the burst that shrank it were refused: now the window is `size`. */
  shrunkFurther(size: number, share: number): void {
    const stage = this.#stages.at(-1);
    if (stage === undefined) return;
    stage.size = size;
    // Small bursts say less of it than the answers before them.
    if (this.#stages.length > 1 || this.#before.inFlight < enough) return;
    this.#before.share = Math.max(this.#before.share, share);
  }

  /** What a refusal says: there is too much in flight, or nothing; and then the window has shrunk for nothing. */
  isNoise(): boolean {
    const isNoise = this.#recent.value <= mostNoise && (this.#isAsEver() ?? this.#didNotHelp());
    if (!isNoise) this.#noise = undefined;
    return isNoise;
  }

  /** Undefined where no noise is known. */
  #isAsEver(): boolean | undefined {
    if (this.#noise === undefined) return undefined;
    const { answers, refused } = this.#noise;
    const share = refused / answers;
    const deviation = Math.sqrt(share * (1 - share) * (1 / this.#recent.answers + 1 / answers));
    return this.#recent.value <= share + clearly * deviation;
  }

  #didNotHelp(): boolean {
    const { share, inFlight } = this.#before;
    const all = { answers: 0, refused: 0, ifLoad: 0 };
    for (const { answers, refused, size } of this.isTesting ? this.#stages : []) {
      all.answers += answers;
      all.refused += refused;
      all.ifLoad += answers * Math.min(share, Math.max(0, 1 - ((1 - share) * inFlight) / size));
    }
    if (all.answers < enough || all.refused < (all.ifLoad + share * all.answers) / 2) return false;
    this.#noise = { answers: all.answers + enough, refused: all.refused + enough * share };
    this.#stages = [];
    return true;
  }
}

function add(counted: Counted, wasRefused: boolean): void {
  counted.answers += 1;
  if (wasRefused) counted.refused += 1;
  if (counted.answers < longCount) return;
  counted.answers /= 2;
  counted.refused /= 2;
}
