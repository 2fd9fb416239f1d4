// @ts-check
/** Attach types: the names of `enum bpf_attach_type`. */

import { extractEnum } from "../uapi-enum.mjs";

/** @param {import("../upstream.mjs").Upstreams} upstreams */
export function extract(upstreams) {
  return extractEnum(upstreams, { name: "bpf_attach_type", group: "attach_types" });
}
