/**
 * The hybrid of runs and packed bits that Parquet has for levels, indices and booleans, value by value. Throws where
 * its bytes end before its values do. It takes no memory for what a run promises.
 */
export class RunLengths {
  readonly #bytes: Uint8Array;
  readonly #bitWidth: number;
  #at = 0;
  /** Values that are left of this run. */
  #left = 0;
  #isPacked = false;
  /** Of a run that is not packed. */
  #value = 0;
  /** Of a packed one: bits that were read and not used, the next lowest. Up to 39, so that they are no 32-bit integer. */
  #bits = 0;
  #bitCount = 0;

  /** `bytes`: nothing but the runs. */
  constructor(bytes: Uint8Array, bitWidth: number) {
    if (bitWidth > 32) throw new RangeError(`values of ${bitWidth} bits`);
    this.#bytes = bytes;
    this.#bitWidth = bitWidth;
  }

  next(): number {
    if (this.#bitWidth === 0) return 0;
    while (this.#left === 0) this.#nextRun();
    this.#left -= 1;
    return this.#isPacked ? this.#unpack() : this.#value;
  }

  #nextRun(): void {
    const header = this.#varint();
    this.#isPacked = header % 2 === 1;
    const count = Math.floor(header / 2);
    if (this.#isPacked) {
      this.#left = count * 8;
      [this.#bits, this.#bitCount] = [0, 0];
    } else {
      this.#left = count;
      this.#value = 0;
      for (let shift = 0; shift < this.#bitWidth; shift += 8) this.#value += this.#byte() * 2 ** shift;
    }
  }

  #unpack(): number {
    while (this.#bitCount < this.#bitWidth) {
      this.#bits += this.#byte() * 2 ** this.#bitCount;
      this.#bitCount += 8;
    }
    const range = 2 ** this.#bitWidth;
    const value = this.#bits % range;
    this.#bits = (this.#bits - value) / range;
    this.#bitCount -= this.#bitWidth;
    return value;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('the length of a run has no end');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('its runs end too early');
    this.#at += 1;
    return byte;
  }
}
