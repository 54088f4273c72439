import { createHash } from 'node:crypto';
import type { Outcome } from '../core/outcome.ts';
import type { Work } from '../core/run-spec.ts';
import { finishTarget } from '../core/target.ts';
import type { Http } from '../http/http.ts';
import { RequestError } from '../http/request-error.ts';
import type { Sink, StoredBody } from '../sinks/sink.ts';
import type { Inspector } from './inspect.ts';
import type { PictureStage } from './picture-stage.ts';

/** File systems keep times as coarsely as this (FAT: two seconds). */
const clockSlackMs = 2000;
const pieceBytes = 1024 * 1024;

type Adopted = Pick<Outcome, 'path' | 'bytes' | 'sha256' | 'mime' | 'width' | 'height'>;

/** Whether `adopt` has to look. */
export const mayBeThere = ({ adoptSinceMs, target }: Work): boolean =>
  adoptSinceMs !== null && !/\{(sha256|remote)\}/.test(target);

/**
 * The file that a run which was killed had finished, but not yet noted: under this item's name, since
 * the name was taken, whole and as promised. Null where there is none; then it is fetched.
 */
export async function adopt(
  inspector: Inspector,
  stage: PictureStage,
  sink: Sink,
  work: Work,
  http: Pick<Http, 'refuseLate'>,
  deadlineAt: number,
): Promise<Adopted | null> {
  if (work.adoptSinceMs === null || !mayBeThere(work)) return null;
  for (const ext of inspector.extensions) {
    const path = finishTarget(work.target, { ext, sha256: '' });
    const body = await sink.open(path);
    if (body === null) continue;
    try {
      if (body.modifiedMs < work.adoptSinceMs - clockSlackMs) continue;
      const found = await examine(inspector, stage, work, body, http, deadlineAt);
      if (found !== null && found.ext === ext) {
        const { mime, sha256, width, height } = found;
        return { path, bytes: body.size, sha256, mime, width, height };
      }
    } finally {
      await body.close();
    }
  }
  return null;
}

async function examine(
  inspector: Inspector,
  stage: PictureStage,
  work: Work,
  body: StoredBody,
  http: Pick<Http, 'refuseLate'>,
  deadlineAt: number,
) {
  const { item } = work;
  const hashes = { sha256: createHash('sha256'), sha1: createHash('sha1'), md5: createHash('md5') };
  const head = await body.read(0, 16 * 1024);
  for (let at = 0; at < body.size; at += pieceBytes) {
    http.refuseLate(deadlineAt);
    const piece = await body.read(at, pieceBytes);
    for (const hash of Object.values(hashes)) hash.update(piece);
  }
  const [sha256, sha1, md5] = [hashes.sha256, hashes.sha1, hashes.md5].map((hash) => hash.digest('hex'));
  try {
    const digests = { sha256: sha256!, sha1: sha1!, md5: md5! };
    const url = new URL(item.url);
    const found = await inspector.inspect(item, body, head, digests, url);
    await stage.apply(found, body, digests, url.host, deadlineAt);
    return found;
  } catch (error) {
    if (error instanceof RequestError && error.code !== 'timeout') return null;
    throw error;
  }
}
