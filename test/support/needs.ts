/**
 * For a test's `skip`: false where what it needs is there, else the reason. With `GALLOP_NO_SKIP` set a
 * machine that lacks it fails, so that nothing is left out unseen.
 */
export function needs(isThere: boolean, reason: string): false | string {
  if (isThere) return false;
  if (process.env.GALLOP_NO_SKIP) throw new Error(`nothing may be skipped here, but: ${reason}`);
  return reason;
}
