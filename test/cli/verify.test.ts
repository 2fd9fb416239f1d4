/** `hookpoint verify` as it ships, where nobody may load: what is asked for, and in which words. What kernels say is in test/kernel/. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compiled } from "../support/objects.ts";
import { dist } from "../support/paths.ts";
import { needTool } from "../support/tools.ts";

const CLI = join(dist, "server", "cli.js");
/** Nobody, where the tests run as root. */
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), "hookpoint verify-"));
const path = join(folder, "path");
let object = "";

beforeAll(() => {
  needTool("clang");
  needTool("cc");
  chmodSync(folder, 0o755);
  for (const name of ["home", "path"]) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), 0o777);
  }
  const made = compiled('__attribute__((section("xdp"), used)) int pass(void *ctx) { return 2; }\n');
  object = join(folder, "an object $(x) 'é'.o");
  spawnSync("cp", [made, object]);
  chmodSync(object, 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @param sudo what stands on the path by that name */
function verify(sudo: string, ...args: readonly string[]) {
  writeFileSync(join(path, "sudo"), `#!/bin/sh\n${sudo}\n`);
  chmodSync(join(path, "sudo"), 0o755);
  const home = join(folder, "home");
  const own = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: join(home, ".cache"), PATH: `${path}:/usr/bin:/bin` };
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, ...own } } as const;
  const person = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"] : [];
  const [program = "", ...rest] = [...person, process.execPath, CLI, "verify", ...args];
  const { status, stdout, stderr } = spawnSync(program, rest, options);
  return { status, stdout, stderr };
}

/** Lets run what comes behind "--", without rights. */
const HARMLESS = 'while test "$1" != --; do shift; done; shift; exec "$@"';

test("without --sudo nothing is run as root, and the command is shown", () => {
  const { status, stdout, stderr } = verify("echo sudo was run; exit 1", object);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(
    /^hookpoint: Loading programs needs root\. Add --sudo to have this run, or run hookpoint as root:\n {2}'.+\/sudo' -- '.+\/agent' verify -- '.*'\n$/,
  );
  expect(stderr).toContain(object.replaceAll("'", "'\\''"));
});

test("with --sudo it is said before it is used", () => {
  const { status, stdout, stderr } = verify(HARMLESS, "--sudo", object);
  expect(stderr).toMatch(/^As root: '.+\/sudo' -- '.+\/agent' verify -- /);
  // This sudo gives no rights, and the kernel says so.
  expect([status, stdout.split("\n")[0]]).toEqual([1, "pass (xdp): refused"]);
  expect(readdirSync(join(folder, "home"))).toEqual([".cache"]);
});

test("sudo that asks for a password has no terminal here", () => {
  const { status, stdout, stderr } = verify("echo sudo: a password is required >&2; exit 1", "--sudo", object);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("sudo asks for a password, for which there is no terminal here");
});

test("bad use", () => {
  expect(verify("exit 1")).toMatchObject({ status: 2, stdout: "" });
  expect(verify("exit 1", "--format", "xml", object).stderr).toContain('There is no format "xml"');
  expect(verify("exit 1", "--host=-oProxyCommand=x", object)).toMatchObject({
    status: 2,
    stderr: 'hookpoint: "-oProxyCommand=x" is no name of a machine for ssh.\n',
  });
  expect(verify("exit 1", join(folder, "nothing.o")).stderr).toContain("there is no such file");
});
