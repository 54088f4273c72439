import {
  DiskError,
  GallopError,
  InternalError,
  InterruptedError,
  ListingError,
  UsageError,
} from './errors.ts';

/** An error of the tree as plain data, for a message to another thread or process. Its cause stays behind. */
export interface ErrorData {
  name: string;
  message: string;
  code: string;
  exitCode: number;
  hint: string | undefined;
}

export function errorToData({ name, message, code, exitCode, hint }: GallopError): ErrorData {
  return { name, message, code, exitCode, hint };
}

/** The error that `errorToData` took apart, of the same class, with its hint. */
export function errorFromData({ name, message, code, exitCode, hint }: ErrorData): GallopError {
  switch (name) {
    case 'UsageError':
      return new UsageError(message, { code, hint });
    case 'ListingError':
      return new ListingError(message, { code, hint });
    case 'DiskError':
      return new DiskError(message, { code, hint });
    case 'InterruptedError':
      return new InterruptedError(message);
    case 'InternalError':
      return new InternalError(message, { code, hint });
    default:
      return new GallopError(message, { code, exitCode, hint });
  }
}
