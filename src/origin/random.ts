/** 32 bits that depend on every input and on nothing else (the finalizer of MurmurHash3). */
export function hash32(...inputs: number[]): number {
  let h = 0x9e3779b9;
  for (const input of inputs) {
    h = Math.imul(h ^ input, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    h = (h + 0x6d2b79f5) | 0;
  }
  return h >>> 0;
}

/** From 0 up to 1, drawn by the inputs alone: the same whatever was drawn before. */
export const draw = (...inputs: number[]): number => hash32(...inputs) / 2 ** 32;

/** A stream of numbers from 0 up to 1 (mulberry32). */
export function randomStream(...inputs: number[]): () => number {
  let state = hash32(...inputs);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is drawn by lot, each from numbers of its own. */
export const lots = {
  id: 1,
  size: 2,
  think: 3,
  fault: 4,
  faultKind: 5,
  scene: 6,
  crop: 7,
  padding: 8,
  host: 9,
  sizeClass: 10,
  refusal: 11,
} as const;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 7 word characters, as Imgur's ids. */
export function wordId(...inputs: number[]): string {
  let id = '';
  for (let i = 0; i < 7; i += 1) id += letters[hash32(...inputs, i) % letters.length]!;
  return id;
}
