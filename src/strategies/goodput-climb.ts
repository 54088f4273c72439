import { gain, mean, mostOf, nothing, type Sample, share } from './goodput-sample.ts';
import { slowStartGain } from './slow-start.ts';

/** More in flight has to bring this much more to be worth it. */
const worthwhile = 1.1;
/** What brings this share of the most is as good. */
const asGood = 0.93;
/** A sample covers so many times the time to first byte: while the window grows, the best time, for bytes tell at once. */
const growthSample = { rounds: 2, minMs: 200, maxMs: 3000 };
/** And then the usual one, for what was asked for before comes in first, and downloads come in waves. */
const restSample = { rounds: 4, minMs: 400, maxMs: 3000 };
/** Growth may be held up for hours: what was longer ago does not count. */
const mostSamples = 100;
/** A settled window looks again after so many samples. */
const probeEvery = 5;
/** What a probe changes. */
const up = 1.25;
const down = 0.8;
/**
 * Answers wait in a queue where the first byte takes so many times as long, on average, as at best. (HyStart++, RFC
 * 9406, looks for an eighth more; but servers think, and longer for one picture than for another.)
 */
const queueing = 2;
/** More than what is at work is kept, so that there is always something next. */
const margin = 1.25;
/** The queue is not known so well that more than this would be given up at once. */
const largestStep = 4;
/** An average of fewer says little. */
const minAnswers = 10;
/** Below this share of what it was, twice in a row, the network is another one. */
const collapse = 0.75;

type Phase =
  | { name: 'grow'; from: number; samples: Sample[]; flat: number }
  | { name: 'settled'; samples: number; low: number; usual: Sample }
  | { name: 'probe'; from: number; samples: number; usual: Sample };

type Name<N> = Extract<Phase, { name: N }>;

/** Why the window is as it is. */
export type ClimbState = 'growing' | 'flat' | 'probing';

/**
 * How many downloads in flight pay, all hosts together: a climb on goodput. The window grows by one for each
 * first byte, so that it doubles in a round trip (slow start, RFC 5681), until it has twice not paid: then it goes
 * back to the smallest number that brought as much, and to what does not wait in a queue: the rate times the time
 * that a first byte takes longer than at best (Little's law, as TCP Vegas has it: Brakmo, O'Malley and Peterson,
 * 1994). From then on it probes: a little more now and then, and a little less where answers queue.
 *
 * Goodput is what has come in, bytes a second or files a second, whichever gained more: while files of all
 * sizes come in, the bytes of a moment say little, and while large ones do, the files.
 */
export class GoodputClimb {
  readonly #ceiling: number;
  #size: number;
  #phase: Phase;
  #bytes = 0;
  #files = 0;
  #sampleAt: number;
  /** Of first bytes: an average that forgets, of how many, and the least that it was. */
  #firstByteMs = 100;
  #answers = 0;
  #bestFirstByteMs = Number.POSITIVE_INFINITY;
  #nextProbe: 'up' | 'down' = 'down';
  /** Probes in a row that found more to be had. */
  #gains = 0;

  /** `now` in milliseconds, as in `tick`. */
  constructor(initial: number, ceiling: number, now: number) {
    this.#ceiling = ceiling;
    this.#size = Math.min(initial, ceiling);
    this.#phase = { name: 'grow', from: this.#size, samples: [], flat: 0 };
    this.#sampleAt = now;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  /** As far as is known by now: the smallest number that brings as much as any. */
  get enough(): number {
    const phase = this.#phase;
    if (phase.name === 'probe') return Math.floor(phase.from);
    return phase.name === 'grow' ? Math.floor(this.#smallestOf(phase.samples)) : this.size;
  }

  #smallestOf(samples: readonly Sample[]): number {
    const most = mostOf(samples);
    const enough = samples.filter((each) => share(each, most) >= asGood);
    return Math.min(this.#size, ...enough.map(({ size }) => size));
  }

  get state(): ClimbState {
    const { name } = this.#phase;
    return name === 'grow' ? 'growing' : name === 'probe' ? 'probing' : 'flat';
  }

  /**
   * Not below `size`, to begin with: a host is known to be good for so much. Where that `wasEnough`, it does not grow
   * until a probe says so. Returns false, and changes nothing, after the first sample: that is too late.
   */
  startFrom(size: number, wasEnough: boolean): boolean {
    if (this.#phase.name !== 'grow' || this.#phase.samples.length > 0) return false;
    this.#size = this.#phase.from = Math.min(this.#ceiling, Math.max(this.#size, size));
    if (wasEnough) this.#settle();
    return true;
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** A download ended well. */
  ended(): void {
    this.#files += 1;
  }

  /** `mayGrow`: the window is filled, and nothing else is the limit. */
  firstByte(ms: number, mayGrow: boolean): void {
    this.#answers += 1;
    this.#firstByteMs += Math.max(0.1, 1 / this.#answers) * (ms - this.#firstByteMs);
    if (this.#answers >= minAnswers)
      this.#bestFirstByteMs = Math.min(this.#bestFirstByteMs, this.#firstByteMs);
    if (this.#phase.name !== 'grow' || !mayGrow || this.#isQueueing) return;
    const more = slowStartGain(this.#quickestMs);
    // Near as a server may be, a sample sees no more than two rounds of growth.
    const most = this.#phase.from * (1 + more) ** growthSample.rounds;
    this.#size = Math.min(this.#ceiling, most, this.#size + more);
  }

  /** Too much for this machine, its resolver or its memory: less, and no more growing. */
  shrink(inFlight: number): void {
    this.#size = Math.max(1, Math.min(this.#size, 0.7 * Math.max(inFlight, 1)));
    this.#settle();
  }

  /** From time to time. `isFilled`: else what came in says nothing about the window's size. */
  tick(now: number, isFilled: boolean): void {
    const elapsedMs = now - this.#sampleAt;
    const isGrowing = this.#phase.name === 'grow';
    const { rounds, minMs, maxMs } = isGrowing ? growthSample : restSample;
    const roundMs = isGrowing ? this.#quickestMs : this.#firstByteMs;
    if (elapsedMs < Math.min(maxMs, Math.max(minMs, rounds * roundMs))) return;
    const sample = {
      size: this.#size,
      bytes: (this.#bytes * 1000) / elapsedMs,
      files: (this.#files * 1000) / elapsedMs,
    };
    this.#bytes = this.#files = 0;
    this.#sampleAt = now;
    const phase = this.#phase;
    if (phase.name === 'grow') phase.from = this.#size;
    // Nor does silence, while the first answers are on their way or a host pauses.
    if (!isFilled || sample.bytes === 0) return;
    if (phase.name === 'grow') this.#judgeGrowth(phase, sample);
    else if (phase.name === 'settled') this.#rest(phase, sample);
    else this.#judgeProbe(phase, sample);
  }

  get #quickestMs(): number {
    return Math.min(this.#firstByteMs, this.#bestFirstByteMs);
  }

  get #isQueueing(): boolean {
    return this.#firstByteMs > queueing * this.#bestFirstByteMs;
  }

  /** What was found does not count any more: something else than the network was the limit. */
  lookAgain(): void {
    if (this.#phase.name !== 'grow') this.#grow();
  }

  #grow(): void {
    this.#gains = 0;
    this.#phase = { name: 'grow', from: this.#size, samples: [], flat: 0 };
  }

  #settle(usual: Sample = nothing, samples = 0): void {
    this.#phase = { name: 'settled', samples, low: 0, usual };
  }

  #judgeGrowth(phase: Name<'grow'>, sample: Sample): void {
    const before = mostOf(phase.samples);
    const last = phase.samples.at(-1)?.size ?? 0;
    phase.samples.push(sample);
    if (phase.samples.length > mostSamples) phase.samples.shift();
    if (gain(sample, before) > worthwhile) phase.flat = 0;
    else if (sample.size >= 1.2 * last || sample.size >= this.#ceiling || this.#isQueueing) phase.flat += 1;
    if (phase.flat < 2) return;
    const working = Math.max(margin * (this.#size - this.#queued(sample.files)), this.#size / largestStep, 1);
    this.#size = Math.min(this.#smallestOf(phase.samples), working);
    this.#settle();
  }

  /** Of what is in flight, how many wait in a queue by Little's law: the rate times what the first byte takes longer. */
  #queued(filesPerSecond: number): number {
    return (filesPerSecond * Math.max(0, this.#firstByteMs - this.#bestFirstByteMs)) / 1000;
  }

  #rest(phase: Name<'settled'>, sample: Sample): void {
    phase.samples += 1;
    // The first one still has what came before it settled.
    if (phase.samples <= 2 && phase.usual.size === 0) {
      if (phase.samples === 2) phase.usual = sample;
      return;
    }
    phase.low = share(sample, phase.usual) < collapse ? phase.low + 1 : 0;
    if (phase.low >= 2) {
      // What was best does not count any more.
      this.#bestFirstByteMs = Number.POSITIVE_INFINITY;
      this.#grow();
      return;
    }
    if (phase.low === 0) phase.usual = mean(phase.usual, sample);
    if (phase.samples >= probeEvery || (phase.samples >= 3 && this.#nextProbe === 'down')) {
      this.#probe(phase.usual);
    }
  }

  #probe(usual: Sample): void {
    if (this.#nextProbe === 'down' && !this.#isQueueing) {
      // Nothing to be gained by less; for more there is time.
      this.#nextProbe = 'up';
      return;
    }
    this.#phase = { name: 'probe', from: this.#size, samples: 0, usual };
    const factor = this.#nextProbe === 'down' ? down : up;
    this.#size = Math.min(this.#ceiling, Math.max(1, this.#size * factor));
  }

  #judgeProbe(phase: Name<'probe'>, sample: Sample): void {
    phase.samples += 1;
    // What comes in first was asked for before.
    if (phase.samples < 2) return;
    const wasUp = this.#size > phase.from;
    const paid = wasUp ? gain(sample, phase.usual) > worthwhile : share(sample, phase.usual) >= asGood;
    if (!paid) {
      this.#size = phase.from;
      this.#gains = 0;
      this.#nextProbe = wasUp ? 'down' : 'up';
      this.#settle(phase.usual, wasUp ? 0 : 2);
      return;
    }
    // There is more to be had, by now, or less is as good: the next probe goes the same way, at once.
    this.#gains = wasUp ? this.#gains + 1 : 0;
    if (this.#gains >= 2) this.#grow();
    else if (wasUp) this.#probe(sample);
    else this.#settle(sample, 2);
  }
}
