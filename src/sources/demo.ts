import type { Item } from '../core/item.ts';
import { imgur } from './imgur.ts';
import type { Source } from './source.ts';

/** The embedded origin, started for this run; parameters as in `demo:?images=200&rtt=40ms`. */
export const demo: Source = {
  name: 'demo',
  matches: (input) => /^demo:/i.test(input),
  async *items(input, context) {
    // Loaded when it is asked for: most runs do without pictures of our own.
    const [{ parseOriginOptions }, { spawnOrigin }] = await Promise.all([
      import('../origin/options.ts'),
      import('../origin/spawn-origin.ts'),
    ]);
    const origin = await spawnOrigin(parseOriginOptions(input.slice('demo:'.length)));
    context.onClose(() => origin.close());
    const items = imgur.items(`https://imgur.com/a/${origin.albumId}`, {
      ...context,
      spec: { ...context.spec, imgurApi: origin.url },
      environment: { CLIENT_ID: 'demo' },
    });
    for await (const item of items) yield lasting(item);
  },
};

/** The origin has another port on every run. */
function lasting(item: Item): Item {
  const url = URL.parse(item.url);
  return url?.host ? { ...item, lastingUrl: `demo:${url.pathname}` } : item;
}
