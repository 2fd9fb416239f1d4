/** The code that is kept between runs: a shortcut that is never in the way. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dist } from "../support/paths.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hookpoint code-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const folder = (): string => join(home, "hookpoint", "code");

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(dist, "server", "cli.js"), ...args], {
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: home, HOME: home },
  });
}

/** Runs, and returns the one file that is kept then. */
function kept(): string {
  const { status, stdout } = run("facts", "helper", "bpf_loop");
  expect(stdout).toContain("bpf_loop");
  expect(status).toBe(0);
  const [name, ...more] = readdirSync(folder());
  expect(more).toEqual([]);
  return join(folder(), name ?? "");
}

// Elsewhere the folder is another.
const onLinux = test.runIf(process.platform === "linux");

onLinux("kept once, for the user alone, and used as it is", () => {
  const path = kept();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder()).mode & 0o777).toBe(0o700);
  const { mtimeMs } = statSync(path);
  expect(kept()).toBe(path);
  expect(statSync(path).mtimeMs).toBe(mtimeMs);
});

onLinux.each([
  ["cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
  ["empty", () => Buffer.alloc(0)],
  [
    "changed in one place",
    (bytes: Buffer) => Buffer.from(bytes).fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 8),
  ],
])("what is %s is made anew", (_, damage) => {
  const path = kept();
  const whole = readFileSync(path);
  writeFileSync(path, damage(whole));
  expect(kept()).toBe(path);
  expect(statSync(path).size).toBeGreaterThan(whole.length / 2);
  expect(readFileSync(path).equals(damage(whole))).toBe(false);
});

onLinux("what others may write to is not run", () => {
  const path = kept();
  chmodSync(path, 0o666);
  kept();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

onLinux("where nothing can be kept nothing is said", () => {
  writeFileSync(join(home, "hookpoint"), "a file is in the way");
  for (const command of [["--version"], ["facts", "helper", "bpf_loop"]])
    expect(run(...command)).toMatchObject({ status: 0, stderr: "" });
});

onLinux("what needed much more code is kept in its place", () => {
  expect(run("--version").status).toBe(0);
  const [name = ""] = readdirSync(folder());
  const { size } = statSync(join(folder(), name));
  writeFileSync(join(home, "a.bpf.c"), 'SEC("xdp") int f(struct xdp_md *ctx) { return bpf_ktime_get_ns() > 9; }\n');
  expect(run("check", join(home, "a.bpf.c")).status).toBe(0);
  expect(readdirSync(folder())).toEqual([name]);
  expect(statSync(join(folder(), name)).size).toBeGreaterThan(size * 1.15);
});
