import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { UsageError } from '../../src/core/errors.ts';
import { instantNetwork } from '../../src/origin/options.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import { makeSamples, type Samples } from '../../src/origin/samples.ts';
import { spawnOrigin } from '../../src/origin/spawn-origin.ts';
import { authority as ca, certificate as cert, certificateKey as key } from '../support/certificate.ts';

const small = { ...instantNetwork, images: 2, bytes: 4000, tls: { key, cert } };
let origin: Origin;
let samples: Samples;
before(async () => {
  samples = await makeSamples();
  origin = await startOrigin(small);
});
after(() => origin.close());

function get(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { ca, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

test('everything is served over TLS: pictures, the API, faults, and addresses that lead on', async () => {
  assert.match(origin.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const headers = { Authorization: 'Client-ID x' };
  const album = await get(`${origin.url}/3/album/${origin.albumId}/images`, headers);
  const [first] = (JSON.parse(album.body.toString()) as { data: { link: string; size: number }[] }).data;
  assert.ok(first!.link.startsWith(`${origin.url}/`));
  assert.equal((await get(first!.link, { Referer: `${origin.url}/` })).body.length, first!.size);
  assert.equal((await get(`${origin.url}/fault/ok/x.jpg`)).body.compare(samples.jpeg), 0);
  const { port } = new URL(origin.url);
  for (const [own, status] of [
    [`https://localhost:${port}`, 200],
    [`http://localhost:${port}`, 403],
  ] as const) {
    assert.equal((await get(`${origin.url}/stats`, { Origin: own })).status, status, own);
  }
});

test('a key and a certificate cross to the process of a spawned origin', async () => {
  const spawned = await spawnOrigin(small);
  try {
    assert.equal((await get(`${spawned.url}/fault/ok/x.jpg`)).status, 200);
  } finally {
    await spawned.close();
  }
});

/** What a client over TLS gets of one fault: the decrypted bytes, how the wire ended, and its last TLS record. */
async function spied(fault: string) {
  const wire = { records: [] as number[], ending: 'end' };
  let pending = Buffer.alloc(0);
  const spy = createServer((client) => {
    const server = connect(Number(new URL(origin.url).port), '127.0.0.1');
    client.on('error', () => {}).pipe(server);
    server.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 5 && pending.length >= 5 + pending.readUInt16BE(3)) {
        wire.records.push(pending[0]!);
        pending = pending.subarray(5 + pending.readUInt16BE(3));
      }
      client.write(bytes);
    });
    server.on('end', () => client.unpipe(server).resume().end());
    server.on('error', () => {
      wire.ending = 'reset';
      client.resetAndDestroy();
    });
  });
  spy.listen(0, '127.0.0.1');
  await once(spy, 'listening');
  const port = (spy.address() as AddressInfo).port;
  // In TLS 1.2 an alert can be told from other records without a key.
  const socket = connectSecurely({ port, host: '127.0.0.1', ca, maxVersion: 'TLSv1.2' });
  const chunks: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => chunks.push(bytes)).on('error', () => {});
  const { host } = new URL(origin.url);
  socket.write(`GET /fault/${fault}/x.jpg HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => spy.close(resolve));
  const bytes = Buffer.concat(chunks);
  return {
    body: bytes.subarray(bytes.indexOf('\r\n\r\n') + 4),
    lastRecord: wire.records.at(-1),
    ending: wire.ending,
  };
}

describe('faults below HTTP are the same on the wire, TLS or not', () => {
  const [alert, data] = [21, 23];
  const half = () => samples.jpeg.subarray(0, samples.jpeg.length >> 1);
  const rows: [fault: string, body: () => Buffer, lastRecord: number, ending: string][] = [
    ['short', half, alert, 'end'],
    ['cut', half, data, 'end'],
    ['no-length', () => samples.jpeg, alert, 'end'],
    ['no-length-unclean', () => samples.jpeg, data, 'end'],
    ['no-length-cut-unclean', half, data, 'end'],
    ['reset', half, data, 'reset'],
  ];
  for (const [fault, body, lastRecord, ending] of rows) {
    test(`${fault}: ${lastRecord === alert ? 'with' : 'without'} close_notify, by ${ending}`, async () => {
      const found = await spied(fault);
      assert.ok(found.body.equals(body()));
      assert.deepEqual([found.lastRecord, found.ending], [lastRecord, ending]);
    });
  }
});

test('planned faults break connections over TLS as well', async () => {
  const faulty = await startOrigin({ ...small, images: 6, faultShare: 1 });
  try {
    const headers = { Authorization: 'Client-ID x' };
    const album = await get(`${faulty.url}/3/album/${faulty.albumId}/images`, headers);
    const { data } = JSON.parse(album.body.toString()) as { data: { link: string; size: number }[] };
    const found = [];
    for (const { link } of data) {
      const first = await get(link).catch((error: NodeJS.ErrnoException) => error.code);
      found.push(typeof first === 'object' ? first.status : first);
    }
    assert.deepEqual(found.map(String).sort(), [
      '429',
      '500',
      '503',
      'ECONNRESET',
      'ECONNRESET',
      'ECONNRESET',
    ]);
    for (const { link, size } of data) assert.equal((await get(link)).body.length, size);
  } finally {
    await faulty.close();
  }
});

test('close() also drops connections that are still in their handshake', async () => {
  const closing = await startOrigin(small);
  const socket: Socket = connect(Number(new URL(closing.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.from([0x16, 3, 1]));
  const ended = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
  socket.resume();
  await closing.close();
  await ended;
});

test('what is no key and certificate is a usage error', async () => {
  for (const tls of [{}, { key }, 'yes', { key: 1, cert }, { key: 'no', cert: 'no' }, { key, cert: key }]) {
    await assert.rejects(startOrigin({ ...small, tls } as object), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /the origin's tls .*key.* certificate in PEM/);
      return true;
    });
  }
});
