/** What is loaded, for terminals. */

import type { Loaded } from "./loaded.ts";
import { placeText } from "./ways.ts";

export function loadedText({ name, object, since, state, holder, programs, maps, attached }: Loaded): string {
  const lines = [
    `${name}: ${howText({ state, holder })}, since ${new Date(since * 1000).toISOString().replace(/\.000Z$/, "Z")}`,
    `  object ${object}`,
    ...programs.map((one) => `  program ${one.name}${id(one)} ${one.pinned}`),
    ...maps.map((one) => `  map ${one.name}${id(one)} ${one.pinned}`),
    ...attached.map(({ name: program, to, here }) => {
      const where = here === 0 ? ", in another network namespace" : "";
      return `  ${program} ${state === "left" ? "was" : "is"} attached ${placeText("to", to)}${where}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

export function howText({ state, holder }: Pick<Loaded, "state" | "holder">): string {
  if (state === "stays") return "stays until it is unloaded";
  if (state === "left") return "left behind by a process that was killed";
  return holder === undefined ? "held by a process that cannot be seen from here" : `held by process ${holder}`;
}

function id({ id: number }: { readonly id?: number }): string {
  return number === undefined ? "" : ` (id ${number})`;
}
