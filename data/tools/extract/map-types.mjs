// @ts-check
/** Map types: the names of `enum bpf_map_type`. */

import { extractEnum } from "../uapi-enum.mjs";

/** @param {import("../upstream.mjs").Upstreams} upstreams */
export function extract(upstreams) {
  return extractEnum(upstreams, { name: "bpf_map_type", group: "map_types" });
}
