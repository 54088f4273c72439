import type { AddressRange } from '../core/item.ts';

export interface ApiRequest {
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  /** The non-public ranges that may be connected to; those of what the user typed by default: all. */
  reach?: AddressRange[];
  /** Largest answer, after decoding; 64 MiB unless told otherwise. */
  maxBytes?: number;
}

export interface ApiAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  text: string;
  /** After redirects. */
  url: string;
  /** The range of the address that answered: what it lists may lie there, too. */
  range: AddressRange;
}

/**
 * Whole small answers, for listings. Tries again after faults of the transport, 5xx and 408, with
 * back-off, `retries` times; every other status is returned for the source to understand.
 * Throws a `RequestError` when no answer could be had, an `InterruptedError` when the run was stopped.
 */
export interface HttpClient {
  request(url: string, request?: ApiRequest): Promise<ApiAnswer>;
  /** Sleeps; rejects with an `InterruptedError` when the run is stopped. */
  sleep(ms: number): Promise<void>;
}
