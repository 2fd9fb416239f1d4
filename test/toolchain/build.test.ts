/** Building objects with the real clang. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { objectFile } from "../../server/src/toolchain/plan.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint build-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = 'int f(void *ctx)\n{\n\treturn 0;\n}\nchar LICENSE[] __attribute__((section("license"), used)) = "GPL";\n';

/** A source in a folder of its own. */
function source(name: string, text: string): string {
  const own = mkdtempSync(join(folder, "case "));
  const path = join(own, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test("a plain C file does not get the name of its user-space object", () => {
  expect(objectFile(join("d", "x.bpf.c"))).toBe(join("d", "x.bpf.o"));
  expect(objectFile(join("d", "x.c"))).toBe(join("d", "x.bpf.o"));
});

test.each(["a b.bpf.c", "q'uo\"te.bpf.c", "$(touch pwned).bpf.c", "größe-字.bpf.c", "-o.bpf.c", "a;b&c.bpf.c"])(
  "clang builds an object with BTF and line information of %s",
  async (name) => {
    needTool("clang");
    const path = source(name, GOOD);
    const { ok, plan } = await buildObject(path, workIn(join(path, "..")));
    expect(ok).toBe(true);
    expect(readFileSync(plan.object).includes(".BTF.ext")).toBe(true);
    expect(readdirSync(join(path, "..")).sort()).toEqual([name, name.replace(/\.c$/, ".o")].sort());
  },
);

test("a failed build leaves the last object and nothing else", async () => {
  needTool("clang");
  const path = source("x.bpf.c", GOOD);
  await buildObject(path, workIn(join(path, "..")));
  const before = readFileSync(objectFile(path));
  writeFileSync(path, "int f(void) { return y; }\n");
  const { ok, output } = await buildObject(path, workIn(join(path, "..")));
  expect([ok, output]).toEqual([false, expect.stringContaining("use of undeclared identifier 'y'")]);
  expect(readFileSync(objectFile(path)).equals(before)).toBe(true);
  expect(readdirSync(join(path, "..")).sort()).toEqual(["x.bpf.c", "x.bpf.o"]);
});

test("a cancelled build leaves nothing", async () => {
  needTool("clang");
  const path = source("x.bpf.c", GOOD);
  const abort = new AbortController();
  const work = { ...workIn(join(path, "..")), signal: abort.signal, log: () => abort.abort() };
  await expect(buildObject(path, work)).rejects.toThrow("Cancelled.");
  expect(readdirSync(join(path, ".."))).toEqual(["x.bpf.c"]);
});

test("a source that is not there, and a clang that is none, are said so", async () => {
  const nowhere = join(folder, "nowhere.bpf.c");
  await expect(buildObject(nowhere, workIn(folder))).rejects.toThrow(
    "nowhere.bpf.c cannot be built: there is no such file.",
  );
  const path = source("x.bpf.c", GOOD);
  for (const [clang, reason] of [
    [process.execPath, "does not say its version, as clang would"],
    [join(folder, "no clang"), "cannot be run: there is no such program"],
  ] as const)
    await expect(buildObject(path, workIn(folder, { clang }))).rejects.toThrow(
      `"${clang}", named in hookpoint.tools.clang, ${reason}.`,
    );
  expect(existsSync(objectFile(path))).toBe(false);
});
