/** An access beyond the key of a map. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const mapKeyOutOfBounds: Family = {
  id: "map-key-out-of-bounds",
  title: "Access beyond the key of a map",
  class: "source",
  by: "verifier",
  said: [/^invalid access to map key, key_size=(\d+) off=(-?\d+) size=(\d+)/],
  meaning: ({ match }) => {
    const [, whole = 0, off = 0, size = 0] = match.map(Number);
    return `A key of this map has ${bytes(whole)}, and ${bytes(size)} at offset ${off} are used.`;
  },
  advice: "Use the type that the map is declared with: __type(key, …).",
  rules: ["access-out-of-bounds"],
  examples: [{ text: "invalid access to map key, key_size=4 off=0 size=8", from: "5.13 to 7.2" }],
};
