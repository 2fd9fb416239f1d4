// @ts-check
/** Commands of the bpf() system call: the names of `enum bpf_cmd`. */

import { extractEnum } from "../uapi-enum.mjs";

/** @param {import("../upstream.mjs").Upstreams} upstreams */
export function extract(upstreams) {
  return extractEnum(upstreams, { name: "bpf_cmd", group: "syscall_commands" });
}
