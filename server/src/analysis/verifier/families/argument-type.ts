/** An argument of another kind than the helper takes. */

import type { Family, Found } from "../family.ts";
import { isNumber, kindInWords } from "../kinds.ts";
import { calledBy, named } from "../registers.ts";

export const argumentType: Family = {
  id: "argument-type",
  title: "Wrong kind of argument",
  class: "source",
  by: "verifier",
  inGeneral: true,
  said: [/^(R\d+|\*\(R11-\d+\)) type=(\S+) +expected=(.+)/, /^(R\d+) is not a (pointer|scalar)$/],
  meaning,
  advice,
  rules: [
    "constant-address",
    "context-access",
    "map-by-value",
    "misplaced-argument",
    "raw-argument",
    "read-only-memory",
    "released-twice",
    "unchecked-null",
    "unowned-release",
    "use-after-release",
    "wrong-argument-kind",
  ],
  examples: [
    { text: "R1 type=fp expected=map_ptr", from: "4.18 to 7.2" },
    { text: "R2 type=ctx expected=fp", from: "4.18 to 5.9" },
    {
      text: "R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_",
      from: "5.10 to 7.2",
    },
    { text: "R2 type=inv expected=fp, pkt, pkt_meta, map_value, mem", from: "5.10 to 5.17" },
    { text: "R1 type=untrusted_ptr_ expected=ptr_, trusted_ptr_, rcu_ptr_", from: "6.2 to 7.2" },
    { text: "R2 is not a scalar", from: "5.5 to 7.2" },
  ],
};

function meaning(found: Found): string {
  const [, register = "", is = "", wanted = ""] = found.match;
  const subject = named(found, register);
  if (wanted === "")
    return is === "scalar"
      ? `${subject} must be a plain number, and is a pointer or was not set.`
      : `${subject} must be a pointer, and is none.`;
  const what = /^\d/.test(is) || isNumber(is) ? "a plain number" : kindInWords(is);
  return `${subject} must be ${wantedInWords(wanted)}. Here it is ${what}.`;
}

/** Long lists mean memory that may be read; a short one is named. */
function wantedInWords(wanted: string): string {
  const kinds = wanted.split(/, */).filter((kind) => kind !== "");
  if (kinds.includes("fp") && kinds.length !== 2)
    return "a pointer to memory, such as a variable on the stack or the value of a map";
  if (kinds.includes("map_ptr")) return "a map: the address of the map itself, &map";
  if (kinds.some((kind) => /ptr_$/.test(kind))) return "a pointer to a struct of the kernel that the verifier trusts";
  return [...new Set(kinds.map(kindInWords))].join(" or ");
}

function advice(found: Found): string {
  const [, , is = "", wanted = ""] = found.match;
  if (wanted.includes("map_ptr"))
    return `Pass the address of the global map itself (&map)${is === "fp" ? ", and the key behind it: the arguments may be in the wrong order" : ", not a copy of it, nor what a lookup gave"}.`;
  if (/^ctx/.test(wanted))
    return "Pass the context as the program was given it; in BPF_PROG() and BPF_KPROBE() it is called ctx.";
  if (is === "ctx") return "Copy the field to a variable on the stack, and pass the address of that.";
  if (isNumber(is) && /\b(?:fp|mem|map_value)\b/.test(wanted))
    return "Pass the address of a variable on the stack or in a map. Memory of the kernel is copied to the stack with bpf_probe_read_kernel() first, memory of user space with bpf_probe_read_user().";
  if (is.startsWith("untrusted") || /ptr_$/.test(wanted))
    return "Pass an argument of the program as it is, what bpf_get_current_task_btf() gives, or what an acquiring kfunc gave; pointers that were read from memory are not trusted.";
  return calledBy(found) === undefined
    ? "Pass what the called function's declaration asks for."
    : `Pass what ${calledBy(found)}() asks for; hover over it for what each argument must be.`;
}
