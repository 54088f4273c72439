import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../../src/origin/origin.ts';
import { type RawAnswer, rawGet, wholeAnswer } from './raw-client.ts';

export type Check = (answer: RawAnswer) => void;

export interface FaultCase {
  /** After `/fault/`. */
  path: string;
  /** Leave with the whole announced body, with so many bytes, or with those it accepts; else the server must end. */
  until?: 'whole' | number | ((bytes: Buffer) => boolean);
  headers?: Record<string, string>;
  /** One a request, in turn. */
  checks: Check[];
}

export const status =
  (code: number, more: Check = () => {}): Check =>
  (answer) => {
    assert.equal(Number(answer.head.split(' ')[1]), code, answer.head);
    more(answer);
  };

export const says =
  (pattern: RegExp): Check =>
  ({ head }) =>
    assert.match(head, pattern);

export const isBody =
  (pick: () => Buffer): Check =>
  ({ body }) =>
    assert.ok(body.equals(pick()));

export const ended =
  (how: RawAnswer['ending'], more: Check = () => {}): Check =>
  (answer) => {
    assert.equal(answer.ending, how);
    more(answer);
  };

export const all =
  (...checks: Check[]): Check =>
  (answer) => {
    for (const check of checks) check(answer);
  };

/** A test for each: that many requests over sockets of their own, and a check of what came. */
export function runFaultCases(cases: Record<string, FaultCase>, origin: () => Origin): void {
  for (const [name, { path, headers, until, checks }] of Object.entries(cases)) {
    test(`${name} misbehaves as it says`, async () => {
      const enough =
        until === 'whole'
          ? wholeAnswer
          : typeof until === 'number'
            ? (bytes: Buffer) => bytes.length >= until
            : until;
      for (const check of checks) {
        const url = `${origin().url}/fault/${path}`;
        check(await rawGet(url, { ...(headers && { headers }), ...(enough && { enough }) }));
      }
    });
  }
}
