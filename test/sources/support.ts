import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Item } from '../../src/core/item.ts';
import { defaultRunSpec } from '../../src/core/options/options.ts';
import type { RunSpec } from '../../src/core/run-spec.ts';
import type { TableColumn } from '../../src/core/table-columns.ts';
import type { HttpClient } from '../../src/http/client.ts';
import { RequestError } from '../../src/http/request-error.ts';
import { checkInputs } from '../../src/sources/inputs.ts';
import type { SourceContext } from '../../src/sources/source.ts';

export const clientId = 'client-0123456789';
export const clientSecret = 'secret-abcdefghij';
export const refreshToken = 'refresh-klmnopqrs';
export const accessToken = 'access-tuvwxyz012';

/** A client over real sockets, whose sleeps are written down instead of slept; `onSleep` may turn a clock. */
export function fetchClient(onSleep: (ms: number) => void = () => {}): HttpClient & { slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    async request(url, { method = 'GET', headers = {}, body } = {}) {
      try {
        const answer = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
        const range = new URL(answer.url).hostname === '127.0.0.1' ? 'loopback' : 'public';
        const received = Object.fromEntries(answer.headers);
        return {
          status: answer.status,
          headers: received,
          text: await answer.text(),
          url: answer.url,
          range,
        };
      } catch (error) {
        throw new RequestError('connect', `cannot connect to ${new URL(url).host}`, { cause: error });
      }
    },
    async sleep(ms) {
      slept.push(ms);
      onSleep(ms);
    },
  };
}

export interface TestContext extends SourceContext {
  notes: string[];
  totals: number[];
  /** Columns of tables. */
  told: TableColumn[];
  closers: (() => Promise<void>)[];
  http: ReturnType<typeof fetchClient>;
}

export function testContext(
  spec: Partial<RunSpec> = {},
  given: Partial<SourceContext> & { onSleep?: (ms: number) => void } = {},
): TestContext {
  const [notes, totals, closers]: [string[], number[], (() => Promise<void>)[]] = [[], [], []];
  const told: TableColumn[] = [];
  const { onSleep, ...rest } = given;
  return {
    spec: { ...defaultRunSpec, ...spec },
    environment: { CLIENT_ID: clientId },
    stdin: bytesOf(''),
    signal: new AbortController().signal,
    note: (_, message) => void notes.push(message),
    expectTotal: (items) => void totals.push(items),
    tellColumns: (columns) => void told.push(...columns),
    onClose: (close) => void closers.push(close),
    ...rest,
    http: fetchClient(onSleep),
    notes,
    totals,
    told,
    closers,
  };
}

export async function* bytesOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

export async function all<T = Item>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
}

/** The items of what `-i` names. */
export async function* itemsOfInput(path: string, context: SourceContext): AsyncGenerator<Item> {
  const inputs = await checkInputs({ ...context, spec: { ...context.spec, input: [path] } });
  yield* inputs.items(context);
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** A text is sent as it is, everything else as JSON. */
  body?: unknown;
}

export interface TestApi extends AsyncDisposable {
  url: string;
  /** `METHOD path`, in the order of arrival. */
  requests: string[];
  authorizations: (string | undefined)[];
  bodies: string[];
}

/** An API of Imgur's shapes on a real socket: by path, one reply, or one for each request in turn. */
export async function testApi(routes: Record<string, Reply | Reply[]>): Promise<TestApi> {
  const api = {
    requests: [] as string[],
    authorizations: [] as (string | undefined)[],
    bodies: [] as string[],
  };
  const turns = new Map<string, number>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!;
    api.requests.push(`${request.method} ${path}`);
    api.authorizations.push(request.headers.authorization);
    api.bodies.push((await all<Buffer>(request)).join(''));
    const route = routes[path] ?? failure(404, 'Unable to find it');
    const turn = turns.get(path) ?? 0;
    turns.set(path, turn + 1);
    const {
      status = 200,
      headers = {},
      body,
    } = Array.isArray(route) ? route[Math.min(turn, route.length - 1)]! : route;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const data = (body: unknown, headers: Record<string, string> = {}): Reply => ({
  headers,
  body: { data: body, success: true, status: 200 },
});

export const failure = (status: number, error: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  body: { data: { error, request: '/3/x', method: 'GET' }, success: false, status },
});

export const image = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  title: null,
  description: null,
  datetime: 1_700_000_000,
  type: 'image/jpeg',
  animated: false,
  width: 1600,
  height: 1200,
  size: 370_000,
  link: `https://i.imgur.com/${id}.jpg`,
  ...more,
});

export const album = (id: string, images: unknown[], more: Record<string, unknown> = {}) => ({
  id,
  title: `Album ${id}`,
  images_count: images.length,
  images,
  ...more,
});
