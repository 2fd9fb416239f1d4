/** Nothing is built twice, and nothing stale is taken for fresh. */

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { type BuildOptions, buildObject } from "../../server/src/toolchain/build.ts";
import type { Choices } from "../../server/src/toolchain/choices.ts";
import { objectFile } from "../../server/src/toolchain/plan.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint fresh-"));
afterAll(() => rmSync(folder, { recursive: true }));
process.env["XDG_CACHE_HOME"] = join(folder, "cache");

let root = "";
let source = "";
beforeEach(() => {
  needTool("clang");
  root = mkdtempSync(join(folder, "p "));
  mkdirSync(join(root, "inc ü"));
  source = join(root, "x.bpf.c");
  writeFileSync(
    source,
    '#include <k.h>\n#if __has_include("maybe.h")\n#define N 2\n#else\n#define N 1\n#endif\nint p(void) { return K + N; }\n',
  );
  writeFileSync(join(root, "inc ü", "k.h"), "#define K 1\n");
});

const FLAGS = ["-Iinc ü"];

async function isFresh(choices: Partial<Choices> = {}, options: BuildOptions = {}): Promise<boolean> {
  const { ok, fresh, output } = await buildObject(source, workIn(root, { flags: FLAGS, ...choices }), options);
  expect(ok, output).toBe(true);
  return fresh;
}

test("what is as it was is not built again, and its warnings are told again", async () => {
  writeFileSync(source, "int p(void) { int unused; return 0; }\n");
  const build = () => buildObject(source, workIn(root));
  const first = await build();
  const second = await build();
  expect([first.fresh, second.fresh]).toEqual([false, true]);
  expect(first.diagnostics).toMatchObject([{ severity: "warning", flag: "-Wunused-variable" }]);
  expect(second.diagnostics).toEqual(first.diagnostics);
  expect(second.output).toBe(first.output);
  expect(readdirSync(root).sort()).toEqual(["inc ü", "x.bpf.c", "x.bpf.o"]);
});

test("dates alone say nothing", async () => {
  await isFresh();
  utimesSync(source, new Date(), new Date());
  utimesSync(objectFile(source), new Date(0), new Date(0));
  expect(await isFresh()).toBe(true);
});

const CHANGES: Readonly<Record<string, () => void>> = {
  "a comment": () => writeFileSync(source, "/* longer */ int p(void) { return 1; }\n"),
  "an included header": () => writeFileSync(join(root, "inc ü", "k.h"), "#define K 2\n"),
  "a comment in a header": () => writeFileSync(join(root, "inc ü", "k.h"), "#define K 1 // one\n"),
  "a header that now stands before": () => writeFileSync(join(root, "k.h"), "#define K 1\n"),
  "a header that is only asked for": () => writeFileSync(join(root, "maybe.h"), ""),
  "the object, by somebody else": () => writeFileSync(objectFile(source), "not ours"),
  "the object, by its absence": () => rmSync(objectFile(source)),
  "what is remembered, by its damage": () => {
    const kept = join(folder, "cache", "hookpoint", "builds");
    for (const name of readdirSync(kept)) writeFileSync(join(kept, name), '{"inputs": 3}');
  },
};

for (const [what, change] of Object.entries(CHANGES))
  test(`${what} is enough to build again`, async () => {
    if (what === "a header that now stands before")
      writeFileSync(join(root, "hookpoint.json"), '{ "build": { "flags": ["-I."] } }');
    await isFresh();
    expect(await isFresh()).toBe(true);
    change();
    expect(await isFresh()).toBe(false);
    expect(await isFresh()).toBe(true);
  });

test("a source that names another, which is not there, is built each time", async () => {
  writeFileSync(source, '#line 1 "gen.y"\nint p(void) { return 1; }\n');
  for (let i = 0; i < 2; i++) expect(await buildObject(source, workIn(root))).toMatchObject({ ok: true, fresh: false });
});

test("other flags, and being told to, are enough", async () => {
  await isFresh();
  expect(await isFresh({ flags: [...FLAGS, "-DX"] })).toBe(false);
  expect(await isFresh({}, { force: true })).toBe(false);
  expect(await isFresh()).toBe(true);
});

test("a file that is saved while it is compiled is not taken for built", async () => {
  const slow = join(root, "clang slow");
  const real = (await buildObject(source, workIn(root, { flags: FLAGS }), { force: true })).plan.program;
  // Compiles, and then somebody saves.
  writeFileSync(
    slow,
    `#!/bin/sh\n"${real}" "$@" || exit 1\ncase "$*" in *" -c "*) echo "int late;" >> "${source}";; esac\n`,
  );
  chmodSync(slow, 0o755);
  expect(await isFresh({ clang: slow })).toBe(false);
  expect(await isFresh({ clang: slow }), "the one before has missed the last line").toBe(false);
});

test("another compiler under the same name is enough", async () => {
  const { plan } = await buildObject(source, workIn(root, { flags: FLAGS }));
  const wrapper = join(root, "my clang");
  const write = (words: string): void => {
    writeFileSync(wrapper, `#!/bin/sh\n# ${words}\nexec "${plan.program}" "$@"\n`);
    chmodSync(wrapper, 0o755);
  };
  write("one");
  await isFresh({ clang: wrapper });
  expect(await isFresh({ clang: wrapper })).toBe(true);
  write("another");
  expect(await isFresh({ clang: wrapper })).toBe(false);
});

test("a home without room costs nothing but time", async () => {
  const before = process.env["XDG_CACHE_HOME"];
  process.env["XDG_CACHE_HOME"] = source;
  try {
    expect([await isFresh(), await isFresh()]).toEqual([false, false]);
  } finally {
    process.env["XDG_CACHE_HOME"] = before;
  }
});

test("the same source built to another place is another build", async () => {
  await isFresh();
  const object = join(root, "out", "y.o");
  expect(await isFresh({}, { object })).toBe(false);
  expect(await isFresh({}, { object })).toBe(true);
  copyFileSync(object, objectFile(source));
  expect(await isFresh({}, { object })).toBe(true);
});
