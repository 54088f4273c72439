import type undici from 'undici';
import { Client } from './undici.ts';

/** With so many connections open, those to further hosts are not kept for long: most lists of many hosts need them once. */
const manyOpen = 256;
const briefMs = 100;

/**
 * Connections by origin, as many as there are requests at the same time, each kept for the next request. undici's Agent
 * does the same, with a queue in each of its pools: 17 KB for every host of a list, that are never needed here. What is
 * idle and not connected is forgotten, so that a host that is done leaves nothing.
 */
export class ClientPools {
  readonly #options: undici.Client.Options;
  /** Connected and without a request, by origin, the last one used at the end. None is empty. */
  readonly #idle = new Map<string, undici.Client[]>();
  readonly #busy = new Set<undici.Client>();
  #open = 0;

  constructor(options: undici.Client.Options) {
    this.#options = options;
  }

  /** Connections that are known: at hand, or with a request. */
  get size(): number {
    return this.#idle.values().reduce((sum, idle) => sum + idle.length, this.#busy.size);
  }

  /** The request and all that comes of it, errors included, is the handler's. */
  dispatch(
    request: undici.Dispatcher.DispatchOptions & { origin: string },
    handler: undici.Dispatcher.DispatchHandler,
  ): void {
    const { origin } = request;
    const client = this.#takeIdle(origin) ?? this.#create(origin);
    this.#busy.add(client);
    client.dispatch(request, handler);
    // It was not sent, and nothing will be heard of it.
    if (client.stats.size === 0) this.#release(origin, client);
  }

  async destroy(): Promise<void> {
    const clients = [...this.#busy, ...[...this.#idle.values()].flat()];
    await Promise.all(clients.map((client) => client.destroy()));
  }

  #takeIdle(origin: string): undici.Client | undefined {
    const idle = this.#idle.get(origin);
    const client = idle?.pop();
    if (idle?.length === 0) this.#idle.delete(origin);
    return client;
  }

  #create(origin: string): undici.Client {
    const brief = this.#open < manyOpen ? {} : { keepAliveTimeout: briefMs, keepAliveMaxTimeout: briefMs };
    const client = new Client(origin, { ...this.#options, ...brief });
    client.on('connect', () => {
      this.#open += 1;
    });
    client.on('disconnect', () => {
      this.#open -= 1;
      this.#release(origin, client);
    });
    client.on('connectionError', () => this.#release(origin, client));
    client.on('drain', () => this.#release(origin, client));
    return client;
  }

  /** Kept where it is connected, forgotten where it is not; as it is where it has a request, which may connect again. */
  #release(origin: string, client: undici.Client): void {
    const { connected, size } = client.stats;
    if (size > 0) return;
    const wasBusy = this.#busy.delete(client);
    if (!connected) this.#forgetIdle(origin, client);
    else if (wasBusy) {
      const idle = this.#idle.get(origin);
      if (idle === undefined) this.#idle.set(origin, [client]);
      else idle.push(client);
    }
  }

  #forgetIdle(origin: string, client: undici.Client): void {
    const idle = this.#idle.get(origin);
    const at = idle?.indexOf(client) ?? -1;
    if (at < 0) return;
    idle!.splice(at, 1);
    if (idle!.length === 0) this.#idle.delete(origin);
  }
}
