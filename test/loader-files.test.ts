/** Programs in user space and the BPF files of a workspace, many of both. */

import { expect, test } from "vitest";
import type { NamedThing } from "../server/src/analysis/symbols.ts";
import type { BpfFile } from "../server/src/bpf-files.ts";
import { loaderOf, loaderPlaces } from "../server/src/loader-files.ts";

const MANY = 2000;
const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 4 } };

function bpfFile(name: string): BpfFile {
  const thing: NamedThing = { name, kind: "map", detail: "HASH", range, nameRange: range };
  return { things: [thing], headers: new Map() };
}

test("in a workspace of thousands of loaders and sources those of one map are found in a moment", () => {
  const sources = new Map<string, BpfFile>();
  const loaders = new Map<string, ReturnType<typeof loaderOf>>();
  for (let n = 0; n < MANY; n++) {
    sources.set(`file:///w/${n}/p${n}.bpf.c`, bpfFile("seen"));
    const uses = "int f(struct s *s) { return bpf_map__fd(s->maps.seen); }\n".repeat(5);
    const uri = `file:///w/${n}/load.c`;
    loaders.set(uri, loaderOf(uri, `#include "p${n}.skel.h"\n${uses}`));
  }
  const before = performance.now();
  const found = loaderPlaces("seen", "map", new Set(["file:///w/7/p7.bpf.c"]), loaders, sources);
  expect(performance.now() - before).toBeLessThan(3000);
  expect(found.map(({ uri, isSure }) => `${uri} ${isSure}`)).toEqual(Array(5).fill("file:///w/7/load.c true"));
});
