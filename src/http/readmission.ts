/** Requests that may be tried again together at first, after their host had refused them. */
const atFirst = 4;

interface Door {
  /** How many may be inside. */
  width: number;
  inside: number;
  /** Slow start is over. */
  wasTooWide: boolean;
  waiting: Set<Waiting>;
}

interface Waiting {
  enter: () => void;
  refuse: (error: Error) => void;
}

/**
 * Lets requests that a host refused (429, 503) back to it a few at a time: all at once they would be refused again. The
 * door begins narrow and widens with each that is served, to twice its width in a round (slow start); once one was
 * refused it is halved, and widens by one in a round (RFC 5681).
 */
export class Readmission {
  readonly #doors = new Map<string, Door>();

  /**
   * Resolves with true when the host may be tried again; then `leave` has to be called. With false when that was not
   * so within `withinMs`.
   */
  async enter(host: string, withinMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const door = this.#doors.get(host) ?? {
      width: atFirst,
      inside: 0,
      wasTooWide: false,
      waiting: new Set(),
    };
    this.#doors.set(host, door);
    if (door.inside < Math.floor(door.width)) {
      door.inside += 1;
      return true;
    }
    return await wait(door.waiting, withinMs);
  }

  /** One that had entered ended: it was served, refused again, or did not get as far as that. */
  leave(host: string, how: 'served' | 'refused' | 'unanswered'): void {
    const door = this.#doors.get(host);
    if (door === undefined) return;
    door.inside -= 1;
    if (how === 'refused') {
      door.width = Math.max(1, door.width / 2);
      door.wasTooWide = true;
    } else if (how === 'served') door.width += door.wasTooWide ? 1 / door.width : 1;
    for (const next of door.waiting) {
      if (door.inside >= Math.floor(door.width)) break;
      door.inside += 1;
      next.enter();
    }
    if (door.inside === 0) this.#doors.delete(host);
  }

  /** Whoever waits is told why it is of no use. */
  stop(error: Error): void {
    for (const { waiting } of this.#doors.values()) {
      for (const { refuse } of [...waiting]) refuse(error);
    }
  }
}

/** Until it is called in, or its time is over; `waiting` has it as long as neither is so. */
function wait(waiting: Set<Waiting>, withinMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      waiting.delete(self);
    };
    const self: Waiting = {
      enter: () => {
        over();
        resolve(true);
      },
      refuse: (error) => {
        over();
        reject(error);
      },
    };
    waiting.add(self);
    // More would go off at once (24 days).
    const timer =
      withinMs >= 2 ** 31
        ? undefined
        : setTimeout(() => {
            over();
            resolve(false);
          }, withinMs);
  });
}
