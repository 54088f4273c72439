/** How long a host may leave requests without a word before they are taken back. Plain data, for it crosses to workers. */
export interface Silence {
  /** `host:port`, as the item's address has it. */
  host: string;
  forMs: number;
}
