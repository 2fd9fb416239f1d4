/** When files are looked at: soon after what has arrived, and once more when typing rests. */

import type { Host } from "./host.ts";

export interface Scheduler {
  /** After the requests that are already waiting: answer first, analyse after. */
  soon(this: void, uri: string): void;
  whenIdle(uri: string, after: number): void;
  forget(uri: string): void;
  stop(): void;
}

export function scheduler(
  later: Host["later"],
  now: (uri: string) => Promise<void>,
  idle: (uri: string) => Promise<void>,
  failed: (error: unknown) => void,
): Scheduler {
  const waiting = new Set<string>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  // One file per turn: what arrives in between is answered before the next.
  const flush = (): void => {
    const [uri] = waiting;
    if (uri === undefined) return;
    waiting.delete(uri);
    if (waiting.size > 0) later(flush);
    now(uri).catch(failed);
  };
  const forget = (uri: string): void => {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    waiting.delete(uri);
  };
  return {
    soon: (uri) => {
      if (waiting.size === 0) later(flush);
      waiting.add(uri);
    },
    whenIdle: (uri, after) => {
      clearTimeout(timers.get(uri));
      timers.set(
        uri,
        setTimeout(() => idle(uri).catch(failed), after),
      );
    },
    forget,
    stop: () => [...timers.keys(), ...waiting].forEach(forget),
  };
}
