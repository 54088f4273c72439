import assert from 'node:assert/strict';
import type fc from 'fast-check';

/** One thing that parses what others wrote, and what must hold of it for any input. */
export interface Target<T = unknown> {
  name: string;
  /** Its part of all inputs, relative to the others: what is slow gets less. */
  weight: number;
  open(): Promise<Trial<T>> | Trial<T>;
}

/** A target that is ready. */
export interface Trial<T = unknown> {
  inputs: fc.Arbitrary<T>;
  /** Throws where the input brought forth what must not be. */
  check(input: T): Promise<void> | void;
  close?(): Promise<void> | void;
}

/** For tables, where every target has an input of its own type. */
export const target = <T>(given: Target<T>): Target => given as unknown as Target;

type ErrorClass = abstract new (...given: never[]) => Error;

/** What `step` returns; undefined where it threw one of the errors that its contract names. */
export function allowing<T>(classes: readonly ErrorClass[], step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    expectKnown(classes, error);
    return undefined;
  }
}

/** The same for what ends later. */
export async function allowingAsync<T>(
  classes: readonly ErrorClass[],
  step: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    expectKnown(classes, error);
    return undefined;
  }
}

/** Messages are for people: longer than what they speak of none has to be. */
const longestMessage = 300_000;

function expectKnown(classes: readonly ErrorClass[], error: unknown): void {
  if (!classes.some((each) => error instanceof each)) throw error;
  assert.ok((error as Error).message.length <= longestMessage, 'a message without bounds');
}
