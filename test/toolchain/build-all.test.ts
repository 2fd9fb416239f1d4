/** Many builds with the real clang: a few at a time, in order, each for itself, and all of them ended together. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { buildAll, summary } from "../../server/src/toolchain/build-all.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint all-"));
afterAll(() => rmSync(folder, { recursive: true }));
process.env["XDG_CACHE_HOME"] = join(folder, "cache");

let root = "";
let sources: readonly string[] = [];
beforeEach(() => {
  needTool("clang");
  root = mkdtempSync(join(folder, "p "));
  sources = Array.from({ length: 5 }, (_, n) => join(root, `${n}.bpf.c`));
  for (const [n, path] of sources.entries())
    writeFileSync(path, `int p${n}(void) { return ${n === 3 ? "nowhere" : n}; }\n`);
});

test("what fails does not stop the others, and what is up to date is counted", async () => {
  const done: number[] = [];
  const build = () =>
    buildAll(
      [...sources, join(root, "gone.bpf.c")],
      workIn(root),
      () => ({}),
      (_, n) => done.push(n),
    );
  const outcomes = await build();
  expect(
    outcomes.map(({ result, problem }) => result?.ok ?? problem?.message.endsWith("there is no such file.")),
  ).toEqual([...[true, true, true, false, true], true]);
  expect(done).toEqual([1, 2, 3, 4, 5, 6]);
  expect(summary(outcomes)).toBe("4 built, 2 failed");
  expect(summary(await build())).toBe("4 up to date, 2 failed");
  expect(summary([])).toBe("nothing to build");
});

test("when it is cancelled no more is begun, and nothing half-written stays", async () => {
  const abort = new AbortController();
  const work = { ...workIn(root), signal: abort.signal };
  await expect(
    buildAll(
      sources,
      work,
      () => ({}),
      () => abort.abort(),
    ),
  ).rejects.toThrow("Cancelled.");
  const made = readdirSync(root).filter((name) => !name.endsWith(".c"));
  expect(made.length).toBeGreaterThan(0);
  expect(made.length).toBeLessThanOrEqual(2);
  for (const name of made) expect(name).toMatch(/^\d\.bpf\.o$/);
});
