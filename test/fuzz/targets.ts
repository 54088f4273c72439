import type { Target } from './target.ts';
import { connectionTargets } from './targets/connections.ts';
import { httpTargets } from './targets/http.ts';
import { imgurTargets } from './targets/imgur.ts';
import { journalTargets } from './targets/journal.ts';
import { listTargets } from './targets/lists.ts';
import { messageTargets } from './targets/messages.ts';
import { nameTargets } from './targets/names.ts';
import { optionTargets } from './targets/options.ts';
import { parquetTargets } from './targets/parquet.ts';
import { pictureTargets } from './targets/pictures.ts';
import { socketTargets } from './targets/sockets.ts';
import { tableTargets } from './targets/tables.ts';

/** Everything that parses what others wrote. */
export const targets: readonly Target[] = [
  ...listTargets,
  ...tableTargets,
  ...parquetTargets,
  ...imgurTargets,
  ...httpTargets,
  ...connectionTargets,
  ...nameTargets,
  ...optionTargets,
  ...messageTargets,
  ...pictureTargets,
  ...journalTargets,
  ...socketTargets,
];

/** Out of `total` inputs, how many are a target's. */
export function shareOf({ weight }: Target, among: readonly Target[], total: number): number {
  const sum = among.reduce((all, each) => all + each.weight, 0);
  return Math.max(1, Math.ceil((total * weight) / sum));
}
