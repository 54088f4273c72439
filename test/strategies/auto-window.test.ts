import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { autoWindow, type Machine } from '../../src/strategies/auto-window.ts';

/**
 * A network and a machine without time: every download takes a round trip until its first byte and as
 * long again for its body; together they get no more than the link has.
 */
class Emulation implements Machine {
  clock = 0;
  busy = 0;
  spareCores = 3;
  backlog = true;
  threads = 0;
  grantsThreads = true;
  readonly roundTripMs: number;
  readonly linkFiles: number;
  #ticks: [next: number, every: number, tick: () => void][] = [];
  #flights: { firstByteAt: number; isTold: boolean; endsAt: number }[] = [];
  #linkFreeAt = 0;
  readonly window;

  /** `linkFiles`: files of 1000 bytes a second that the link carries. */
  constructor(roundTripMs: number, { linkFiles = Number.POSITIVE_INFINITY, ceiling = 100 } = {}) {
    this.roundTripMs = roundTripMs;
    this.linkFiles = linkFiles;
    const control = {
      inFlight: () => this.#flights.length,
      hasBacklog: () => this.backlog,
      addThread: async () => {
        if (this.grantsThreads) this.threads += 1;
        return this.grantsThreads;
      },
    };
    this.window = autoWindow(ceiling, control, this);
  }

  now = () => this.clock;
  busyShare = () => this.busy;
  every = (ms: number, tick: () => void) => {
    this.#ticks.push([ms, ms, tick]);
    return () => {
      this.#ticks = [];
    };
  };

  get isClosed(): boolean {
    return this.#ticks.length === 0;
  }

  async run(ms: number): Promise<void> {
    const end = this.clock + ms;
    for (; this.clock < end; this.clock += 5) {
      this.#fill();
      for (const flight of [...this.#flights]) {
        if (flight.isTold || flight.firstByteAt > this.clock) continue;
        flight.isTold = true;
        this.window.firstByte(this.roundTripMs);
        this.#fill();
      }
      const ended = this.#flights.filter(({ endsAt }) => endsAt <= this.clock);
      this.window.received(ended.length * 1000);
      this.#flights = this.#flights.filter(({ endsAt }) => endsAt > this.clock);
      for (const tick of this.#ticks) {
        if (tick[0] > this.clock) continue;
        tick[0] += tick[1];
        tick[2]();
      }
      await undefined;
    }
  }

  #fill(): void {
    while (this.#flights.length < this.window.total()) {
      const firstByteAt = this.clock + this.roundTripMs;
      this.#linkFreeAt = Math.max(this.#linkFreeAt + 1000 / this.linkFiles, firstByteAt);
      this.#flights.push({ firstByteAt, isTold: false, endsAt: this.#linkFreeAt + this.roundTripMs });
    }
  }
}

describe('autoWindow', () => {
  it('begins modestly, and doubles with every round trip of a far network up to its ceiling', async () => {
    const far = new Emulation(200);
    assert.equal(far.window.total(), 10);
    await far.run(300);
    assert.equal(far.window.total(), 20);
    await far.run(1200);
    assert.equal(far.window.total(), 100);
    await far.run(20_000);
    assert.equal(far.window.total(), 100);
  });

  it('does not take silence before the first answers for the end of what pays', async () => {
    const thoughtful = new Emulation(1500);
    await thoughtful.run(1400);
    assert.equal(thoughtful.window.total(), 10);
    await thoughtful.run(12_000);
    assert.equal(thoughtful.window.total(), 100);
  });

  it('stops to grow when more in flight brings no more, and looks again now and then', async () => {
    // Eight in flight fill it. The window doubles twice between two samples, so that it goes too far at first.
    const narrow = new Emulation(100, { linkFiles: 40, ceiling: 1000 });
    await narrow.run(10_000);
    const settled = narrow.window.total();
    assert.ok(settled < 200, String(settled));
    await narrow.run(60_000);
    assert.ok(narrow.window.total() <= settled * 1.25 + 1, `${settled}, then ${narrow.window.total()}`);
  });

  it('never exceeds its ceiling, not even at the start', async () => {
    for (const ceiling of [1, 4, 33]) {
      const network = new Emulation(50, { ceiling });
      await network.run(5000);
      assert.equal(network.window.total(), ceiling);
    }
  });

  it('does not grow without work for it, nor after a host asked for a pause', async () => {
    const idle = new Emulation(100);
    idle.backlog = false;
    await idle.run(200);
    const paused = new Emulation(100);
    await paused.run(150);
    const before = paused.window.total();
    paused.window.hostPaused();
    await paused.run(1000);
    assert.ok(before < 50 && paused.window.total() === before, `${before}, ${paused.window.total()}`);
  });

  it('adds a thread when the event loop is the limit, one at a time, and no more than there are cores for', async () => {
    const network = new Emulation(50);
    network.busy = 0.5;
    await network.run(3000);
    assert.equal(network.threads, 0);
    network.busy = 0.97;
    await network.run(600);
    assert.equal(network.threads, 1);
    await network.run(10_000);
    assert.equal(network.threads, 3);
  });

  it('does not ask again for threads where none can be had', async () => {
    const network = new Emulation(50);
    network.grantsThreads = false;
    let asked = 0;
    const machine: Machine = {
      ...network,
      now: network.now,
      every: network.every,
      busyShare: () => 1,
      spareCores: 3,
    };
    autoWindow(
      10,
      {
        inFlight: () => 0,
        hasBacklog: () => false,
        addThread: async () => {
          asked += 1;
          return false;
        },
      },
      machine,
    );
    await network.run(5000);
    assert.equal(asked, 1);
  });

  it('closed, it looks at nothing any more', async () => {
    const network = new Emulation(50);
    network.window.close();
    assert.ok(network.isClosed);
  });
});
