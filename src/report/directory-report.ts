/** Items with a code, and some of them. */
export interface ReasonCount {
  code: string;
  items: number;
  /** What its user can do, where that is known. */
  hint: string | null;
  /** Evenly spaced over all of them. */
  examples: { url: string; message: string | null }[];
}

/** `from` is in it, `below` is not; null where there is no end. */
export interface SizeBin {
  from: number;
  below: number | null;
  files: number;
}

export interface HostCount {
  host: string;
  saved: number;
  failed: number;
  skipped: number;
  /** As received. */
  bytes: number;
  /** While anything of it arrived; null where that was too short to say. */
  itemsPerSecond: number | null;
  bytesPerSecond: number | null;
}

export interface SpeedReport {
  /** ISO dates of the first and the last that was saved. */
  first: string;
  last: string;
  /** Without long pauses. Null, as the rates over it, where it was too short to say. */
  busySeconds: number | null;
  itemsPerSecond: number | null;
  bytesPerSecond: number | null;
  binSeconds: number;
  /** What was saved in each bin; between two sessions was a long pause. */
  sessions: { start: string; items: number[]; bytes: number[] }[];
}

export interface DuplicateReport {
  /** Sets of stored files with the same bytes, all of them, and how many bytes could be saved. */
  sets: number;
  files: number;
  spareBytes: number;
  /** The sets with most files; `paths` are the first and the last by name. */
  largest: { files: number; bytes: number; paths: [string, string] }[];
  /** Items that were left out as duplicates of the item with the key `of`: the largest groups. */
  leftOut: { of: string; items: number }[];
}

/** What the journal of a directory says, counted. Plain data; a contract that others may join. */
export interface DirectoryReport {
  /** ISO date and time at which the journal was read. */
  when: string;
  /** A run was writing the journal then. */
  isRunning: boolean;
  items: number;
  /** `changed`: found to be other files by a verification; `open`: no run has said how they ended. */
  saved: number;
  changed: number;
  failed: number;
  skipped: number;
  open: number;
  /** Of the files that are stored. */
  bytes: number;
  /** As they were received: more, or less, where pictures were made smaller. */
  receivedBytes: number;
  /** The most frequent first; so are those below. */
  failures: ReasonCount[];
  skips: ReasonCount[];
  /** `mime` is null where it is not known. */
  formats: { mime: string | null; files: number; bytes: number }[];
  /** Stored files by bytes, and pictures by the larger side in pixels; without the empty bins at both ends. */
  sizes: SizeBin[];
  pixels: SizeBin[];
  /** The largest; `hosts` of them in all. */
  topHosts: HostCount[];
  hosts: number;
  /** Those that are not among the largest, together. */
  otherHosts: Omit<HostCount, 'host'> | null;
  /** Null where the journal does not say when anything ended. */
  speed: SpeedReport | null;
  duplicates: DuplicateReport;
}
