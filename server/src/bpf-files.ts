/** The BPF files of the workspace: what each has that others go to, and which headers it takes in. */

import { buildModel } from "./analysis/model.ts";
import { type NamedThing, thingsOf, thingsOfHeader } from "./analysis/symbols.ts";
import type { HeaderFollower } from "./headers.ts";
import { isBpfSource } from "./protocol.ts";
import type { Digest, Index, Workspace } from "./workspace.ts";

export interface BpfFile {
  readonly things: readonly NamedThing[];
  /** The headers that were followed, each with what it has. One object for all files that include it in the same way. */
  readonly headers: ReadonlyMap<string, readonly NamedThing[]>;
}

/** Where BPF programs stand. Their headers come with them. */
const ENDINGS = [".c", ".bpf.h"];

export function bpfFilesOf(
  workspace: Workspace,
  headers: HeaderFollower,
  isOpen: (uri: string) => boolean,
): Index<BpfFile> {
  const ofHeader = new WeakMap<object, readonly NamedThing[]>();
  return workspace.index<BpfFile>({
    endings: ENDINGS,
    digest: async (uri, text): Promise<Digest<BpfFile> | undefined> => {
      if (!isBpfSource(uri, text)) return undefined;
      const followed = await headers.follow(uri, text);
      if (!isOpen(uri)) headers.leave(uri);
      const { model, tree } = buildModel(text, undefined, { headers: followed });
      tree.dispose();
      const included = new Map(
        followed.list.map((header) => {
          const things = ofHeader.get(header) ?? thingsOfHeader(header);
          ofHeader.set(header, things);
          return [header.uri, things];
        }),
      );
      return { value: { things: thingsOf(model), headers: included }, reads: new Set(included.keys()) };
    },
  });
}
