/** A field that programs of a type may not read or write, or not so. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const contextAccess: Family = {
  id: "context-access",
  title: "Not allowed in this context",
  class: "source",
  by: "verifier",
  said: [/^invalid bpf_context access off=(-?\d+) size=(\d+)/],
  meaning: ({ match, log, at }) => {
    const [, off = "", size = ""] = match;
    const text = at === undefined ? "" : (log.steps[at]?.text ?? "");
    const done = /^\([0-9a-f]+\) (?:lock )?\*\(/.test(text) ? "write" : text === "" ? "use" : "read";
    return `Programs of this type may not ${done} ${bytes(Number(size))} at offset ${off} of the context: there is no such field, the width is not its own, or it is not for this type${done === "write" ? " or may only be read" : ""}.`;
  },
  advice:
    "Use the struct that this type of program is given (hover over the section tells), each field whole, with its own width. Which fields a type may read and write is in the type's own documentation.",
  rules: ["wrong-context-type", "context-access"],
  examples: [
    { text: "invalid bpf_context access off=16 size=4", from: "4.18 to 7.2" },
    { text: "invalid bpf_context access off=8 size=8", from: "4.18 to 7.2" },
  ],
};
