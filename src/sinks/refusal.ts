import { asDiskError, DiskError } from '../core/errors.ts';

/** What stood there when the run began, and does not any more. */
const gone = new Set(['ENOENT', 'ENOTDIR', 'ESTALE', 'ENXIO', 'ENODEV']);

/** An error about `file` in a destination: a `DiskError` where the disk refused it, or the place is gone or taken, else as it is. */
export function asRefusal(error: unknown, file: string): unknown {
  const refusal = asDiskError(error, file);
  if (refusal !== undefined) return refusal;
  const { code, dest } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  if (code === 'EISDIR') {
    return new DiskError(`cannot write ${dest ?? file}: there is a directory in its place`, {
      code: 'disk',
      hint: 'move it away, and run the same command again',
      cause: error,
    });
  }
  if (!gone.has(code ?? '')) return error;
  return new DiskError(`cannot write ${file}: its directory is gone`, {
    code: 'disk',
    hint: 'something moved or removed it in mid-run: run the same command again',
    cause: error,
  });
}
