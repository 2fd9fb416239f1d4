/** Family: giving back what was never taken, or was given back already. */

import type { Family, Found } from "../family.ts";
import { calledBy } from "../registers.ts";
import { valueCameFrom } from "../story/value.ts";

export const releaseWithoutReference: Family = {
  id: "release-without-reference",
  title: "Gives back what it does not hold",
  class: "source",
  by: "verifier",
  said: [
    /^func (\w+)#\d+ reference has not been acquired before/,
    /^kfunc (\w+)#\d+ reference has not been acquired before/,
    /^release kernel function (\w+) expects refcounted PTR_TO_BTF_ID/,
    /^release (?:helper|kfunc) (\w+) expects referenced PTR_TO_BTF_ID passed to \S+/,
    /^R\d+ must be referenced when passed to release function/,
    /^arg \d+ is an unacquired reference/,
    /^allocated object must be referenced/,
  ],
  meaning: (found) =>
    `${nameOf(found) ?? "This function"} gives something back, and the pointer it gets is none that this program took and still holds: it was given back before on this path, or came from a place that hands out nothing of one's own.`,
  advice:
    "Give back exactly once what the matching function handed out, and set the variable to NULL or leave afterwards.",
  story: (found) => valueCameFrom(found, "R1"),
  rules: ["released-twice", "unowned-release", "use-before-setup"],
  examples: [
    { text: "func bpf_sk_release#86 reference has not been acquired before", from: "5.1 to 7.1" },
    { text: "kfunc bpf_task_release#12 reference has not been acquired before", from: "5.19 to 7.1" },
    { text: "release kernel function bpf_task_release expects refcounted PTR_TO_BTF_ID", from: "5.19 to 7.1" },
    { text: "release kfunc bpf_task_release expects referenced PTR_TO_BTF_ID passed to R1", from: "7.2" },
    { text: "R1 must be referenced when passed to release function", from: "5.19 to 7.1" },
    { text: "arg 1 is an unacquired reference", from: "5.19 to 7.1" },
    { text: "allocated object must be referenced", from: "6.2 to 7.2" },
  ],
};

function nameOf(found: Found): string | undefined {
  const name = found.match[1] ?? calledBy(found);
  return name === undefined ? undefined : `${name}()`;
}
