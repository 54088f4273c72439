/** How many downloads may be in flight now. Told what happens, so that it can learn. */
export interface Window {
  /** In all. */
  total(): number;
  firstByte(ms: number): void;
  /** Bytes of bodies arrived. */
  received(bytes: number): void;
  /** A host asked for a pause; once a burst. */
  hostPaused(): void;
  close(): void;
}

/** The same number from beginning to end. */
export function fixedWindow(size: number): Window {
  return { total: () => size, firstByte() {}, received() {}, hostPaused() {}, close() {} };
}
