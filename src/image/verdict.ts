/**
 * What decoding every pixel of a picture came to; `late`: nothing, in the time that there was. `reason` is a
 * clause without paths, fit to be shown.
 */
export type Verdict = { state: 'whole' } | { state: 'corrupt' | 'too-many-pixels' | 'late'; reason: string };

/**
 * Pixels of all frames together that are decoded at most: the largest square whose side fits into 14 bits,
 * which is also what the library allows by itself. The largest cameras take 200 million.
 */
export const mostPixels = 0x3fff ** 2;

/** Bytes of a picture that are decoded at most: they are held in memory once, by its decoder. */
export const mostBytes = 512 * 1024 * 1024;

/** What a decoder is told before the bytes come through its standard input. */
export interface DecodeRequest {
  bytes: number;
}

/** What a decoder says: once whether it can work, then a verdict a request. */
export type FromDecoder = { state: 'ready' } | { state: 'unusable'; reason: string } | Verdict;
