// @ts-check
/** Link types: the names of `enum bpf_link_type`. */

import { extractEnum } from "../uapi-enum.mjs";

/** @param {import("../upstream.mjs").Upstreams} upstreams */
export function extract(upstreams) {
  return extractEnum(upstreams, { name: "bpf_link_type", group: "link_type" });
}
