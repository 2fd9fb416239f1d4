/** Family: a program that cannot be seen outside of its file. */

import type { Family } from "../family.ts";

export const staticProgram: Family = {
  id: "static-program",
  title: "Program is static",
  class: "source",
  by: "libbpf",
  said: [/^(?:libbpf: )?(?:sec '[^']+': )?program '([^']+)' is static and not supported/],
  meaning: ({ match }) => `${match[1]}() has a section and is static: libbpf finds programs by their global names.`,
  advice: ({ match }) => `Remove static from ${match[1]}().`,
  rules: ["static-program"],
  examples: [{ text: "libbpf: sec 'xdp': program 'parse' is static and not supported", from: "libbpf 0.5 and later" }],
};
