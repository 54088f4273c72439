import { contentFaults } from './content-faults.ts';
import type { Fault } from './fault.ts';
import { framingFaults } from './framing-faults.ts';
import { resumeFaults } from './resume-faults.ts';
import { statusFaults } from './status-faults.ts';

/** What `/fault/NAME` does, by name. A new one is a line in one of the four maps. */
export const faults: Readonly<Record<string, Fault>> = {
  ...statusFaults,
  ...framingFaults,
  ...contentFaults,
  ...resumeFaults,
};
