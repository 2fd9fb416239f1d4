/** ssh, as the person uses it: names of machines, keys and ways there are in its own configuration. */

import { simpleTool } from "./simple-tool.ts";

export const ssh = simpleTool({
  name: "ssh",
  purpose: "load programs on another machine",
  install: "ssh",
  candidates: ["ssh"],
  question: "-V",
  version: /OpenSSH\w*_(\d+(?:\.\d+)*)/,
});
