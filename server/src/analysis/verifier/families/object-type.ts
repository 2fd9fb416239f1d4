/** Family: bpf_obj_new() of something the kernel cannot allocate. */

import type { Family } from "../family.ts";

export const objectType: Family = {
  id: "object-type",
  title: "No such object can be allocated",
  class: "source",
  by: "verifier",
  said: [
    /^bpf_obj_new(?:\/bpf_percpu_obj_new)? (requires prog BTF)/,
    /^bpf_obj_new(?:\/bpf_percpu_obj_new)? type ID argument must be of a (struct)/,
    /^bpf_percpu_obj_new type ID argument must (.+)/,
    /^bpf_percpu_obj_new type size \((\d+)\) is greater than (\d+)/,
  ],
  meaning: ({ match }) =>
    match[1] === "requires prog BTF"
      ? "The kernel must know the type of the object, and the program was loaded without its types."
      : match[2] !== undefined
        ? `An object for each processor may have ${match[2]} bytes, and this has ${match[1]}.`
        : "An object is a struct of this program; one for each processor may hold plain numbers only.",
  advice: "Define a struct in the program and pass it: bpf_obj_new(typeof(*node)); build with -g.",
  rules: ["object-not-a-struct"],
  examples: [
    { text: "bpf_obj_new requires prog BTF", from: "6.2 to 6.6" },
    { text: "bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct", from: "6.8 to 7.2" },
    { text: "bpf_percpu_obj_new type ID argument must not contain special fields", from: "6.8 to 7.2" },
    { text: "bpf_percpu_obj_new type size (600) is greater than 512", from: "6.8 to 7.2" },
  ],
};
