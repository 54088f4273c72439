import type { ShardLayout } from './layout.ts';
import type { RowMaker } from './row.ts';
import type { PackSpec } from './settings.ts';

/** What all shards of a run have in common. */
export interface ShardContext {
  spec: PackSpec;
  layout: ShardLayout;
  maker: RowMaker;
}
