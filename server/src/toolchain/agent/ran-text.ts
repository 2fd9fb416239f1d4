/** What came of a run, in a sentence and in bytes. */

import { changeOf, returnedText } from "./returned.ts";
import type { Ran } from "./run-program.ts";

/** `swap returned 3 (XDP_TX) after 40 ns` */
export function ranSentence(ran: Ran): string {
  const time = ran.nanoseconds === undefined ? "" : ` after ${ran.nanoseconds} ns`;
  return `${ran.program} returned ${returnedText(ran)}${time}`;
}

export function ranText(ran: Ran): string {
  const change = changeOf(ran);
  const lines = [
    ranSentence(ran),
    ...(change === undefined ? [] : [change]),
    ...(ran.data === undefined ? [] : dump(ran.data)),
    ...(ran.context === undefined || ran.context === "" ? [] : ["context", ...dump(ran.context)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What people write bytes as: `ff ff`, `ff:ff`, `0xff 0xff`; undefined for what is none. */
export function bytesOfHex(text: string): Buffer | undefined {
  const digits = text.replaceAll(/[\s:,]|0x/gi, "");
  return /^(?:[\da-f]{2})+$/i.test(digits) ? Buffer.from(digits, "hex") : undefined;
}

/** Sixteen bytes a line. */
function dump(hex: string): readonly string[] {
  return (hex.match(/.{1,32}/g) ?? []).map(
    (line, i) => `  ${(i * 16).toString(16).padStart(4, "0")}  ${line.replaceAll(/..(?=.)/g, "$& ")}`,
  );
}
