import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WindowEvent } from '../../src/core/events.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { autoWindow, type Machine } from '../../src/strategies/auto-window.ts';
import { ExtraThreads } from '../../src/strategies/extra-threads.ts';
import type { Control } from '../../src/strategies/strategy.ts';

interface Network {
  roundTripMs: number;
  /** Files of 1000 bytes a second that the link carries. */
  linkFiles?: number;
  /** Above so many in flight the server takes ever longer: less comes through. */
  knee?: number;
}

/**
 * A network and a machine without time: every download takes a round trip until its first byte and as
 * long again for its body; together they get no more than the link has.
 */
class Emulation implements Machine, Control {
  clock = 0;
  network: Network;
  waiting = Number.POSITIVE_INFINITY;
  hostLimit = Number.POSITIVE_INFINITY;
  areAtCeiling = false;
  arePausing = false;
  files = Number.POSITIVE_INFINITY;
  busy = 0;
  free = 0.8;
  spareCores = 3;
  threads = 0;
  grantsThreads = true;
  /** What a thread brings: times as many files. */
  threadGain = 1;
  /** Files a second that one event loop can handle. */
  loopFiles = Number.POSITIVE_INFINITY;
  readonly told: Pick<WindowEvent, 'state' | 'window' | 'threads'>[] = [];
  readonly window;
  #ticks: [next: number, every: number, tick: () => void][] = [];
  #flights: { begunAt: number; firstByteAt: number; isTold: boolean; endsAt: number }[] = [];
  #linkFreeAt = 0;
  #ended = 0;
  #sinceTick = 0;

  constructor(network: Network, ceiling = 100) {
    this.network = network;
    this.window = autoWindow(ceiling, this, this);
  }

  computingIsFull = false;

  now = () => this.clock;
  isComputingFull = () => this.computingIsFull;
  freeMemory = () => this.free;
  every = (ms: number, tick: () => void) => {
    this.#ticks.push([ms, ms, tick]);
    return () => {
      this.#ticks = [];
    };
  };

  inFlight = () => this.#flights.length;
  backlog = () => this.waiting;
  hosts = () => ({
    limit: this.hostLimit,
    wereTooMuch: this.hostLimit < 50 && !this.areAtCeiling,
    areAtCeiling: this.areAtCeiling,
    arePausing: this.arePausing,
  });
  openFiles = () => this.files;
  busyShare = () => {
    const share = (this.#sinceTick * 10) / this.#loopsFiles;
    this.#sinceTick = 0;
    return Math.max(this.busy, share);
  };
  addThread = async () => {
    if (this.grantsThreads) this.threads += 1;
    return this.grantsThreads;
  };
  removeThread = () => {
    this.threads -= 1;
  };
  trace = (state: WindowEvent['state'], window: number, threads: number) => {
    this.told.push({ state, window, threads });
  };

  get isClosed(): boolean {
    return this.#ticks.length === 0;
  }

  async run(ms: number): Promise<number> {
    this.#ended = 0;
    const end = this.clock + ms;
    for (; this.clock < end; this.clock += 5) {
      this.#fill();
      for (const flight of [...this.#flights]) {
        if (flight.isTold || flight.firstByteAt > this.clock) continue;
        flight.isTold = true;
        this.window.firstByte(flight.firstByteAt - flight.begunAt);
        this.#fill();
      }
      const ended = this.#flights.filter(({ endsAt }) => endsAt <= this.clock);
      this.#ended += ended.length;
      this.#sinceTick += ended.length;
      this.window.received(ended.length * 1000);
      for (const _ of ended) this.window.ended({ status: 'saved' } as Outcome);
      this.#flights = this.#flights.filter(({ endsAt }) => endsAt > this.clock);
      for (const tick of this.#ticks) {
        if (tick[0] > this.clock) continue;
        tick[0] += tick[1];
        tick[2]();
      }
      await undefined;
    }
    return (this.#ended * 1000) / ms;
  }

  /** That all loops together can handle. */
  get #loopsFiles(): number {
    return this.loopFiles * (1 + this.threads * this.threadGain);
  }

  #fill(): void {
    while (this.#flights.length < Math.min(this.window.total(), this.hostLimit, this.files)) {
      const { roundTripMs, linkFiles = Number.POSITIVE_INFINITY, knee } = this.network;
      const over = knee === undefined ? 1 : Math.max(1, (this.#flights.length / knee) ** 2);
      const begunAt = this.clock;
      const files = Math.min(linkFiles, this.#loopsFiles);
      const firstByteAt = Math.max(this.#linkFreeAt, begunAt + roundTripMs * over);
      this.#linkFreeAt = firstByteAt + 1000 / files;
      this.#flights.push({ begunAt, firstByteAt, isTold: false, endsAt: this.#linkFreeAt + roundTripMs });
    }
  }
}

describe('autoWindow', () => {
  it('begins modestly, and doubles with every round trip of a far network up to its ceiling', async () => {
    const far = new Emulation({ roundTripMs: 100 });
    assert.equal(far.window.total(), 16);
    await far.run(150);
    assert.equal(far.window.total(), 32);
    await far.run(1200);
    assert.equal(far.window.total(), 100);
    await far.run(20_000);
    assert.equal(far.window.total(), 100);
    assert.equal(far.window.reason(), 'no more were allowed (--concurrency)');
  });

  it('does not take silence before the first answers for the end of what pays', async () => {
    const thoughtful = new Emulation({ roundTripMs: 1500 });
    await thoughtful.run(1400);
    assert.equal(thoughtful.window.total(), 16);
    await thoughtful.run(12_000);
    assert.equal(thoughtful.window.total(), 100);
  });

  it('goes back to what is enough when more in flight brings no more, and stays there', async () => {
    // Eight in flight fill it. The window doubles twice between two samples, so that it goes too far at first.
    const narrow = new Emulation({ roundTripMs: 100, linkFiles: 40 }, 1000);
    await narrow.run(10_000);
    const settled = narrow.window.total();
    assert.ok(settled >= 8 && settled <= 100, String(settled));
    const files = await narrow.run(60_000);
    assert.ok(narrow.window.total() <= 50, `${settled}, then ${narrow.window.total()}`);
    assert.ok(files > 38, `${files} of 40 files a second`);
    assert.match(narrow.window.reason() ?? '', /more brought no more/);
  });

  it('comes back from where a server is slower the more it is asked', async () => {
    const knee = new Emulation({ roundTripMs: 50, knee: 20 }, 200);
    await knee.run(5000);
    const files = await knee.run(30_000);
    // At best twenty at once: 20 / 0.1 s.
    assert.ok(files > 0.75 * 200, `${files} of 200 files a second with ${knee.window.total()}`);
  });

  it('grows again when the network has become another one', async () => {
    const changing = new Emulation({ roundTripMs: 10, linkFiles: 500 }, 200);
    await changing.run(10_000);
    assert.ok(changing.window.total() < 60, String(changing.window.total()));
    changing.network = { roundTripMs: 200, linkFiles: 500 };
    await changing.run(15_000);
    const files = await changing.run(10_000);
    assert.ok(files > 0.85 * 500, `${files} of 500 files a second with ${changing.window.total()}`);
  });

  it('finds by probing that there is more to be had by now', async () => {
    const widening = new Emulation({ roundTripMs: 100, linkFiles: 100 }, 200);
    await widening.run(10_000);
    widening.network = { roundTripMs: 100, linkFiles: 800 };
    await widening.run(30_000);
    const files = await widening.run(10_000);
    assert.ok(files > 0.8 * 800, `${files} of 800 files a second with ${widening.window.total()}`);
  });

  it('never exceeds its ceiling, not even at the start', async () => {
    for (const ceiling of [1, 4, 33]) {
      const network = new Emulation({ roundTripMs: 50 }, ceiling);
      await network.run(5000);
      assert.equal(network.window.total(), ceiling);
    }
  });

  it('finds the number that is enough, also where it had gone beyond when the work ran out', async () => {
    const narrow = new Emulation({ roundTripMs: 100, linkFiles: 300 }, 500);
    await narrow.run(700);
    const { enough, isSettled } = narrow.window.found();
    assert.ok(enough < narrow.window.total(), `${enough} of ${narrow.window.total()}`);
    assert.ok(enough >= 50 && !isSettled, String(enough));
    await narrow.run(10_000);
    assert.equal(narrow.window.found().isSettled, true);
  });

  it('begins with more where there are many hosts', () => {
    const many = new Emulation({ roundTripMs: 100 });
    const sizes = Array.from({ length: 40 }, () => {
      many.window.hostJoined(undefined);
      return many.window.total();
    });
    assert.deepEqual([sizes[0], sizes[1], sizes[10], sizes[39]], [16, 18, 36, 64]);
  });

  it('begins with what is remembered of a host', async () => {
    const known = new Emulation({ roundTripMs: 200 });
    known.window.hostJoined({ window: 60, tooMuch: null, wasEnough: false });
    assert.equal(known.window.total(), 60);
    known.window.hostJoined({ window: 600, tooMuch: null, wasEnough: false });
    assert.equal(known.window.total(), 100);
    await known.run(1000);
    assert.match(known.window.reason() ?? '', /; it began with 100, as remembered/);
    const late = new Emulation({ roundTripMs: 20 });
    await late.run(1000);
    late.window.hostJoined({ window: 60, tooMuch: null, wasEnough: false });
    assert.doesNotMatch(late.window.reason() ?? '', /remembered/);
  });

  it('stays with what was enough, and sees when it is no more', async () => {
    const known = new Emulation({ roundTripMs: 100, linkFiles: 150 }, 500);
    known.window.hostJoined({ window: 40, tooMuch: null, wasEnough: true });
    await known.run(4000);
    assert.ok(known.window.total() <= 50, String(known.window.total()));
    known.network = { roundTripMs: 100, linkFiles: 900 };
    await known.run(15_000);
    const files = await known.run(5000);
    assert.ok(files > 0.8 * 900, `${files} of 900 files a second with ${known.window.total()}`);
  });

  it('does not grow without work for it, nor while hosts are the limit', async () => {
    const idle = new Emulation({ roundTripMs: 100 });
    idle.waiting = 0;
    await idle.run(2000);
    assert.equal(idle.window.total(), 16);
    const held = new Emulation({ roundTripMs: 100 });
    held.hostLimit = 6;
    await held.run(2000);
    assert.equal(held.window.total(), 16);
    assert.equal(held.window.reason(), 'the host takes no more');
  });

  it('says what kept it below what it would have', async () => {
    const cases: [reason: string, held: Partial<Emulation>][] = [
      ['it ended while more still paid', {}],
      ['the host takes no more', { hostLimit: 6 }],
      ['one host may have no more (--per-host)', { hostLimit: 6, areAtCeiling: true }],
      ['the host had to be waited for', { hostLimit: 0, arePausing: true }],
      ['this machine allows no more open files', { files: 6 }],
      ['computing was the limit, not waiting', { busy: 0.95, waiting: 100 }],
      // Whatever else it may be, and also where all that there is to be begun has been.
      ['computing the pictures was the limit, not waiting', { computingIsFull: true, hostLimit: 6 }],
      ['computing the pictures was the limit, not waiting', { computingIsFull: true, waiting: 0 }],
    ];
    for (const [reason, held] of cases) {
      const network = new Emulation({ roundTripMs: 100 }, 10_000);
      await network.run(250);
      Object.assign(network, held);
      await network.run(800);
      assert.equal(network.window.reason(), reason);
    }
    const [narrow, both] = [new Emulation({ roundTripMs: 100 }, 10), new Emulation({ roundTripMs: 100 }, 10)];
    Object.assign(both, { hostLimit: 9, areAtCeiling: true });
    await narrow.run(500);
    await both.run(500);
    const pixels = new Emulation({ roundTripMs: 100 });
    Object.assign(pixels, { computingIsFull: true, waiting: 0 });
    await pixels.run(500);
    assert.equal(pixels.told.at(-1)?.state, 'computing');
    assert.equal(pixels.window.reason(), 'computing the pictures was the limit, not waiting');
    assert.equal(narrow.window.reason(), 'no more were allowed (--concurrency)');
    assert.equal(both.window.reason(), 'one host may have no more (--per-host)');
  });

  it('says what became of a short run, of which it was never told to wait for anything', () => {
    const short = new Emulation({ roundTripMs: 100 });
    short.waiting = 5;
    const error = { code: 'connect', message: 'refused', retryable: true } as const;
    short.window.ended({ status: 'failed', error } as Outcome);
    short.waiting = 0;
    for (let n = 0; n < 5; n += 1) short.window.ended({ status: 'failed', error } as Outcome);
    assert.equal(short.window.reason(), 'nothing was answered');
  });

  it('brakes where memory is short, and where name servers do not answer', async () => {
    const short = new Emulation({ roundTripMs: 100 });
    await short.run(800);
    const before = short.window.total();
    short.free = 0.05;
    await short.run(200);
    assert.ok(short.window.total() <= 0.7 * before, `${before}, then ${short.window.total()}`);
    assert.equal(short.told.at(-1)?.state, 'memory');

    // Its samples take so long that nothing else was measured when the brake is let go.
    const far = new Emulation({ roundTripMs: 700, linkFiles: 60 }, 500);
    await far.run(3000);
    far.free = 0.05;
    await far.run(200);
    far.free = 0.8;
    await far.run(4000);
    assert.equal(far.window.reason(), 'memory was short');
    await far.run(60_000);
    for (let n = 0; n < 40; n += 1) {
      await far.run(500);
      assert.notEqual(far.window.reason(), 'memory was short');
    }

    const nameless = new Emulation({ roundTripMs: 100 });
    await nameless.run(800);
    const failed = (retryable: boolean) => ({ error: { code: 'dns', message: '', retryable } }) as Outcome;
    for (let n = 0; n < 50; n += 1) nameless.window.ended(failed(false));
    const still = nameless.window.total();
    for (let n = 0; n < 50; n += 1) nameless.window.ended(failed(true));
    assert.ok(nameless.window.total() <= 0.7 * still, `${still}, then ${nameless.window.total()}`);
    await nameless.run(200);
    assert.equal(nameless.told.at(-1)?.state, 'names');
  });

  it('adds threads while computing is the limit and they pay, and no more than there are cores for', async () => {
    const waiting = new Emulation({ roundTripMs: 20 }, 500);
    waiting.busy = 0.5;
    await waiting.run(3000);
    assert.equal(waiting.threads, 0);
    const computing = new Emulation({ roundTripMs: 20 }, 500);
    computing.loopFiles = 1000;
    await computing.run(1000);
    assert.equal(computing.threads, 1);
    await computing.run(15_000);
    assert.equal(computing.threads, 3);
    assert.match(computing.window.reason() ?? '', /computing was the limit.*in 4 threads/);
  });

  it('does not grow while the event loop has no time for more', async () => {
    const computing = new Emulation({ roundTripMs: 100 });
    computing.busy = 0.95;
    await computing.run(3000);
    assert.ok(computing.window.total() <= 32, String(computing.window.total()));
    assert.equal(computing.told.at(-1)?.state, 'computing');
    computing.busy = 0.5;
    await computing.run(3000);
    assert.equal(computing.window.total(), 100);
  });

  it('takes a thread away that brings nothing', async () => {
    const native = new Emulation({ roundTripMs: 20 }, 500);
    native.loopFiles = 1000;
    native.threadGain = 0;
    native.busy = 0.97;
    await native.run(1000);
    assert.equal(native.threads, 1);
    await native.run(4000);
    assert.equal(native.threads, 0);
    assert.match(native.window.reason() ?? '', /another thread brought nothing/);
    await native.run(10_000);
    assert.equal(native.threads, 0);
  });

  it('adds a thread for a few files, too, where each takes long to compute', async () => {
    // 200 of them are four seconds of work, and 20 are not half a second.
    for (const [waiting, threads] of [
      [180, 1],
      [20, 0],
    ] as const) {
      const heavy = new Emulation({ roundTripMs: 20 }, 500);
      Object.assign(heavy, { loopFiles: 50, busy: 0.97, waiting, spareCores: 1 });
      await heavy.run(3500);
      assert.equal(heavy.threads, threads, `${waiting} wait`);
    }
  });

  it('asks for no thread before there were enough answers to compare with', async () => {
    const slow = new Emulation({ roundTripMs: 20 }, 500);
    Object.assign(slow, { loopFiles: 20, busy: 0.97, waiting: 1000, spareCores: 1 });
    await slow.run(1000);
    assert.equal(slow.threads, 0);
    await slow.run(1000);
    assert.equal(slow.threads, 1);
  });

  it('is not fooled by a lucky tick among few answers: a thread that pays stays', async () => {
    const control = { backlog: () => 1000, removeThread: () => assert.fail('was taken away') };
    let added = 0;
    const addThread = async () => {
      added += 1;
      return true;
    };
    const threads = new ExtraThreads({ ...control, addThread }, 1);
    const tick = async (answers: number) => {
      threads.tick(0.97, answers);
      await undefined;
    };
    // Five a tick in the mean, then eight: the best of three ticks were nine.
    for (let i = 0; added === 0 && i < 20; i++) await tick(i % 2 === 0 ? 1 : 9);
    assert.equal(added, 1);
    for (let i = 0; i < 80; i++) await tick(8);
    assert.equal(threads.count, 1);
  });

  /** Threads that are told of ticks one by one, and what they asked for. */
  function ticking(backlog: () => number, most = 1) {
    const asked = { added: 0, removed: 0 };
    const addThread = async () => {
      asked.added += 1;
      return true;
    };
    const removeThread = () => {
      asked.removed += 1;
    };
    const threads = new ExtraThreads({ backlog, addThread, removeThread }, most);
    const ticks = async (count: number, answers: number, busyShare = 0.97) => {
      for (let n = 0; n < count; n += 1) {
        threads.tick(busyShare, answers);
        await undefined;
      }
    };
    return { asked, threads, ticks };
  }

  it('adds a thread for computing that lasts, not for what is busy now and then', async () => {
    const { asked, ticks } = ticking(() => 1000);
    for (let n = 0; n < 10; n += 1) {
      await ticks(2, 100);
      await ticks(1, 100, 0.5);
    }
    assert.equal(asked.added, 0);
    await ticks(3, 100);
    assert.equal(asked.added, 1);
  });

  it('adds a thread where 300 wait, however fast they are done', async () => {
    for (const [backlog, added] of [
      [299, 0],
      [300, 1],
    ] as const) {
      const { asked, ticks } = ticking(() => backlog);
      await ticks(10, 200);
      assert.equal(asked.added, added, `${backlog} wait`);
    }
  });

  it('compares a new thread with the latest ticks before it, not with the best ones of long ago', async () => {
    let backlog = 0;
    const { asked, threads, ticks } = ticking(() => backlog);
    await ticks(10, 400);
    await ticks(10, 200);
    backlog = 1000;
    await ticks(1, 200);
    assert.equal(asked.added, 1);
    await ticks(15, 300);
    assert.deepEqual([asked.removed, threads.count], [0, 1]);
  });

  it('keeps a thread whose trial nearly all the work was over in: there is nothing more to be measured', async () => {
    // Fewer answers than before, or too few to say so.
    for (const answers of [50, 1]) {
      let backlog = 1000;
      const { asked, threads, ticks } = ticking(() => backlog, 2);
      await ticks(3, 100);
      backlog = 10;
      await ticks(15, answers);
      backlog = 1000;
      assert.deepEqual([asked.added, asked.removed, threads.count], [1, 0, 1]);
      // It was judged, and computing is watched again.
      await ticks(3, 100);
      assert.equal(asked.added, 2);
    }
  });

  it('judges by few answers only where they have taken long', async () => {
    const { asked, ticks } = ticking(() => 1000);
    // One in two ticks: 25 are there after 50.
    await ticks(49, 0.5);
    assert.equal(asked.added, 0);
    await ticks(1, 0.5);
    assert.equal(asked.added, 1);
    // As slow with it: of the trial 50 ticks count, behind 5 in which it warmed up.
    await ticks(54, 0.4);
    assert.equal(asked.removed, 0);
    await ticks(1, 0.4);
    assert.equal(asked.removed, 1);
  });

  it('starts no thread for little work, and asks no more where none can be had', async () => {
    const small = new Emulation({ roundTripMs: 20 });
    small.busy = 1;
    small.waiting = 100;
    await small.run(5000);
    assert.equal(small.threads, 0);
    const alone = new Emulation({ roundTripMs: 20 });
    let asked = 0;
    alone.addThread = async () => {
      asked += 1;
      return false;
    };
    alone.busy = 1;
    await alone.run(5000);
    assert.equal(asked, 1);
    assert.match(alone.window.reason() ?? '', /; another thread could not be had$/);
  });

  it('tells what it does when it changes, and closed it looks at nothing any more', async () => {
    const network = new Emulation({ roundTripMs: 100 });
    await network.run(3000);
    assert.equal(network.told[0]?.state, 'growing');
    assert.ok(network.told.some(({ state, window }) => state === 'ceiling' && window === 100));
    for (const [at, told] of network.told.slice(1).entries()) {
      assert.notDeepEqual(told, network.told[at]);
    }
    network.window.close();
    assert.ok(network.isClosed);
  });
});
