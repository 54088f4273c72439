/**
 * What ends a run is thrown, as one of these; what fails one item is an `Outcome` (see `outcome.ts`).
 *
 *     GallopError
 *     ├─ UsageError        2    the command, a flag, a file of options, or a directory in use
 *     ├─ ListingError      4    a source could not be read
 *     ├─ DiskError         5    the destination refused
 *     ├─ InterruptedError  130  Ctrl-C, SIGTERM, an aborted signal
 *     └─ InternalError     1    a fault of ours
 */
export class GallopError extends Error {
  /** Stable, for scripts. */
  readonly code: string;
  /** The exit code that it stands for. */
  readonly exitCode: number;
  /** What the user can do next, as a clause without a full stop. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    details: { code: string; exitCode: number; hint?: string | undefined; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.exitCode = details.exitCode;
    this.hint = details.hint;
  }
}

type Details = { code?: string; hint?: string | undefined; cause?: unknown };

export class UsageError extends GallopError {
  constructor(message: string, details: Details = {}) {
    super(message, { code: 'usage', ...details, exitCode: 2 });
  }
}

/** `code`: `not-found`, `refused`, `no-credentials`, `throttled`, `unreachable`, `not-an-answer`, `bad-file`. */
export class ListingError extends GallopError {
  constructor(message: string, details: Details & { code: string }) {
    super(message, { ...details, exitCode: 4 });
  }
}

/** `code`: `no-space`, `read-only`, `disk`, `too-many-files`. */
export class DiskError extends GallopError {
  constructor(message: string, details: Details & { code: string }) {
    super(message, { ...details, exitCode: 5 });
  }
}

export class InterruptedError extends GallopError {
  constructor(message = 'interrupted') {
    super(message, { code: 'interrupted', exitCode: 130 });
  }
}

export class InternalError extends GallopError {
  constructor(message: string, details: Details = {}) {
    super(message, { code: 'internal', hint: 'please report it', ...details, exitCode: 1 });
  }
}

const diskCodes: Record<string, [code: string, text: string]> = {
  ENOSPC: ['no-space', 'no space left on the disk'],
  EDQUOT: ['no-space', 'the disk quota is used up'],
  EROFS: ['read-only', 'the file system is read-only'],
  EACCES: ['read-only', 'no permission to write'],
  EPERM: ['read-only', 'no permission to write'],
  EIO: ['disk', 'the disk reported an error'],
};

/** The `DiskError` that a system error about `path` amounts to, or undefined where it is not the disk's refusal. */
export function asDiskError(error: unknown, path: string): DiskError | undefined {
  const known = diskCodes[(error as NodeJS.ErrnoException)?.code ?? ''];
  if (known === undefined) return undefined;
  const hint =
    known[0] === 'no-space' ? 'make room and run the same command again' : 'choose another directory with -d';
  return new DiskError(`cannot write ${path}: ${known[1]}`, { code: known[0], hint, cause: error });
}

const scarceCodes = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'too-many-files']);
/** What removes a folder, starts a thread, or loads a module says it in words alone. */
const scarceWords = /too many open files|\bE[MN]FILE\b/i;
const wordyCodes = new Set(['', 'ERR_WORKER_INIT_FAILED', 'ERR_INVALID_PACKAGE_CONFIG']);

/** Whether the machine has no more open files, processes or memory to give: with less in flight there may be enough. */
export function isScarce(error: unknown): boolean {
  const { code = null, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === null) return false;
  return scarceCodes.has(code) || (wordyCodes.has(code) && scarceWords.test(message));
}

/** Any thrown value as an error of the tree. */
export function asGallopError(error: unknown): GallopError {
  if (error instanceof GallopError) return error;
  if (isScarce(error)) {
    return new DiskError(`this machine has too few open files or processes to give: ${thrownText(error)}`, {
      code: 'too-many-files',
      hint: 'raise ulimit -n or -u, or lower -c, and run the same command again to go on',
      cause: error,
    });
  }
  if (error instanceof Error && error.name === 'AbortError') return new InterruptedError();
  return new InternalError(thrownText(error), { cause: error });
}

/** What a thrown value says; anything can be thrown, also what no text can be made of. */
export function thrownText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return typeof thrown;
  }
}
