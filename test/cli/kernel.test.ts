/** `hookpoint kernel` as it ships. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dist } from "../support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint kernel'ö $(x) "));
const cli = join(dist, "server", "cli.js");
const LOOP = `#include <bpf/bpf_helpers.h>
SEC("xdp") int sum(struct xdp_md *ctx)
{
	bpf_loop(4, 0, 0, 0);
	return 2;
}
`;
const PASS = '#include <bpf/bpf_helpers.h>\nSEC("xdp") int pass(struct xdp_md *ctx) { return 2; }\n';

beforeAll(() => {
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/loop.bpf.c"), LOOP);
  writeFileSync(join(folder, "src/pass.bpf.c"), PASS);
});
afterAll(() => rmSync(folder, { recursive: true }));

function hookpoint(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "kernel", ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

test("a file with the chain of reasons and what would lower it", () => {
  expect(hookpoint("src/loop.bpf.c")).toEqual({
    status: 0,
    stdout: `src/loop.bpf.c: Linux 5.17
  5.17  bpf_loop(), line 4
  4.8   xdp programs, line 2
  without bpf_loop() in line 4: 4.8
`,
    stderr: "",
  });
});

test("a named kernel is judged, and decides on the exit code", () => {
  const { status, stdout } = hookpoint("--target", "5.10,6.1", "src/loop.bpf.c");
  expect(status).toBe(1);
  expect(stdout).toContain("  on 5.10: no: bpf_loop(), line 4: first in 5.17\n  on 6.1: yes\n");
  expect(hookpoint("--target", "6.1", "src/loop.bpf.c").status).toBe(0);
});

test("a folder as a table", () => {
  const { status, stdout } = hookpoint("--target", "5.10", "--target", "rhel-9.0", "src");
  expect([status, stdout.split("\n").slice(0, 3)]).toEqual([
    1,
    [
      "file            minimum  5.10  rhel-9.0  because of",
      "src/loop.bpf.c  5.17     ✗     ✗         bpf_loop(), line 4",
      "src/pass.bpf.c  4.8      ✓     ✓         xdp programs, line 2",
    ],
  ]);
  const usual = hookpoint("src");
  expect([usual.status, usual.stderr]).toEqual([0, ""]);
  expect(usual.stdout).toMatch(/^file +minimum +4\.19 .*6\.18.*ubuntu-24\.04/);
});

test("where there is no file there is no table", () => {
  for (const name of ["nowhere.bpf.c", "no*.bpf.c"]) {
    const { status, stdout, stderr } = hookpoint(name);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(name);
  }
});

test("JSON has the same, with the facts behind it", () => {
  const { status, stdout } = hookpoint("--format", "json", "--target", "5.10", "src/loop.bpf.c");
  const { format, files } = JSON.parse(stdout);
  expect([status, format]).toEqual([1, 1]);
  expect(files).toMatchObject([
    {
      path: "src/loop.bpf.c",
      minimum: "5.17",
      perhaps: null,
      btf: null,
      reasons: [
        {
          what: "bpf_loop()",
          since: "5.17",
          feature: { kind: "helper", name: "bpf_loop" },
          line: 4,
          programs: ["sum"],
        },
        { what: "xdp programs", since: "4.8" },
      ],
      lowered: [{ minimum: "4.8", without: [{ what: "bpf_loop()", line: 4, column: 2 }], choice: false }],
      programs: [{ name: "sum", section: "xdp", minimum: "5.17", autoload: true }],
      targets: [{ target: "5.10", answer: "no", first: { what: "bpf_loop()", reason: "first in 5.17" } }],
    },
  ]);
});

test("what cannot be read, and kernels that nobody knows", () => {
  expect(hookpoint("nowhere.bpf.c")).toEqual({
    status: 2,
    stdout: "",
    stderr: "nowhere.bpf.c: there is no such file\n",
  });
  expect(hookpoint("--target", "beos", "src")).toMatchObject({ status: 2, stdout: "" });
});
