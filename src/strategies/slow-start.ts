/** A round trip as long as this doubles the window. */
const usualRoundMs = 100;

/**
 * How much a window grows with one first byte, where the quickest took `firstByteMs`: 1, so that it doubles in a round trip (RFC
 * 5681, 3.1), and more where rounds are long, up to 3, so that a far server is not left half idle for seconds:
 * `2^rho - 1` with `rho` the round trip over a usual one, as TCP Hybla has it.
 * @see Caini and Firrincieli, "TCP Hybla: a TCP enhancement for heterogeneous networks" (2004)
 */
export const slowStartGain = (firstByteMs: number): number =>
  2 ** Math.min(2, Math.max(1, firstByteMs / usualRoundMs)) - 1;
