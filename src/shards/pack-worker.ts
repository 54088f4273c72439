import { parentPort, workerData } from 'node:worker_threads';
import { errorToData } from '../core/error-data.ts';
import { asGallopError } from '../core/errors.ts';
import type { PackedShard } from './commit.ts';
import { openDuplicates } from './destination.ts';
import { ShardLayout } from './layout.ts';
import { type PackContext, packShard } from './pack.ts';
import type { FromPackThread, ToPackThread } from './pack-messages.ts';
import { RowMaker } from './row.ts';
import type { PackSpec } from './settings.ts';

/** The entry of the thread that packs. */

const spec = workerData as PackSpec;
const stop = new AbortController();
let context: Promise<PackContext> | undefined;
let telling: PromiseWithResolvers<void> | undefined;

const send = (message: FromPackThread) => parentPort!.postMessage(message);

async function prepare(): Promise<PackContext> {
  const layout = new ShardLayout(spec.output, spec.shardSize);
  const duplicates = await openDuplicates(spec, layout);
  const tell = (packed: PackedShard) => {
    telling = Promise.withResolvers();
    send({ type: 'packed', packed });
    return telling.promise;
  };
  return { spec, layout, maker: new RowMaker(spec), duplicates, tell, signal: stop.signal };
}

async function carryOut(message: Extract<ToPackThread, { type: 'pack' | 'prepare' }>): Promise<void> {
  try {
    context ??= prepare();
    const prepared = await context.catch((error: unknown) => {
      // There may be files to open when it is asked again.
      context = undefined;
      throw error;
    });
    if (message.type === 'pack') await packShard(message.job, prepared);
    send({ type: 'done' });
  } catch (error) {
    send({ type: 'failed', error: errorToData(asGallopError(error)) });
  }
}

parentPort!.on('message', (message: ToPackThread) => {
  if (message.type === 'stop') stop.abort();
  else if (message.type !== 'told') void carryOut(message);
  else if (message.isKept) telling?.resolve();
  // Why is known to whoever was told.
  else telling?.reject(new Error('the shard could not be told of'));
});
