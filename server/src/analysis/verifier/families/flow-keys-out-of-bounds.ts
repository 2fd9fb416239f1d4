/** Bytes that are no part of the flow keys. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const flowKeysOutOfBounds: Family = {
  id: "flow-keys-out-of-bounds",
  title: "Access beyond the flow keys",
  class: "source",
  by: "verifier",
  said: [
    /^invalid access to flow keys off=(-?\d+) size=(\d+)/,
    /^R\d+ invalid variable offset to flow keys: off=(-?\d+)/,
  ],
  meaning: ({ match: [, off, size] }) =>
    size === undefined
      ? "The flow keys are used at an offset that is known only when the program runs; it must be a constant."
      : `The program uses ${bytes(Number(size))} at offset ${off}, which is no part of struct bpf_flow_keys.`,
  advice: "Use the members of struct bpf_flow_keys by their names, and no index that is computed.",
  rules: ["access-out-of-bounds"],
  examples: [
    { text: "invalid access to flow keys off=56 size=1", from: "4.20 to 7.2" },
    { text: "R1 invalid variable offset to flow keys: off=0, var_off=(0x0; 0x7)", from: "7.2" },
  ],
};
