/** Every kind of program that a project can be made for, the one to begin with first. */

import { cgroup } from "./cgroup.ts";
import { fentry } from "./fentry.ts";
import { iter } from "./iter.ts";
import type { Kind } from "./kind.ts";
import { kprobe } from "./kprobe.ts";
import { lsm } from "./lsm.ts";
import { perfEvent } from "./perf-event.ts";
import { sockops } from "./sockops.ts";
import { tc } from "./tc.ts";
import { tracepoint } from "./tracepoint.ts";
import { uprobe } from "./uprobe.ts";
import { xdp } from "./xdp.ts";

export const kinds: readonly Kind[] = [
  tracepoint,
  kprobe,
  fentry,
  uprobe,
  xdp,
  tc,
  cgroup,
  sockops,
  lsm,
  iter,
  perfEvent,
];
