/** Family: something that cannot be called back. */

import type { Family } from "../family.ts";

export const callbackFunction: Family = {
  id: "callback-function",
  title: "Cannot be called back",
  class: "source",
  by: "verifier",
  said: [
    /^callback function not static/,
    /^callback function cannot be the main program/,
    /^callback function not allowed for map/,
    /^(?:arg\d+|R\d+) expected pointer to func/,
    /^kfunc (\w+)#\d+ failed callback verification/,
    /^cannot (tail call|use BPF_LD_\[ABS\|IND\]) within callback/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (all.includes("static"))
      return "The function is global, and those are looked at on their own: the verifier could not follow what the call passes to it.";
    if (all.includes("main program")) return "The program itself is passed as the function to call back.";
    if (all.includes("for map")) return "bpf_for_each_map_elem() does not walk maps of this type.";
    if (all.includes("within"))
      return "The function is called back by the kernel, and cannot be replaced by another program or left halfway.";
    return "This argument must be the name of a static function of this file.";
  },
  advice: ({ match: { 0: all } }) =>
    all.includes("for map") ? "Use it with arrays and hashes." : "Pass a static function of this file by its name.",
  rules: ["callback-not-static"],
  examples: [
    { text: "callback function not static", from: "5.13 to 7.2" },
    { text: "callback function cannot be the main program", from: "after 7.2, and stable releases of 6.1 and 6.12" },
    { text: "callback function not allowed for map", from: "5.13 to 7.2" },
    { text: "arg2 expected pointer to func", from: "6.6 to 7.1" },
    { text: "kfunc bpf_wq_set_callback_impl#3 failed callback verification", from: "6.3 to 7.2" },
    { text: "cannot tail call within callback", from: "after 7.2" },
  ],
};
