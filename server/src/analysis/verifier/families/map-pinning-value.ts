/** Family: a way of pinning that there is not. */

import type { Family } from "../family.ts";

export const mapPinningValue: Family = {
  id: "map-pinning-value",
  title: "No such way of pinning",
  class: "source",
  by: "libbpf",
  said: [/^(?:libbpf: )?map '([^']+)': invalid pinning value (\d+)/, /^unsupported pinning type `([^`]+)`/],
  meaning: "libbpf knows LIBBPF_PIN_NONE (0) and LIBBPF_PIN_BY_NAME (1). Other loaders and tools had more.",
  advice: "Write __uint(pinning, LIBBPF_PIN_BY_NAME), or pin it from the loader with bpf_map__pin().",
  rules: ["invalid-pinning"],
  examples: [
    { text: "libbpf: map 'counts': invalid pinning value 2.", from: "libbpf 0.0.6 and later" },
    { text: "unsupported pinning type `2`", from: "aya" },
  ],
};
