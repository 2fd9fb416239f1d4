/** Lines in .gitignore, as git itself reads them. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { addToIgnored, ignoreFileFor } from "../../server/src/toolchain/gitignore.ts";
import { needTool } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint ignore-"));
afterAll(() => rmSync(folder, { recursive: true }));

function repository(ignored?: string): string {
  const own = mkdtempSync(join(folder, "r "));
  execFileSync("git", ["init", "-q"], { cwd: own });
  if (ignored !== undefined) writeFileSync(join(own, ".gitignore"), ignored);
  return own;
}

function isIgnored(own: string, path: string): boolean {
  try {
    execFileSync("git", ["check-ignore", "-q", path], { cwd: own });
    return true;
  } catch {
    return false;
  }
}

test.each(["vmlinux.h", "src/vmlinux.h", "a b/[x]*?.h", "!odd", "#odd", "ends in space "])(
  "git ignores %j afterwards, and nothing beside it",
  async (name) => {
    needTool("git");
    const own = repository();
    const path = join(own, name);
    mkdirSync(dirname(path), { recursive: true });
    expect(await addToIgnored(path)).toBe(true);
    expect(isIgnored(own, name)).toBe(true);
    expect(isIgnored(own, `${name}x`)).toBe(false);
    expect(await addToIgnored(path)).toBe(false);
  },
);

test("other lines stay as they are, with their line ends and a last one that was missing", async () => {
  needTool("git");
  const own = repository("*.o\r\n# mine\r\n!keep.o");
  await addToIgnored(join(own, "vmlinux.h"));
  expect(readFileSync(join(own, ".gitignore"), "utf8")).toBe("*.o\r\n# mine\r\n!keep.o\r\n/vmlinux.h\r\n");
});

test.each(["vmlinux.h", "/include/vmlinux.h", "**/vmlinux.h", "include/", "/include"])(
  "what %j covers is not named again",
  async (line) => {
    needTool("git");
    const own = repository(`${line}\n`);
    expect(await ignoreFileFor(join(own, "include", "vmlinux.h"))).toBeUndefined();
    expect(isIgnored(own, "include/vmlinux.h")).toBe(true);
  },
);

test("without a repository there is nothing to ignore", async () => {
  const own = mkdtempSync(join(folder, "none-"));
  expect(await addToIgnored(join(own, "vmlinux.h"))).toBe(false);
});
