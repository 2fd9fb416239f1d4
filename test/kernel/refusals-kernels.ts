/** The kernels to which broken programs are given. */

import { join } from "node:path";
import { thisMachine } from "../../server/src/toolchain/agent/here.ts";
import type { AskableKernel } from "../../server/src/toolchain/agent/kernel-answer.ts";
import { guests } from "../../server/src/toolchain/guests/guests.ts";
import { root } from "../support/paths.ts";
import { SERIES, testImage, whyNoGuests } from "./guest-images.ts";
import { whyNotHere } from "./toolbox.mjs";

export interface TestKernel {
  /** As programs name it behind "on:": "host", "guest 6.1". */
  readonly name: string;
  readonly start: () => AskableKernel | Promise<AskableKernel>;
  readonly stop?: () => Promise<void>;
  /** Why it cannot be had here. */
  readonly skip?: () => string | undefined;
}

export const AGENT = join(root, "server/src/toolchain/agent");

const inGuests = guests({ source: AGENT, acceleration: "off", idleSeconds: 300 });

export const kernels: readonly TestKernel[] = [
  { name: "host", start: () => thisMachine(AGENT, { mayUseRoot: async () => false }) },
  ...SERIES.map(
    (series): TestKernel => ({
      name: `guest ${series}`,
      start: async () => inGuests.kernel(await testImage(series)),
      stop: inGuests.end,
      skip: whyNoGuests,
    }),
  ),
];

/** Why nothing can be built or loaded here at all. */
export function whyNot(): string | undefined {
  return whyNotHere();
}
