import type { RaceEvent } from '../core/events.ts';
import type { Item } from '../core/item.ts';
import type { RunSpec } from '../core/run-spec.ts';
import { openListingSession } from '../run/listing-session.ts';
import type { RunContext } from '../run/run-context.ts';
import { performRace, type RaceQueue, type RaceSettings } from './race.ts';

/**
 * Lists the sources once and races on what they name. What they started (the demo's origin) lives until
 * the last run is done.
 */
export async function raceSources(
  spec: RunSpec,
  settings: RaceSettings,
  context: RunContext,
  queue: RaceQueue,
): Promise<RaceEvent> {
  const session = await openListingSession(spec, context, {
    note: (level, message) => queue.offer({ event: 'note', level, message }),
    expectTotal() {},
  });
  try {
    const items: Item[] = [];
    for await (const item of session.items) items.push(item);
    return await performRace(spec, settings, { ...context, items }, queue);
  } finally {
    await session.close();
  }
}
