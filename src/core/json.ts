/** What JSON can carry. Items, outcomes and run specs are made of it, so that they cross any border unchanged. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };
