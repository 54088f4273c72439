import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it, mock } from 'node:test';
import tls from 'node:tls';
import type { FailureCode } from '../../src/core/failures.ts';
import { type Origin, startOrigin } from '../../src/origin/origin.ts';
import { authority, certificate as cert, certificateKey as key } from '../support/certificate.ts';
import { testDownloads, workFor } from '../support/downloads.ts';

const origins = new Map<string, Origin>();
const trusted = tls.getCACertificates('default');
const bytes = 3_000_000;
/** Digests of the sample and of the one that takes its place, as long as `bytes`. */
const digests = { first: '', second: '' };

before(async () => {
  // No back-off: how long it is, is proved elsewhere.
  mock.method(Math, 'random', () => 0);
  tls.setDefaultCACertificates([...trusted, authority]);
  origins.set('http', await startOrigin({ images: 1 }));
  origins.set('https', await startOrigin({ images: 1, tls: { key, cert } }));
  const digest = async (path: string) => {
    const answer = await fetch(`${origins.get('http')!.url}/fault/${path}`);
    return createHash('sha256')
      .update(Buffer.from(await answer.arrayBuffer()))
      .digest('hex');
  };
  digests.first = await digest(`ok/p.jpg?bytes=${bytes}`);
  // Its first answer breaks off.
  await digest(`resume-changed/p.jpg?bytes=${bytes}`).catch(() => {});
  digests.second = await digest(`resume-changed/p.jpg?bytes=${bytes}`);
});

after(async () => {
  mock.restoreAll();
  for (const origin of origins.values()) await origin.close();
  tls.setDefaultCACertificates(trusted);
});

interface Row {
  fault: string;
  /** Which file comes of it, or with which code it fails. */
  comes: keyof typeof digests | FailureCode;
  /** Requests with a Range among all. */
  asked: [ranges: number, requests: number];
  /** Over http, too. The rest over https alone: what comes of an answer is the same over both. */
  alsoPlain?: true;
}

/** What the origin does, by path, to whoever goes on with a file of 3 MB that broke off. */
const rows: Row[] = [
  { fault: 'short-then-ok/3', comes: 'first', asked: [3, 4], alsoPlain: true },
  { fault: 'resume-cut-again/2', comes: 'first', asked: [3, 4] },
  { fault: 'resume-unknown-total', comes: 'first', asked: [1, 2] },
  { fault: 'resume-status/503/1', comes: 'first', asked: [2, 3] },
  { fault: 'whole-then-416/same', comes: 'first', asked: [1, 2] },
  { fault: 'resume-redirected', comes: 'first', asked: [1, 2] },
  ...[
    'resume-less',
    'resume-wrong-total',
    'resume-wrong-length',
    'resume-no-content-range',
    'resume-multipart',
    'resume-other-etag',
    'resume-gzip',
    'resume-416/same',
    'resume-416/other-size',
    'resume-shrunk',
    'whole-then-416/bare',
    'whole-then-416/other-size',
  ].map((fault): Row => ({ fault, comes: 'first', asked: [1, 3] })),
  { fault: 'resume-wrong-range', comes: 'first', asked: [1, 3], alsoPlain: true },
  { fault: 'whole-then-416/changed', comes: 'first', asked: [1, 3], alsoPlain: true },
  { fault: 'resume-ignored', comes: 'first', asked: [1, 2] },
  { fault: 'resume-changed', comes: 'second', asked: [1, 2], alsoPlain: true },
  { fault: 'resume-404', comes: 'not-found', asked: [1, 2], alsoPlain: true },
  { fault: 'resume-403', comes: 'forbidden', asked: [1, 2] },
  { fault: 'resume-html', comes: 'not-an-image', asked: [1, 2] },
];

for (const [scheme, some] of [
  ['https', rows],
  ['http', rows.filter(({ alsoPlain }) => alsoPlain)],
] as const) {
  describe(`going on with a large file over ${scheme}`, { concurrency: 4 }, () => {
    for (const { fault, comes, asked } of some) {
      it(`${fault}: ${comes}`, async () => {
        const { url } = origins.get(scheme)!;
        const path = `/fault/${fault}/${scheme}.jpg`;
        await using downloads = await testDownloads({ retries: 4 });
        const work = workFor(`${url}${path}?bytes=${bytes}&at=2000000`);
        const outcome = await downloads.downloader.download(work);
        const stats = (await (await fetch(`${url}/stats`)).json()) as {
          paths: Record<string, number>;
          ranges: Record<string, unknown[]>;
        };
        assert.deepEqual([stats.ranges[path]?.length ?? 0, stats.paths[path]], asked);
        if (comes === 'first' || comes === 'second') {
          assert.equal(outcome.status, 'saved', outcome.error?.message);
          assert.equal(outcome.sha256, digests[comes]);
          assert.deepEqual(downloads.files(), ['picture.jpg']);
          assert.equal(
            createHash('sha256').update(downloads.read('picture.jpg')).digest('hex'),
            digests[comes],
          );
        } else {
          assert.equal(outcome.error?.code, comes, outcome.error?.message);
          assert.deepEqual(downloads.files(), []);
        }
      });
    }
  });
}

for (const validator of ['weak', 'fresh', 'none']) {
  it(`with a validator that is ${validator} it begins at 0`, async () => {
    const { url } = origins.get('https')!;
    const path = `/fault/short-then-ok/1/${validator}.jpg`;
    await using downloads = await testDownloads({ retries: 1 });
    const work = workFor(`${url}${path}?bytes=${bytes}&validator=${validator}`);
    assert.equal((await downloads.downloader.download(work)).sha256, digests.first);
    const stats = (await (await fetch(`${url}/stats`)).json()) as { ranges: Record<string, unknown[]> };
    assert.equal(stats.ranges[path], undefined);
  });
}
