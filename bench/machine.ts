import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { formatBytes } from '../src/core/units.ts';
import { type Tools, toolNames } from './tools.ts';

/** What the figures depend on, a line each. */
export function describeMachine(gallop: readonly string[], tools: Tools): string[] {
  const [cpu] = os.cpus();
  const version = execFileSync(gallop[0]!, [...gallop.slice(1), '--version'], { encoding: 'utf8' }).trim();
  const peers = toolNames.map((name) => `${name} ${tools[name]?.version ?? 'not installed'}`);
  return [
    `Machine: ${cpu?.model.trim()}, ${os.availableParallelism()} cores, ${formatBytes(os.totalmem())} of memory, ${os.type()} ${os.release()}`,
    `Versions: gallop ${version}, node ${process.versions.node}, ${peers.join(', ')}`,
  ];
}
