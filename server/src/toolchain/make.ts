/** make: what most C projects are built with. */

import { simpleTool } from "./simple-tool.ts";

export const make = simpleTool({
  name: "make",
  purpose: "build projects that have a Makefile",
  install: "make",
  candidates: ["make", "gmake"],
  version: /GNU Make (\d+(?:\.\d+)*)/,
});
