/** What the kernel's own comments say of helpers, read from the headers of this machine when somebody wants it. */

import { officialComments } from "./features/official.ts";
import type { Host } from "./host.ts";

/** Where Linux and Homebrew keep libbpf's headers. */
const HELPER_DEFS = ["/usr/include", "/usr/local/include", "/opt/homebrew/include"].map(
  (folder) => `file://${folder}/bpf/bpf_helper_defs.h`,
);

export function officialReader({ readText }: Host): () => Promise<ReadonlyMap<string, string>> {
  let comments: Promise<ReadonlyMap<string, string>> | undefined;
  const read = async (): Promise<ReadonlyMap<string, string>> => {
    for (const uri of HELPER_DEFS) {
      const text = await readText(uri);
      if (text !== undefined) return officialComments(text);
    }
    return new Map();
  };
  return () => {
    comments ??= read();
    return comments;
  };
}
