interface Part {
  bytes: Buffer;
  times: number;
  /** Where it begins. */
  at: number;
}

/** Bytes to be served, of which any stretch can be had; repeated parts are held once. */
export class Body {
  readonly length: number;
  readonly #parts: Part[] = [];

  constructor(parts: (Buffer | { bytes: Buffer; times: number })[]) {
    let at = 0;
    for (const part of parts) {
      const { bytes, times } = Buffer.isBuffer(part) ? { bytes: part, times: 1 } : part;
      if (bytes.length * times === 0) continue;
      this.#parts.push({ bytes, times, at });
      at += bytes.length * times;
    }
    this.length = at;
  }

  /** The bytes from `start` up to `end`. Shares memory where it can: not to be written to. */
  read(start: number, end: number): Buffer {
    const pieces: Buffer[] = [];
    for (const { bytes, times, at } of this.#parts) {
      let from = Math.max(start, at);
      const to = Math.min(end, at + bytes.length * times);
      while (from < to) {
        const offset = (from - at) % bytes.length;
        const piece = bytes.subarray(offset, Math.min(bytes.length, offset + to - from));
        pieces.push(piece);
        from += piece.length;
      }
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }
}
