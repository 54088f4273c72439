import type { StrategyName } from '../../src/core/run-spec.ts';
import type { Bar, RunMeasurement, WindowHistory } from '../../src/race/measurement.ts';
import type { WindowStep } from '../../src/race/window-trace.ts';

export interface Scene {
  strategy: StrategyName;
  slots: number;
  items?: number;
  run?: number;
  /** Per item, milliseconds. */
  firstByteMs?: number;
  bodyMs?: number;
  writeMs?: number;
  /** In the image stage; async and auto give the slot to the next before it. */
  stageMs?: number;
  /** Of the whole run, of `cpuSeconds`. */
  pictureCpuSeconds?: number;
  blurhash?: boolean;
  bytes?: number;
  /** Before the first item is handed out, milliseconds. */
  startMs?: number;
  /** Of the whole run. */
  cpuSeconds?: number;
  loop?: number;
  rssMB?: number;
  failed?: number;
  /** All times are multiplied by it: noise between runs. */
  noise?: number;
}

/** A run as it would be measured: items of slightly different lengths, each given to the first free slot. */
export function measured(scene: Scene): RunMeasurement {
  const { strategy, slots, items = 40, run = 1, bytes = 300_000, failed = 0, noise = 1 } = scene;
  const { firstByteMs = 100, bodyMs = 450, writeMs = 1, stageMs = 0, startMs = 5 } = scene;
  const free = Array.from({ length: Math.min(slots, items) }, () => startMs);
  const bars: Bar[] = Array.from({ length: items }, (_, i) => {
    const slot = free.indexOf(Math.min(...free));
    // From 0.8 to 1.2, the same for the same item in every run.
    const own = noise * (0.8 + ((i * 37) % 41) / 100);
    const ms = { wait: 0, firstByte: firstByteMs * own, body: bodyMs * own, stage: stageMs, write: writeMs };
    const startedMs = free[slot]!;
    const fetchedMs = startedMs + ms.firstByte + ms.body;
    const endedMs = fetchedMs + ms.stage + ms.write;
    const isFreeBefore = stageMs > 0 && (strategy === 'async' || strategy === 'auto');
    free[slot] = isFreeBefore ? fetchedMs : endedMs;
    return { slot, startedMs, endedMs, ms, label: `album/${i}.jpg`, bytes, failed: i < failed };
  });
  const sum = (pick: (bar: Bar) => number) => bars.reduce((all, bar) => all + pick(bar), 0);
  return {
    strategy,
    run,
    finished: true,
    seconds: Math.max(...bars.map((bar) => bar.endedMs)) / 1000,
    items,
    saved: items - failed,
    failed,
    bytes: bytes * (items - failed),
    peakInFlight: free.length,
    receivedBytes: bytes * (items - failed),
    blurhashes: scene.blurhash === true ? items - failed : 0,
    usage: {
      cpuSeconds: scene.cpuSeconds ?? 0.5,
      pictureCpuSeconds: scene.pictureCpuSeconds ?? 0,
      peakRssBytes: (scene.rssMB ?? 90) * 1e6,
      eventLoopUtilization: scene.loop ?? 0.1,
    },
    phases: {
      wait: 0,
      firstByte: sum((bar) => bar.ms.firstByte),
      body: sum((bar) => bar.ms.body),
      stage: sum((bar) => bar.ms.stage),
      write: sum((bar) => bar.ms.write),
    },
    occupiedMs: sum((bar) => bar.endedMs - bar.startedMs),
    firstStartMs: startMs,
    longestMs: Math.max(...bars.map((bar) => bar.endedMs - bar.startedMs)),
    pictures: true,
    bars,
    window: null,
    tree: 'same',
  };
}

type Step = [seconds: number, window: number, state: WindowStep['state'], threads?: number];

/** What `auto` would have told, with five tenths of a second of downloads. */
export const windowOf = (steps: Step[], reason: string | null): WindowHistory => ({
  steps: steps.map(([seconds, window, state, threads = 0]) => ({ seconds, window, state, threads })),
  inFlight: { sliceMs: 100, means: [10, 20, 20, 10, 5] },
  reason,
});

/** The album far away of docs and demo: time is nearly all waiting. */
export const waitingBound = (runs = 3): RunMeasurement[] =>
  Array.from({ length: runs }, (_, i) => {
    const common = { run: i + 1, noise: 1 + 0.02 * ((i % 3) - 1) };
    return [
      measured({ ...common, strategy: 'sync', slots: 1, cpuSeconds: 0.6, rssMB: 92 }),
      measured({ ...common, strategy: 'threads', slots: 5, startMs: 90, cpuSeconds: 1.1, rssMB: 160 }),
      measured({ ...common, strategy: 'processes', slots: 2, startMs: 210, cpuSeconds: 1.3, rssMB: 240 }),
      measured({
        ...common,
        strategy: 'async',
        slots: 100,
        cpuSeconds: 0.45,
        loop: 0.4,
        rssMB: 98,
        bodyMs: 470,
      }),
      measured({
        ...common,
        strategy: 'auto',
        slots: 24,
        cpuSeconds: 0.47,
        loop: 0.35,
        rssMB: 97,
        bodyMs: 460,
      }),
    ];
  }).flat();

/** Many small files from a server next door: time is nearly all computing. Two cores. */
export const computingBound = (runs = 3): RunMeasurement[] =>
  Array.from({ length: runs }, (_, i) => {
    const common = { run: i + 1, items: 2000, bytes: 26_000, noise: 1 + 0.01 * ((i % 3) - 1), writeMs: 0.1 };
    return [
      measured({
        ...common,
        strategy: 'sync',
        slots: 1,
        firstByteMs: 0.8,
        bodyMs: 0.3,
        cpuSeconds: 1.9,
        loop: 0.8,
      }),
      measured({
        ...common,
        strategy: 'async',
        slots: 100,
        firstByteMs: 60,
        bodyMs: 20,
        cpuSeconds: 1.6,
        loop: 0.97,
      }),
      measured({
        ...common,
        strategy: 'processes',
        slots: 2,
        firstByteMs: 0.6,
        bodyMs: 0.3,
        startMs: 40,
        cpuSeconds: 1.95,
        rssMB: 230,
      }),
    ];
  }).flat();
