import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What is kept of a network between runs of the bench. */
export interface Result {
  network: string;
  /** The origin's parameters: others make another network. */
  query: string;
  /** Null: every fixed number lost pictures. */
  best: { name: string; seconds: number } | null;
  auto?: AutoResult;
}

export interface AutoResult {
  /** Also of runs that lost pictures, which `missing` tells. */
  coldSeconds: number;
  warmSeconds: number;
  /** The larger one of cold and warm, of all requests. */
  refusedShare: number;
  missing: number;
  peakInFlight: number;
  originCpuShare: number;
}

/** Results of one size by network, in a file that outlives the run. */
export class Results {
  readonly #file: string;
  readonly #byQuery: Map<string, Result>;

  constructor(file: string) {
    this.#file = file;
    const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result[]) : [];
    this.#byQuery = new Map(kept.map((result) => [result.query, result]));
  }

  get(query: string): Result | undefined {
    return this.#byQuery.get(query);
  }

  set(result: Result): void {
    this.#byQuery.set(result.query, result);
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, JSON.stringify([...this.#byQuery.values()], null, 2));
  }
}
