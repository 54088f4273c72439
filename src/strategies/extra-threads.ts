import type { Control } from './strategy.ts';

/** Computing is the limit when the event loops have been this busy for so many ticks. */
const busyLoop = 0.9;
const busyTicks = 3;
/** A thread is worth its start where so much work is known to wait, of whatever kind: more may not be read ahead. */
const manyWait = 300;
/** Or where less is known to wait that will take so many ticks, longer than it takes to try a thread. */
const worthTicks = 20;
/** So many answers differ by a fifth by chance alone: of fewer no rate is made, unless it takes too many ticks. */
const minAnswers = 25;
const mostTicks = 50;
/** A new thread compiles its code first; then so many ticks are compared with as many before it came. */
const warmUpTicks = 5;
const trialTicks = 10;
/** A thread has to bring this much more to stay. */
const worthwhile = 1.1;
/** So many answers in a tick are as good as a mean of several. */
const manyAnswers = 100;
/** After one that did not, no other for so many ticks. */
const restTicks = 300;

type State =
  | { name: 'watching'; busy: number }
  | { name: 'starting'; before: number }
  | { name: 'trial'; before: number; ticks: number; answers: number }
  | { name: 'resting'; ticks: number };

/**
 * Adds worker threads, one after the other, while computing and not waiting is the limit, and takes one away again that
 * does not pay. What pays is decided by what came in, not by what was busy.
 */
export class ExtraThreads {
  readonly #control: Pick<Control, 'backlog' | 'addThread' | 'removeThread'>;
  readonly #most: number;
  /** Answers in each of the last ticks. */
  #recent: number[] = [];
  #state: State = { name: 'watching', busy: 0 };
  count = 0;
  /** What became of the latest one that did not stay. */
  lost: 'brought nothing' | 'could not be had' | null = null;

  /** `most` threads beside this one. */
  constructor(control: Pick<Control, 'backlog' | 'addThread' | 'removeThread'>, most: number) {
    this.#control = control;
    this.#most = most;
  }

  /** `busyShare` of all event loops since the last tick, 0 to 1; `answers` that began in it. */
  tick(busyShare: number, answers: number): void {
    this.#recent.push(answers);
    if (this.#recent.length > mostTicks) this.#recent.shift();
    const state = this.#state;
    if (state.name === 'watching') {
      state.busy = busyShare > busyLoop ? state.busy + 1 : 0;
      if (state.busy >= busyTicks && this.count < this.#most) this.#consider(this.#recent.slice(-state.busy));
    } else if (state.name === 'trial') {
      state.ticks += 1;
      if (state.ticks > warmUpTicks) state.answers += answers;
      if (state.ticks >= warmUpTicks + trialTicks) this.#judge(state);
    } else if (state.name === 'resting') {
      state.ticks -= 1;
      if (state.ticks <= 0) this.#state = { name: 'watching', busy: 0 };
    }
  }

  /** `busy` are the answers in the ticks since computing is the limit. */
  #consider(busy: readonly number[]): void {
    const sum = busy.reduce((all, answers) => all + answers, 0);
    if (!isEnough(sum, busy.length)) return;
    // The very first ticks have less: the way to the first answer is in them.
    const best = Math.max(...busy.slice(-busyTicks));
    // Where they are few, the best of several is so by chance.
    const rate = best >= manyAnswers ? best : sum / busy.length;
    if (this.#control.backlog() >= Math.min(manyWait, worthTicks * rate)) this.#start(rate);
  }

  /** `before`: answers a tick without it. */
  #start(before: number): void {
    this.#state = { name: 'starting', before };
    void this.#control.addThread().then((isThere) => {
      if (isThere) this.count += 1;
      else this.#rest('could not be had');
      if (isThere) this.#state = { name: 'trial', before, ticks: 0, answers: 0 };
    });
  }

  #judge({ before, ticks, answers }: { before: number; ticks: number; answers: number }): void {
    const measuredTicks = ticks - warmUpTicks;
    const isNearlyDone = this.#control.backlog() < Math.min(manyWait, worthTicks * before);
    if (!isNearlyDone && !isEnough(answers, measuredTicks)) return;
    if (answers / measuredTicks >= worthwhile * before || isNearlyDone) {
      this.#state = { name: 'watching', busy: 0 };
      return;
    }
    this.count -= 1;
    this.#control.removeThread();
    this.#rest('brought nothing');
  }

  #rest(why: NonNullable<ExtraThreads['lost']>): void {
    this.lost = why;
    this.#state = { name: 'resting', ticks: restTicks };
  }
}

/** Whether a rate can be made of `answers` in `ticks`. */
const isEnough = (answers: number, ticks: number) => answers >= minAnswers || ticks >= mostTicks;
