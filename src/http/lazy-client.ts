import type { ProxySettings } from '../core/proxy-settings.ts';
import type { RunSpec } from '../core/run-spec.ts';
import type { HttpClient } from './client.ts';
import type { Http } from './http.ts';

export interface LazyClient {
  client: HttpClient;
  /** Requests fail from now on, those under way included, with an `InterruptedError`. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * A listing's client that comes into being with its first request: what is needed for HTTP takes longer to load than
 * all that a list of plain addresses needs. Throws a `UsageError` at once when the file of cookies cannot be used.
 */
export async function lazyClient(spec: RunSpec, proxies: ProxySettings | null): Promise<LazyClient> {
  let opening: Promise<{ http: Http; client: HttpClient }> | undefined;
  let isStopped = false;
  const open = async () => {
    const [{ createHttp }, { apiClient }] = await Promise.all([
      import('./http.ts'),
      import('./api-client.ts'),
    ]);
    const http = await createHttp(spec, proxies);
    if (isStopped) http.stop();
    return { http, client: apiClient(http) };
  };
  const opened = () => {
    opening ??= open();
    return opening;
  };
  if (spec.cookiesFile !== null) await opened();
  return {
    client: {
      request: async (url, request) => (await opened()).client.request(url, request),
      sleep: async (ms) => (await opened()).client.sleep(ms),
    },
    stop() {
      isStopped = true;
      opening?.then(
        ({ http }) => http.stop(),
        () => {},
      );
    },
    async close() {
      isStopped = true;
      await (await opening)?.http.close();
    },
  };
}
