import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostWindow } from '../../src/strategies/host-window.ts';

/** A window that is always filled, on a clock of its own: `rounds` of 100 ms in which everything in flight is answered. */
class Filled {
  now = 1000;
  readonly window: HostWindow;

  constructor(window: HostWindow) {
    this.window = window;
    this.#begin();
  }

  get inFlight(): number {
    return this.window.limit;
  }

  #begin(): void {
    this.window.begun(this.inFlight, this.now);
  }

  round(count = 1): void {
    for (let n = 0; n < count; n += 1) {
      this.now += 100;
      for (let left = this.inFlight; left > 0; left -= 1) {
        this.window.firstByte(this.inFlight, 100, this.now);
        this.#begin();
      }
    }
  }

  refuse(ageMs = 0, inFlight = this.inFlight): void {
    this.window.refused(inFlight, ageMs, this.now);
  }
}

describe('HostWindow', () => {
  it('doubles with every round of first bytes, is more cautious from 32 on, and ends at its ceiling', () => {
    const host = new Filled(new HostWindow(10, 100));
    const limits = Array.from({ length: 5 }, () => {
      const { limit } = host.window;
      host.round();
      return limit;
    });
    assert.deepEqual(limits, [10, 20, 36, 54, 81]);
    assert.equal(host.window.limit, 100);
  });

  it('grows faster where round trips are long, but not without bound', () => {
    const grown = (ms: number) => {
      const window = new HostWindow(5, 1000);
      for (let n = 0; n < 5; n += 1) window.firstByte(window.limit, ms, 1000);
      return window.limit;
    };
    assert.deepEqual([1, 100, 200, 5000].map(grown), [10, 10, 20, 20]);
  });

  it('does not grow on what it does not use', () => {
    const window = new HostWindow(10, 100);
    for (let n = 0; n < 50; n += 1) window.firstByte(3, 100, 1000 + n);
    assert.equal(window.limit, 10);
  });

  it('shrinks below what was in flight when the request that was refused began', () => {
    const host = new Filled(new HostWindow(10, 100));
    host.round(2);
    // It was sent when twenty were in flight; forty are by now.
    host.refuse(50);
    assert.equal(host.window.limit, 15);
    assert.equal(host.window.wasTooMuch, true);
  });

  it('shrinks once a burst: what was begun before says no more than how many were too many', () => {
    const host = new Filled(new HostWindow(40, 100));
    host.round();
    host.now += 10;
    host.refuse(110);
    const { limit } = host.window;
    assert.equal(limit, 30);
    host.refuse(100);
    host.refuse(50);
    assert.equal(host.window.limit, limit);
    host.now += 200;
    host.refuse(100);
    assert.ok(host.window.limit < limit, String(host.window.limit));
  });

  it('takes those of a burst that were served for what is right, where most were refused', () => {
    const host = new Filled(new HostWindow(100, 100));
    host.round(5);
    host.now += 10;
    // Of a hundred in flight it now takes sixteen.
    for (let n = 0; n < 84; n += 1) host.refuse(60, 100 - n);
    assert.equal(host.window.limit, 12);
  });

  it('begins again, with half as many each time, where all of a burst were refused', () => {
    const host = new Filled(new HostWindow(16, 100));
    host.round(2);
    const limits = [1, 2, 3, 4, 5].map(() => {
      const { inFlight } = host;
      for (let n = 0; n < inFlight; n += 1) host.refuse(n === 0 ? 0 : 50, inFlight);
      host.now += 100;
      return host.window.limit;
    });
    assert.deepEqual(limits, [8, 4, 2, 1, 1]);
    assert.equal(host.window.wasTooMuch, false);
    assert.equal(host.window.experience(100, false), undefined);
    host.round(4);
    assert.ok(host.window.limit >= 16, String(host.window.limit));
  });

  it('comes near what was right, stays there, and passes it slowly', () => {
    const host = new Filled(new HostWindow(100, 1000));
    host.refuse();
    assert.equal(host.window.limit, 75);
    const at = (seconds: number) => {
      host.round(10 * seconds);
      return host.window.limit;
    };
    // 85 of 100 are held for right: 3 seconds to get there, 10 more to gain again what was lost.
    assert.deepEqual([at(1), at(1), at(1), at(2), at(5), at(3), at(10)], [82, 84, 85, 85, 88, 95, 165]);
  });

  it('looks again after twice the time, when the same was too much again', () => {
    const secondsBeyond = (host: Filled, limit: number) => {
      const from = host.now;
      while (host.window.limit < limit) host.round();
      return (host.now - from) / 1000;
    };
    const host = new Filled(new HostWindow(100, 1000));
    host.refuse();
    const first = secondsBeyond(host, 95);
    host.refuse();
    const second = secondsBeyond(host, 92);
    assert.ok(second > 1.5 * first, `${first} s, then ${second} s`);
  });

  it('counts only time in which it was filled', () => {
    const host = new Filled(new HostWindow(100, 1000));
    host.refuse();
    for (let n = 0; n < 200; n += 1) host.window.firstByte(5, 100, host.now + 100 * n);
    assert.equal(host.window.limit, 75);
  });

  it('never goes below one, and comes back from there', () => {
    const host = new Filled(new HostWindow(3, 100));
    for (let n = 0; n < 10; n += 1) {
      host.now += 10;
      host.refuse();
    }
    assert.equal(host.window.limit, 1);
    host.round(1000);
    assert.ok(host.window.limit > 1);
  });

  it('shrinks where many requests fail among others that are answered, not where a few do or all', () => {
    const flaky = (every: number, answered = true) => {
      const host = new Filled(new HostWindow(50, 50));
      for (let n = 1; n <= 400; n += 1) {
        host.now += 5;
        if (n % every === 0) host.window.failed(host.inFlight, 0, host.now);
        else if (answered) host.window.firstByte(host.inFlight, 100, host.now);
      }
      return host.window.limit;
    };
    assert.equal(flaky(20), 50);
    assert.equal(flaky(1, false), 50);
    assert.ok(flaky(2) < 25, String(flaky(2)));
  });

  it('begins where an earlier run ended, below what was too much then', () => {
    assert.equal(new HostWindow(10, 100, { window: 60, tooMuch: null, wasEnough: false }).limit, 60);
    assert.equal(new HostWindow(10, 100, { window: 60, tooMuch: 50, wasEnough: false }).limit, 42);
    assert.equal(new HostWindow(10, 30, { window: 60, tooMuch: null, wasEnough: false }).limit, 30);
    const careful = new Filled(new HostWindow(10, 100, { window: 28, tooMuch: 33, wasEnough: false }));
    careful.round(30);
    assert.equal(careful.window.limit, 28);
  });

  it('tells what is worth to be known the next time', () => {
    const host = new Filled(new HostWindow(10, 100));
    assert.equal(host.window.experience(100, false), undefined);
    host.round(2);
    assert.deepEqual(host.window.experience(100, false), { window: 36, tooMuch: null, wasEnough: false });
    assert.deepEqual(host.window.experience(25, false), { window: 25, tooMuch: null, wasEnough: false });
    host.refuse();
    assert.equal(host.window.experience(100, false), undefined, 'nothing was tried since');
    host.window.firstByte(5, 100, host.now + 100);
    assert.deepEqual(host.window.experience(100, false), { window: 27, tooMuch: 36, wasEnough: false });
  });

  it('forgets nothing for want of work', () => {
    const known = { window: 60, tooMuch: null, wasEnough: false };
    const idle = new HostWindow(10, 100, known);
    for (let n = 1; n <= 5; n += 1) idle.begun(n, 1000);
    assert.deepEqual(idle.experience(100, false), known);
  });
});
