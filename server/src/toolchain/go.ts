/** go: builds programs that load BPF with cilium/ebpf. */

import { simpleTool } from "./simple-tool.ts";

export const go = simpleTool({
  name: "go",
  purpose: "build the loader of a Go project",
  install: "go",
  candidates: ["go", "/usr/local/go/bin/go"],
  question: "version",
  version: /go version go(\d+(?:\.\d+)*)/,
});
