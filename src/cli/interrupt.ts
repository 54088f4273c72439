import type { Screen } from './screen.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A run ends within five seconds of its abort; one that does not is not waited for. */
const mostPatienceMs = 10_000;

/**
 * Turns the first Ctrl-C (or SIGTERM, or a closed terminal) into an abort of `controller`, said on the
 * screen, and the second into the end of this process.
 */
export function abortOnSignals(controller: AbortController, screen: Screen): void {
  let asked = false;
  const stopAtOnce = () => {
    screen.clear();
    process.exit(130);
  };
  const onSignal = () => {
    if (asked) stopAtOnce();
    asked = true;
    setTimeout(stopAtOnce, mostPatienceMs).unref();
    screen.print('stopping: finishing what is in flight; again to stop at once');
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
}
