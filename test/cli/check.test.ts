/** `hookpoint check` as it ships: formats, fixes, which files, what cannot be read. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import Ajv from "ajv-draft-04";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { progressOf } from "../../server/src/cli/progress.ts";
import { dist } from "../support/paths.ts";

const require = createRequire(import.meta.url);
const BAD = "int f(void *d)\n{\n\treturn bpf_probe_read(d, 4, d);\n}\n";
const IDLE = "int a; // hookpoint: allow unknown-rule\n";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hookpoint check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function check(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "server", "cli.js"), "check", ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function write(name: string, content: string | Uint8Array): string {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
  return name;
}

const read = (name: string): string => readFileSync(join(folder, name), "utf8");

/** The files with findings, in the order of the output. */
function filesIn(...args: readonly string[]): readonly string[] {
  const { files } = JSON.parse(check("--format", "json", ...args).stdout);
  return files.map(({ path }: { path: string }) => path.replaceAll("\\", "/"));
}

describe("formats", () => {
  test("json is what the documentation says", () => {
    write("bad.bpf.c", BAD);
    const { format, hookpoint, files } = JSON.parse(check("--format", "json", "bad.bpf.c").stdout);
    expect(format).toBe(1);
    expect(hookpoint).toMatch(/^\d+\.\d+\.\d+$/);
    expect(files).toMatchObject([
      {
        path: "bad.bpf.c",
        fixed: 0,
        problems: [],
        findings: [
          {
            rule: "deprecated-helper",
            severity: "info",
            range: { start: { line: 3, column: 9 }, end: { line: 3, column: 23 } },
            fixes: [{ safe: false, edits: [{ newText: "bpf_probe_read_kernel" }] }, { safe: false }],
          },
        ],
      },
    ]);
  });

  test("sarif holds against its schema, whatever is reported", () => {
    const schema = require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
      JSON.parse(readFileSync(schema, "utf8")),
    );
    write("a folder/bad.bpf.c", `${BAD}${IDLE}`);
    for (const names of [
      ["a folder/bad.bpf.c"],
      ["a folder/bad.bpf.c", "gone.bpf.c"],
      [write("good.bpf.c", "int a;\n")],
    ]) {
      const log = JSON.parse(check("--format", "sarif", ...names).stdout);
      validate(log);
      expect(validate.errors ?? []).toEqual([]);
    }
    const [run] = JSON.parse(check("--format", "sarif", "a folder/bad.bpf.c").stdout).runs;
    expect(run.results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(["deprecated-helper", "unused-allow"]);
    expect(run.results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: "a%20folder/bad.bpf.c" },
      region: { startLine: 3, startColumn: 9, endLine: 3, endColumn: 23 },
    });
    expect(run.tool.driver.rules[run.results[1].ruleIndex].id).toBe("unused-allow");
    expect(validate({ ...run, version: "2.1.0" })).toBe(false);
  });

  test("github writes one command per finding, with what it means escaped", () => {
    write("100%, or so.bpf.c", BAD);
    const { stdout } = check("--format", "github", "100%, or so.bpf.c");
    expect(stdout).toBe(
      "::notice file=100%25%2C or so.bpf.c,line=3,endLine=3,col=9,endColumn=23,title=deprecated-helper::bpf_probe_read() does not say whose memory it reads, as bpf_probe_read_kernel() and bpf_probe_read_user() do\n",
    );
  });

  test("gitlab's fingerprints outlive a change of line, and differ within a file", () => {
    const issues = (text: string) => JSON.parse(check("--format", "gitlab", write("bad.bpf.c", text)).stdout);
    const [before] = issues(BAD);
    expect(before).toMatchObject({
      check_name: "deprecated-helper",
      severity: "minor",
      location: { path: "bad.bpf.c", lines: { begin: 3, end: 3 } },
    });
    const [moved] = issues(`int a;\n${BAD}`);
    expect(moved.fingerprint).toBe(before.fingerprint);
    const twice = issues(`${BAD}${BAD.replace("f(", "g(")}`);
    expect(new Set(twice.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size).toBe(2);
  });
});

describe("which files", () => {
  test("in a folder the C files with BPF in them, less what ignore files name", () => {
    write("src/a.bpf.c", BAD);
    write("src/plain.c", BAD);
    write("src/told.c", `#include <bpf/bpf_helpers.h>\n${BAD}`);
    write("src/head.bpf.h", BAD);
    write("src/deep/er/b.bpf.c", BAD);
    write("src/gen/c.bpf.c", BAD);
    write("src/node_modules/x/d.bpf.c", BAD);
    write("src/.gitignore", "gen/\n");
    write("src/deep/.hookpointignore", "*.bpf.c\n!b.bpf.c\n");
    write("src/deep/out.bpf.c", BAD);
    expect(filesIn("src")).toEqual(["src/a.bpf.c", "src/deep/er/b.bpf.c", "src/told.c"]);
    expect(filesIn(".")).toEqual(["src/a.bpf.c", "src/deep/er/b.bpf.c", "src/told.c"]);
    // What is named is meant.
    expect(filesIn("src/gen/c.bpf.c", "src/plain.c")).toEqual(["src/gen/c.bpf.c", "src/plain.c"]);
  });

  test("patterns, for shells that do not know them", () => {
    write("src/a.bpf.c", BAD);
    write("src/deep/b.bpf.c", BAD);
    write("src/deep/c.c", BAD);
    expect(filesIn("src/**/*.bpf.c")).toEqual(["src/a.bpf.c", "src/deep/b.bpf.c"]);
    expect(filesIn("**/{b,c}*.c")).toEqual(["src/deep/b.bpf.c", "src/deep/c.c"]);
    expect(filesIn("src/deep/?.c", "src/a.bpf.c")).toEqual(["src/deep/c.c", "src/a.bpf.c"]);
    expect(check("none/**/*.c")).toMatchObject({ status: 2, stderr: expect.stringContaining('no folder "none"') });
    expect(check("src/*.x")).toMatchObject({ status: 2, stderr: "src/*.x: no file matches\n" });
  });

  test("a folder without programs is a mistake of whoever names it", () => {
    write("src/plain.c", "int a;\n");
    expect(check("src")).toMatchObject({ status: 2, stderr: "src: holds no C file with BPF programs in it\n" });
  });

  test("on several threads the output is the same, in the same order", () => {
    for (let i = 0; i < 40; i++) write(`src/${i}.bpf.c`, i % 3 === 0 ? BAD : IDLE.repeat(i));
    const one = check("--jobs", "1", "src");
    expect(check("--jobs", "3", "src")).toEqual(one);
    expect(one.stdout.match(/deprecated-helper/g)).toHaveLength(14);
  });
});

describe("what cannot be read or written is told, with exit code 2", () => {
  test("a vanished file, and the others are still checked", () => {
    const { status, stdout, stderr } = check("gone.bpf.c", write("bad.bpf.c", BAD));
    expect(status).toBe(2);
    expect(stdout).toContain("bad.bpf.c:3:9");
    expect(stderr).toContain("gone.bpf.c: there is no such file");
  });

  test("bytes that are no UTF-8, by their line", () => {
    write("latin.bpf.c", Buffer.from("int a;\n/* caf\xe9 */\n", "latin1"));
    expect(check("latin.bpf.c")).toEqual({
      status: 2,
      stdout: "",
      stderr: "latin.bpf.c: is not UTF-8: line 2 has bytes that mean nothing in it\n",
    });
  });

  test.runIf(process.platform !== "win32")("a folder that links to one above it, and the rest is checked once", () => {
    write("src/a.bpf.c", BAD);
    symlinkSync("..", join(folder, "src/up"));
    const { status, stdout, stderr } = check("src");
    expect(status).toBe(2);
    expect(stdout.match(/a\.bpf\.c/g)).toHaveLength(1);
    expect(stderr).toContain("src/up/src: is a link back to a folder that holds it");
  });

  test.runIf(process.platform !== "win32")("a read-only file stays as it is", () => {
    write("idle.bpf.c", IDLE);
    chmodSync(join(folder, "idle.bpf.c"), 0o444);
    const { status, stdout, stderr } = check("--fix", "idle.bpf.c");
    expect(status).toBe(2);
    expect(stdout).toContain("[unused-allow]");
    expect(stderr).toContain("idle.bpf.c: is read-only, so nothing was fixed");
    expect(read("idle.bpf.c")).toBe(IDLE);
  });
});

describe("--fix", () => {
  test("mends what keeps the meaning; --unsafe mends the rest; a second time there is nothing to do", () => {
    write("x.bpf.c", `${IDLE}${BAD}`);
    expect(check("--fix", "x.bpf.c")).toMatchObject({ status: 0, stderr: expect.stringContaining("1 finding fixed") });
    expect(read("x.bpf.c")).toBe(`int a;\n${BAD}`);
    expect(check("--fix", "--unsafe", "x.bpf.c").stdout).toBe("");
    const fixed = `int a;\n${BAD.replace("probe_read", "probe_read_kernel")}`;
    expect(read("x.bpf.c")).toBe(fixed);
    expect(check("--fix", "--unsafe", "x.bpf.c")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(read("x.bpf.c")).toBe(fixed);
  });

  test("keeps the byte order mark and the line breaks of the file", () => {
    write("w.bpf.c", `\ufeff${IDLE}int b;\n`.replaceAll("\n", "\r\n"));
    check("--fix", "w.bpf.c");
    expect(read("w.bpf.c")).toBe("\ufeffint a;\r\nint b;\r\n");
  });
});

test("each file is judged by what loads it, as its project says", () => {
  const source = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("socket/filter") int f(struct __sk_buff *ctx) { return 0; }
char LICENSE[] SEC("license") = "GPL";
`;
  for (const name of ["c", "go", "rust"]) write(`${name}/bpf/x.bpf.c`, source);
  write("go/go.mod", "module example.org/m\nrequire github.com/cilium/ebpf v0.16.0\n");
  write("rust/Cargo.toml", '[dependencies]\naya = "0.13"\n');
  const { files } = JSON.parse(check("--format", "json", "--rule", "removed-section", ".").stdout);
  expect(files.map(({ path, findings }: { path: string; findings: unknown[] }) => [path, findings.length])).toEqual([
    [join("c", "bpf", "x.bpf.c"), 1],
    [join("go", "bpf", "x.bpf.c"), 0],
    [join("rust", "bpf", "x.bpf.c"), 0],
  ]);
});

test("what another source takes in has the licence that stands there", () => {
  const part =
    '// Licensed under the GPL (the "License").\n#include <bpf/bpf_helpers.h>\nSEC("kprobe/x") int f(void *ctx) { bpf_trace_printk(0, 0); return 0; }\n';
  write("bpf/parts/net/part.c", part);
  write("bpf/parts/alone.c", part);
  write("bpf/main.bpf.c", '#include "parts/net/part.c"\nchar LICENSE[] SEC("license") = "GPL";\n');
  expect(filesWith("missing-licence")).toEqual(["bpf/parts/alone.c"]);
  // Too far above it to be looked at.
  write("bpf/parts/net/a/b/c/d/part.c", part);
  write("bpf/far.bpf.c", '#include "parts/net/a/b/c/d/part.c"\nchar LICENSE[] SEC("license") = "GPL";\n');
  expect(filesWith("missing-licence")).toEqual(["bpf/parts/alone.c", "bpf/parts/net/a/b/c/d/part.c"]);
});

function filesWith(rule: string): readonly string[] {
  const { files } = JSON.parse(check("--format", "json", "--rule", rule, ".").stdout);
  return files
    .filter(({ findings }: { findings: readonly unknown[] }) => findings.length > 0)
    .map(({ path }: { path: string }) => path.replaceAll("\\", "/"));
}

test("--rule names what is looked for, --fail-on what fails", () => {
  write("x.bpf.c", `${IDLE}${BAD}`);
  const { stdout } = check("--rule", "deprecated-helper", "x.bpf.c");
  expect([...stdout.matchAll(/\[([\w-]+)\]$/gm)].map(([, rule]) => rule)).toEqual(["deprecated-helper"]);
  expect(check("--rule", "deprecated-helper", "x.bpf.c").status).toBe(0);
  expect(check("--rule", "deprecated-helper", "--fail-on", "info", "x.bpf.c").status).toBe(1);
  expect(check("--rule", "unused-allow", "--fail-on", "info", "x.bpf.c").status).toBe(0);
});

test("--stats counts findings by rule", () => {
  const { stderr } = check("--stats", write("x.bpf.c", `${IDLE}${BAD}${IDLE.replace("a", "b")}`));
  expect(stderr).toMatch(/^ +2 {2}unused-allow\n +1 {2}deprecated-helper\n1 file in \d+\.\d\d s/m);
});

test("--explain tells of rules, and of what the kernel has", () => {
  expect(check("--explain", "deprecated-helper").stdout).toContain("# deprecated-helper\n\nA helper that newer ones");
  expect(check("--explain", "rules").stdout).toMatch(/^unused-allow +A comment that allows/m);
  expect(check("--explain", "bpf_loop", "--target", "5.4").stdout).toMatch(/Not on 5\.4.*first in 5\.17/);
  expect(check("--explain", "fentry.s/foo").stdout).toContain("BPF_TRACE_FENTRY");
  expect(check("--explain", ".maps").stdout).toContain("map");
  const { status, stderr } = check("--explain", "bpf_lop");
  expect(status).toBe(2);
  expect(stderr).toContain("Did you mean bpf_loop?");
});

test("a bar shows how far it is, on a terminal and for many files only", () => {
  const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  const shown = (total: number, isTTY: boolean): string => {
    const out = stream(isTTY);
    const progress = progressOf(total, out);
    progress.step();
    progress.clear();
    return String((out as unknown as PassThrough).read() ?? "");
  };
  expect(shown(100, true)).toMatch(/^\r\[·+\] 1 of 100 files\r.\[K$/);
  expect(shown(100, false)).toBe("");
  expect(shown(3, true)).toBe("");
});
