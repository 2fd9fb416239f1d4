/** A struct of the kernel, read at an offset that is known only when the program runs. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const kernelPointerOffset: Family = {
  id: "kernel-pointer-offset",
  title: "Offset into a kernel struct is not constant",
  class: "source",
  by: "verifier",
  said: [
    /^R\d+ is ptr_(\w+) invalid variable offset: off=(-?\d+), var_off=(.*)/,
    /^R\d+ (?:is (?:ptr_)?(\w+) )?invalid negative access(?:: off=(-?\d+))?/,
  ],
  meaning: ({ match }) =>
    match[0].includes("negative")
      ? `The program reads ${match[2] === undefined ? "something" : bytes(-Number(match[2]))} before the beginning of ${match[1] === undefined ? "a struct of the kernel" : `struct ${match[1]}`}.`
      : `Fields of struct ${match[1]} can be read only at offsets that are constants; here something is added that is known only when the program runs, as with an index into an array in it.`,
  advice: ({ match }) =>
    match[0].includes("negative")
      ? "To get from a member to the struct around it, use container_of() with bpf_core_cast(), or read it with bpf_probe_read_kernel()."
      : "Copy the array to the stack with bpf_probe_read_kernel() and index the copy, or read the element with it: bpf_probe_read_kernel(&x, sizeof(x), &p->array[i]).",
  rules: ["kernel-struct-access"],
  examples: [
    { text: "R3 is ptr_task_struct invalid variable offset: off=1752, var_off=(0x0; 0x7)", from: "5.5 to 7.2" },
    { text: "R1 is ptr_task_struct invalid negative access: off=-8", from: "5.5 to 7.2" },
    { text: "R1 is bpf_array invalid negative access: off=-8", from: "5.8 to 7.2" },
  ],
};
