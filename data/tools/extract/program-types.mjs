// @ts-check
/** Program types: the names of `enum bpf_prog_type`. */

import { extractEnum } from "../uapi-enum.mjs";

/** @param {import("../upstream.mjs").Upstreams} upstreams */
export function extract(upstreams) {
  return extractEnum(upstreams, { name: "bpf_prog_type", group: "program_types" });
}
