/** What is counted of each group, and how two of them are one. */
export interface GroupKind<T> {
  empty(): T;
  /** Adds `from` to `into`. */
  merge(into: T, from: T): void;
  /** What makes a group large. */
  size(group: T): number;
}

/**
 * Groups by name, in bounded memory: where there are too many, the smallest are put together into `rest`. A group that
 * comes back after that begins anew, so that its count is a lower bound; of rows that come in the order of the names,
 * and as long as nothing was put together, all counts are exact.
 */
export class TopGroups<T> {
  readonly #kind: GroupKind<T>;
  readonly #most: number;
  readonly #groups = new Map<string, T>();
  #rest: T | null = null;
  #forgotten = 0;

  /** Keeps at least the `most` largest. */
  constructor(kind: GroupKind<T>, most: number) {
    this.#kind = kind;
    this.#most = most;
  }

  /** The group of that name, to be added to at once. */
  at(name: string): T {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    if (this.#groups.size >= 2 * this.#most) this.#putTogether();
    const group = this.#kind.empty();
    this.#groups.set(name, group);
    return group;
  }

  /** How many groups there were; of names that came back more than once at most. */
  get count(): number {
    return this.#groups.size + this.#forgotten;
  }

  /** The `wanted` largest, the largest first and equal ones by name; and all others together, null where there are none. */
  largest(wanted: number): { top: [name: string, group: T][]; rest: T | null } {
    const sorted = this.#sorted();
    const others = sorted.slice(wanted).map(([, group]) => group);
    if (this.#rest !== null) others.push(this.#rest);
    if (others.length === 0) return { top: sorted, rest: null };
    const rest = this.#kind.empty();
    for (const group of others) this.#kind.merge(rest, group);
    return { top: sorted.slice(0, wanted), rest };
  }

  #sorted(): [string, T][] {
    const { size } = this.#kind;
    return [...this.#groups].sort(([a, one], [b, other]) => size(other) - size(one) || (a < b ? -1 : 1));
  }

  #putTogether(): void {
    this.#rest ??= this.#kind.empty();
    for (const [name, group] of this.#sorted().slice(this.#most)) {
      this.#kind.merge(this.#rest, group);
      this.#groups.delete(name);
      this.#forgotten += 1;
    }
  }
}
