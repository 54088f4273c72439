import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorData, errorToData } from '../../core/error-data.ts';
import { GallopError, thrownText } from '../../core/errors.ts';
import { ParquetFile } from './parquet-file.ts';
import { batchesOf, type RowBatch } from './parquet-groups.ts';

/** What the thread is to read. */
export interface DecodingJob {
  path: string;
  /** Of the file in messages. */
  name: string;
  columns: readonly string[];
}

/** One for every message that it gets, whatever that says; after `done` or an error no more. */
export type DecodingAnswer = { batch: RowBatch } | { done: true } | { error: ErrorData | string };

/** The thread: rows of a file, as many at a time as it is asked for. */
const { path, name, columns } = workerData as DecodingJob;
const port = parentPort!;
const answer = (message: DecodingAnswer) => port.postMessage(message);
const asked = on(port, 'message');
try {
  const file = await ParquetFile.open(path);
  const batches = batchesOf(file, await file.metadata(), columns, name);
  for await (const _ of asked) {
    const { value: batch, done } = await batches.next();
    if (done) break;
    answer({ batch });
  }
  answer({ done: true });
} catch (error) {
  answer({ error: error instanceof GallopError ? errorToData(error) : thrownText(error) });
}
port.close();
