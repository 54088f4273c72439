import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dispatcher } from 'undici';
import { ClientPools } from '../../src/http/client-pools.ts';
import { buildConnector } from '../../src/http/undici.ts';
import { closedPort, type TestServer, testServer } from '../support/raw-server.ts';
import { until } from '../support/scratch.ts';

/** undici lends a connection again a turn of the event loop after its answer. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const pools = () => new ClientPools({ connect: buildConnector({}) });

/** One request; its status, or the name of the error. */
function ask(
  pools: ClientPools,
  url: string,
  headers: Record<string, string> = {},
): Promise<number | string> {
  return new Promise((resolve) => {
    let found = 0;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_, status) {
        found = status;
      },
      onResponseData() {},
      onResponseEnd: () => resolve(found),
      onResponseError: (_, error) => resolve((error as NodeJS.ErrnoException).code ?? error.name),
    };
    pools.dispatch({ origin: new URL(url).origin, path: '/', method: 'GET', headers }, handler);
  });
}

const answering = (connection: 'keep-alive' | 'close'): Promise<TestServer> =>
  testServer((_, response) => response.setHeader('connection', connection).end('x'));

describe('connections by origin', { concurrency: true, timeout: 10_000 }, () => {
  it('are as many as requests at the same time, and lent again', async () => {
    await using server = await answering('keep-alive');
    const kept = pools();
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(await Promise.all([1, 2, 3].map(() => ask(kept, server.url))), [200, 200, 200]);
      await turn();
    }
    assert.equal(server.connections, 3);
    assert.equal(kept.size, 3);
    await kept.destroy();
  });

  it('are forgotten once the server has closed them', async () => {
    await using server = await answering('close');
    const kept = pools();
    assert.equal(await ask(kept, server.url), 200);
    await until(() => kept.size === 0);
    assert.equal(await ask(kept, server.url), 200);
    await kept.destroy();
  });

  it('are forgotten when there was none', async () => {
    const kept = pools();
    assert.equal(await ask(kept, await closedPort()), 'ECONNREFUSED');
    await until(() => kept.size === 0);
  });

  it('are lent again after a request that could not be sent', async () => {
    await using server = await answering('keep-alive');
    const kept = pools();
    assert.equal(await ask(kept, server.url), 200);
    await turn();
    assert.equal(await ask(kept, server.url, { 'bad header': 'x' }), 'UND_ERR_INVALID_ARG');
    assert.equal(await ask(kept, server.url), 200);
    assert.deepEqual([server.connections, kept.size], [1, 1]);
    await kept.destroy();
  });

  it('end, with what is under way in them', async () => {
    await using server = await testServer(() => {});
    const kept = pools();
    const asked = ask(kept, server.url);
    await until(() => server.requests.length === 1);
    await kept.destroy();
    assert.equal(await asked, 'UND_ERR_DESTROYED');
  });
});
