/** `hookpoint build` as it ships. */

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dist } from "../support/paths.ts";
import { needTool } from "../support/tools.ts";

const CLI = join(dist, "server", "cli.js");
const GOOD =
  '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int p(struct xdp_md *c) { return XDP_PASS; }\n';
const BAD =
  '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int p(struct xdp_md *c)\n{\n\treturn XDP_PAS;\n}\n';

let folder = "";
beforeEach(() => {
  needTool("clang");
  folder = mkdtempSync(join(tmpdir(), "hookpoint build-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = () => ({ ...process.env, XDG_CACHE_HOME: join(folder, ".cache") });

function build(...args: readonly string[]) {
  const options = { cwd: folder, encoding: "utf8", env: environment() } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "build", ...args], options);
  return { status, stdout, stderr };
}

function write(name: string, content: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

test("a folder: objects on stdout, what is wrong with the rest on stderr, with what to do", () => {
  write("a b/good.bpf.c", GOOD);
  write("bad.bpf.c", BAD);
  write("out/ignored.bpf.c", BAD);
  write("user.c", "#include <stdio.h>\n");
  write(".gitignore", "out\n");
  const { status, stdout, stderr } = build(".");
  expect([status, stdout]).toEqual([1, "a b/good.bpf.o\n"]);
  expect(stderr).toContain("bad.bpf.c:5:9: error: use of undeclared identifier 'XDP_PAS'");
  expect(stderr).toContain(" 5 | \treturn XDP_PAS;\n");
  expect(stderr).toMatch(/1 built, 1 failed\.\n$/);
  expect(build(".").stderr).toMatch(/1 up to date, 1 failed\.\n$/);
  expect(build("--force", ".").stderr).toMatch(/1 built, 1 failed\.\n$/);
});

test("--output names an object or a folder, and never two things at once", () => {
  write("x.bpf.c", GOOD);
  write("sub/x.bpf.c", GOOD);
  expect(build("--output", "made.o", "x.bpf.c")).toEqual({ status: 0, stdout: "made.o\n", stderr: "" });
  expect(build("--output", "out/", "x.bpf.c").stdout).toBe(`${join("out", "x.bpf.o")}\n`);
  expect(build("--output", "one.o", "x.bpf.c", "sub")).toMatchObject({ status: 2, stdout: "" });
  expect(build("--output", "out/", "x.bpf.c", "sub").stderr).toContain("would become the same object");
  expect(build("--output", "x.bpf.c", "x.bpf.c").stderr).toContain("is the source itself");
  expect(readdirSync(folder).sort()).toEqual([".cache", "made.o", "out", "sub", "x.bpf.c"]);
});

test("JSON has everything that a script would want", () => {
  write("x.bpf.c", BAD.replace("XDP_PAS", "ETH_P_IP"));
  const { status, stdout, stderr } = build("--format", "json", "x.bpf.c");
  expect([status, stderr]).toEqual([1, ""]);
  expect(JSON.parse(stdout)).toMatchObject({
    format: 1,
    builds: [
      {
        source: join(folder, "x.bpf.c"),
        object: join(folder, "x.bpf.o"),
        ok: false,
        fresh: false,
        compiler: { name: "clang" },
        origin: "derived",
        diagnostics: [
          {
            path: join(folder, "x.bpf.c"),
            range: { start: { line: 5, column: 9 }, end: { line: 5, column: 17 } },
            severity: "error",
            explanation: { id: "macro-not-in-vmlinux" },
          },
        ],
      },
    ],
  });
});

test("--print-flags builds nothing", () => {
  write("x.bpf.c", GOOD);
  write("Makefile", "BPF_CFLAGS = -DMADE\n");
  const { status, stdout } = build("--print-flags", "--flag=-DOWN", "x.bpf.c");
  expect(status).toBe(0);
  for (const row of ["| `-DMADE` | Makefile |", "| `-DOWN` | hookpoint.build.flags |", "## To change them"])
    expect(stdout).toContain(row);
  const { plans } = JSON.parse(build("--print-flags", "--format", "json", "x.bpf.c").stdout);
  expect(plans[0].flags).toContain("-DMADE");
  expect(existsSync(join(folder, "x.bpf.o"))).toBe(false);
});

test("what cannot be done is told once, with exit code 2", () => {
  write("x.bpf.c", GOOD);
  write("y.bpf.c", GOOD);
  const { status, stderr } = build("--clang", join(folder, "no clang"), "x.bpf.c", "y.bpf.c");
  expect([status, stderr.match(/there is no such program/g)?.length]).toEqual([2, 1]);
  for (const args of [["--format", "xml", "x.bpf.c"], ["--compiler", "tcc", "x.bpf.c"], [], ["nowhere.bpf.c"]])
    expect(build(...args).status, args.join(" ")).toBe(2);
});

test("--help shows this command's own options", () => {
  for (const args of [["--help"], ["x.bpf.c", "-h"]]) {
    const { status, stdout } = build(...args);
    expect([status, stdout.split("\n")[0]]).toEqual([0, "Usage:"]);
    expect(stdout).toContain("--print-flags");
  }
});

test("Ctrl-C ends the compiler, leaves nothing half-written and says so by its exit code", async () => {
  write("x.bpf.c", GOOD);
  const slow = join(folder, "slow clang");
  const clang = JSON.parse(build("--print-flags", "--format", "json", "x.bpf.c").stdout).plans[0].program;
  writeFileSync(
    slow,
    `#!/bin/sh\ncase "$*" in *" -c "*) echo $$ > "${join(folder, "pid")}"; exec sleep 600;; esac\nexec "${clang}" "$@"\n`,
  );
  chmodSync(slow, 0o755);
  const child = spawn(process.execPath, [CLI, "build", "--clang", slow, "x.bpf.c"], {
    cwd: folder,
    env: environment(),
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await expect.poll(() => existsSync(join(folder, "pid")), { timeout: 20_000 }).toBe(true);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(readdirSync(folder).filter((name) => name.includes(".o"))).toEqual([]);
}, 30_000);
