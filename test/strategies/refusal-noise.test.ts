import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomStream } from '../../src/origin/random.ts';
import { HostWindow } from '../../src/strategies/host-window.ts';
import { RefusalNoise } from '../../src/strategies/refusal-noise.ts';

interface Requested {
  begunAt: number;
  doneAt: number;
  isRefused: boolean;
  /** Fails without a word, in place of an answer that asks for less. */
  isSilent: boolean;
}

/** What a host makes of a request, when so many are in flight with it. */
interface Temper {
  refuses(inFlight: number): boolean;
  isSilent?: boolean;
}

/** A window that is always filled, and a host that answers every request after 80 to 120 ms; on a clock of its own. */
class SimulatedHost {
  now = 1000;
  refused = 0;
  readonly window: HostWindow;
  readonly #random: () => number;
  #pending: Requested[] = [];

  constructor(window: HostWindow, random: () => number) {
    this.window = window;
    this.#random = random;
  }

  /** Until it has answered so many. Returns how large the window was on average. */
  answer(count: number, { refuses, isSilent = false }: Temper): number {
    let sum = 0;
    for (let n = 0; n < count; n += 1) {
      while (this.#pending.length < this.window.limit) {
        const inFlight = this.#pending.length + 1;
        const doneAt = this.now + 80 + 40 * this.#random();
        this.#pending.push({
          begunAt: this.now,
          doneAt,
          isRefused: refuses(inFlight),
          isSilent,
        });
        this.window.begun(inFlight, this.now);
      }
      this.#pending.sort((a, b) => a.doneAt - b.doneAt);
      const inFlight = this.#pending.length;
      const done = this.#pending.shift()!;
      this.now = done.doneAt;
      this.#tell(done, inFlight);
      sum += this.window.limit;
    }
    return sum / count;
  }

  #tell({ begunAt, isRefused, isSilent }: Requested, inFlight: number): void {
    const ms = this.now - begunAt;
    if (isRefused) this.refused += 1;
    if (!isRefused) this.window.firstByte(inFlight, ms, this.now);
    else if (isSilent) this.window.failed(inFlight, ms, this.now);
    else this.window.refused(inFlight, ms, this.now);
  }
}

const seeds = Array.from({ length: 40 }, (_, at) => at + 1);

/** The middle of what comes of it with each seed. */
function middle(play: (host: SimulatedHost, random: () => number) => number, size = 16): number {
  const all = seeds.map((seed) => {
    const random = randomStream(seed);
    return play(new SimulatedHost(new HostWindow(size, 100), random), random);
  });
  return all.sort((a, b) => a - b)[all.length / 2]!;
}

describe('refusals that do not depend on what is in flight', () => {
  for (const share of [0.05, 0.1, 0.2, 0.3]) {
    it(`do not make the window small where they are ${share} of all`, () => {
      for (const size of [5, 16, 32, 100]) {
        const mean = middle((host, random) => {
          host.answer(200, { refuses: () => random() < share });
          return host.answer(300, { refuses: () => random() < share });
        }, size);
        assert.ok(mean >= 0.9 * size, `from ${size}: ${mean}`);
      }
    });
  }

  it('are the same where a host fails without a word', () => {
    const mean = middle((host, random) => {
      host.answer(200, { refuses: () => random() < 0.3, isSilent: true });
      return host.answer(300, {
        refuses: () => random() < 0.3,
        isSilent: true,
      });
    });
    assert.ok(mean >= 16, String(mean));
  });

  it('are obeyed where they are most', () => {
    const mean = middle((host, random) => {
      host.answer(200, { refuses: () => random() < 0.8 });
      return host.answer(300, { refuses: () => random() < 0.8 });
    });
    assert.ok(mean <= 4, String(mean));
  });

  it('do not hide that more than a host takes is in flight', () => {
    const mean = middle((host, random) => {
      host.answer(300, { refuses: () => random() < 0.1 });
      const refuses = (inFlight: number) => inFlight > 20 || random() < 0.1;
      host.answer(300, { refuses });
      return host.answer(500, { refuses });
    });
    assert.ok(mean <= 26, String(mean));
  });

  it('are load once they are clearly more than they were', () => {
    const noise = new RefusalNoise();
    let at = 0;
    const answer = (count: number, every: number) => {
      for (let n = 1; n <= count; n += 1) noise.answered(n % every === 0, ++at);
      return noise.isNoise();
    };
    answer(40, 10);
    noise.shrunk(40, 30, at);
    assert.equal(answer(40, 10), true);
    // One in ten, one in eight, one in two.
    assert.deepEqual([answer(100, 10), answer(100, 8), answer(30, 2)], [true, true, false]);
  });
});

describe('a host that takes so many at once', () => {
  for (const knee of [3, 8, 16, 24, 50]) {
    it(`is not given more than ${knee} for long`, () => {
      const sizes = { mean: 0 };
      const refused = middle((host) => {
        const refuses = (inFlight: number) => inFlight > knee;
        host.answer(300, { refuses });
        host.refused = 0;
        sizes.mean = Math.max(sizes.mean, host.answer(1000, { refuses }));
        return host.refused;
      });
      assert.ok(refused <= 50, `${refused} refused of 1000`);
      assert.ok(sizes.mean <= knee + 1, `${sizes.mean} in flight`);
    });
  }
});
