import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import type { TestContext } from 'node:test';
import { instantNetwork, type OriginOptions } from '../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import type { OriginStats } from '../../src/origin/stats.ts';

export const statsOf = async ({ url }: Origin) => (await (await fetch(`${url}/stats`)).json()) as OriginStats;

/** An origin of pictures of exactly one kind, and their addresses. */
export async function album(t: TestContext, options: Partial<OriginOptions>) {
  const origin = await startOrigin({
    ...instantNetwork,
    images: 8,
    bytes: 50_000,
    kinds: ['jpeg'],
    ...options,
  });
  t.after(() => origin.close());
  const answer = await fetch(`${origin.url}/3/album/${origin.albumId}/images`, {
    headers: { Authorization: 'Client-ID x' },
  });
  const { data } = (await answer.json()) as { data: { link: string; size: number }[] };
  return {
    origin,
    links: data.map(({ link }) => link),
    total: data.reduce((sum, { size }) => sum + size, 0),
  };
}

export interface Fetched {
  status: number | undefined;
  bytes: number;
  firstMs: number;
  totalMs: number;
  retryAfter: string | undefined;
}

export function fetchOne(url: string, agent: Agent): Promise<Fetched> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const firstMs = performance.now() - start;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          bytes,
          firstMs,
          totalMs: performance.now() - start,
          retryAfter: response.headers['retry-after'],
        }),
      );
    }).on('error', reject);
  });
}

export async function fetchAll(t: TestContext, links: string[], sockets: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  t.after(() => agent.destroy());
  const start = performance.now();
  const fetched = await Promise.all(links.map((link) => fetchOne(link, agent)));
  return { fetched, seconds: (performance.now() - start) / 1000 };
}

/** Lower bounds are the emulation's promise; upper ones leave room for a busy machine. */
export function between(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${value} is not from ${least} to ${most}`);
}
