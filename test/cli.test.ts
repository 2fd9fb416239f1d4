/** The command line as it ships. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { startServer } from "./lsp/server.ts";
import { dist, example } from "./support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function hookpoint(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "server", "cli.js"), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const BAD = "int f(void *d)\n{\n\treturn bpf_probe_read(d, 4, d);\n}\n";

test("a finding is printed like a compiler's, with its reason", () => {
  const { status, stdout, stderr } = hookpoint("check", write("bad.bpf.c", BAD));
  expect(status).toBe(0);
  expect(
    stdout,
  ).toBe(`bad.bpf.c:3:9: info: bpf_probe_read() does not say whose memory it reads, as bpf_probe_read_kernel() and bpf_probe_read_user() do [deprecated-helper]
 3 | \treturn bpf_probe_read(d, 4, d);
   | \t       ^^^^^^^^^^^^^^
   = why: \`bpf_probe_read()\` and its kin guess from an address whether it belongs to the kernel or to the process
   = help: Replace with bpf_probe_read_kernel() (kernel memory)
   = help: Replace with bpf_probe_read_user() (user memory)
`);
  expect(stderr).toBe("1 finding in 1 file: 1 info\n");
});

test("nothing found is exit code 0 and silence", () => {
  expect(hookpoint("check", write("good.bpf.c", "int x;\n"))).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("bad use is exit code 2 and says what is wrong", () => {
  for (const [args, message] of [
    [[], "No command given"],
    [["check"], "No file given"],
    [["frobnicate"], 'There is no command "frobnicate"'],
    [["check", "--frobnicate", "x.c"], "--frobnicate"],
    [["check", "--target", "soon", "x.c"], '"soon" is no kernel'],
    [["check", "--format", "xml", "x.c"], 'There is no format "xml". Choose text, json, sarif, github, gitlab'],
    [["check", "--rule", "deprecated-helpers", "x.c"], "Did you mean deprecated-helper?"],
    [["check", "--fail-on", "never", "x.c"], '"never" is no severity'],
    [["check", "--jobs", "many", "x.c"], '"many"'],
    [["check", "--unsafe", "x.c"], "give both"],
  ] as const) {
    const { status, stdout, stderr } = hookpoint(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  }
});

test("what is wrong is not hidden behind a page of usage", () => {
  const see = "hookpoint --help lists the commands and their options.\n";
  expect(hookpoint("check", "--formt", "json", "x.c").stderr).toBe(
    `hookpoint: There is no option --formt. Did you mean --format?\n${see}`,
  );
  expect(hookpoint("chekc", "x.c").stderr).toBe(`hookpoint: There is no command "chekc". Did you mean check?\n${see}`);
  expect(hookpoint("check").stderr).toBe(`hookpoint: No file given.\n${see}`);
  expect(hookpoint().stderr).toContain("\nUsage:\n");
});

test("an option that a command does not have is bad use, not ignored", () => {
  write("bad.bpf.c", BAD);
  expect(hookpoint("check", "--program", "xdp", "bad.bpf.c")).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("hookpoint check takes no --program; facts does."),
  });
  expect(hookpoint("model", "--target", "5.4", "bad.bpf.c")).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("takes no --target; check, kernel and facts do."),
  });
});

test("a line of great length is shown in part", () => {
  const name = write("long.bpf.c", `int f(void *d) { ${"bpf_probe_read(d, 4, d); ".repeat(500)} return 0; }\n`);
  const { stdout } = hookpoint("check", name);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThan(400);
});

test("a file that cannot be read is exit code 2, and the others are still checked", () => {
  write("bad.bpf.c", BAD);
  const { status, stdout, stderr } = hookpoint("check", "gone.bpf.c", "bad.bpf.c", write("binary.c", "a\0b"));
  expect(status).toBe(2);
  expect(stdout).toContain("bad.bpf.c:3:9");
  expect(stderr).toContain("gone.bpf.c: there is no such file");
  expect(stderr).toContain("binary.c: is a binary file");
});

test.runIf(process.platform !== "win32")("a link that leads nowhere but to itself is named", () => {
  symlinkSync("loop.bpf.c", join(folder, "loop.bpf.c"));
  const { status, stderr } = hookpoint("check", "loop.bpf.c");
  expect(status).toBe(2);
  expect(stderr).toBe("loop.bpf.c: is a link that leads to itself\n");
});

test("--target and hookpoint.json count, and the command line wins", () => {
  write("bad.bpf.c", BAD);
  const found = (...args: string[]) => {
    const { status, stdout } = hookpoint("check", "--fail-on", "hint", ...args, "bad.bpf.c");
    expect(status).toBe(stdout === "" ? 0 : 1);
    return stdout !== "";
  };
  expect(found("--target", "5.4")).toBe(false);
  write("hookpoint.json", '{ "target": ["5.4"] }');
  expect(found()).toBe(false);
  expect(found("--target", "6.1")).toBe(true);
  write("hookpoint.json", '\ufeff{ "target": ["5.4"] }');
  expect(found()).toBe(false);
  for (const [content, message] of [
    ["{", "is not valid JSON"],
    [
      '{ "rules": { "deprecated-helpers": "off" } }',
      'There is no rule "deprecated-helpers". Did you mean "deprecated-helper"?',
    ],
    ['{ "rules": { "deprecated-helper": "loud" } }', '"loud" is no severity'],
  ] as const) {
    write("hookpoint.json", content);
    const { status, stdout, stderr } = hookpoint("check", "bad.bpf.c");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  }
  write("hookpoint.json", '{ "rules": { "deprecated-helper": "error" } }');
  expect(hookpoint("check", "bad.bpf.c").status).toBe(1);
  rmSync(join(folder, "hookpoint.json"));
});

test("model prints what was understood, as text or in the documented shape", () => {
  write("event.h", "struct event { u64 at; u32 pid; };\n");
  const name = write(
    "m.bpf.c",
    '#include "event.h"\nstruct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct event); __uint(max_entries, 1 << 4); } m SEC(".maps");\nSEC("?fentry.s/do_exit") int BPF_PROG(f, long code) { return g(bpf_map_lookup_elem(&m, &code)); }\n',
  );
  const { status, stdout } = hookpoint("model", "--format", "json", name);
  expect(status).toBe(0);
  const { format, files } = JSON.parse(stdout);
  expect(format).toBe(1);
  expect(files[0].programs[0]).toMatchObject({
    name: "f",
    section: "?fentry.s/do_exit",
    progType: "BPF_PROG_TYPE_TRACING",
    attachType: "BPF_TRACE_FENTRY",
    attachTarget: "do_exit",
    sleepable: true,
    autoload: false,
    args: [{ type: "long", name: "code" }],
    range: { start: { line: 3, column: 1 } },
  });
  expect(files[0].maps[0]).toMatchObject({ name: "m", keySize: 4, valueSize: 16, maxEntries: 16 });
  expect(files[0].calls.map(({ name, kind }: { name: string; kind: string }) => `${kind} ${name}`)).toEqual([
    "macro g",
    "helper bpf_map_lookup_elem",
  ]);
  expect(hookpoint("model", name).stdout).toContain("map m: BPF_MAP_TYPE_HASH, key 4 B, value 16 B, 16 entries");
  expect(hookpoint("model", "--format", "xml", name).stderr).toContain('There is no format "xml"');
});

test("facts answers about kinds, names, any section string and targets", () => {
  const ask = (...words: string[]) => JSON.parse(hookpoint("facts", "--format", "json", ...words).stdout);
  expect(ask().facts.map(({ name }: { name: string }) => name)).toContain("helpers");
  expect(ask("map-types").facts).toHaveLength(37);
  expect(ask("helper", "bpf_loop", "--target", "rhel-9.2,5.10", "--target", "6.1").facts).toMatchObject([
    {
      prototype: "long bpf_loop(__u32 nr_loops, void *callback_fn, void *callback_ctx, __u64 flags)",
      targets: [
        { target: "rhel-9.2", answer: "yes", reason: "Red Hat Enterprise Linux 9.2 has it as a backport" },
        { target: "5.10", answer: "no", reason: "first in 5.17" },
        { target: "6.1", answer: "yes" },
      ],
    },
  ]);
  expect(ask("helper", "bpf_copy_from_user", "--program", "xdp", "--target", "6.1").facts).toMatchObject([
    { allowed: [], targets: [{ answer: "no", reason: "no kernel lets XDP programs call this helper" }] },
  ]);
  expect(ask("section", "kprobe/do exit").facts).toMatchObject([{ valid: true, malformedTarget: expect.any(String) }]);
  expect(ask("section", "maps").facts).toMatchObject([{ data: "legacy-maps" }]);
  expect(ask("section", "xdp_foo").facts).toMatchObject([{ valid: false, instead: "xdp" }]);
  expect(ask("context", "xdp_md").facts).toMatchObject([
    { fields: [{ name: "data", pointer: "packet" }, {}, {}, {}, {}, {}] },
  ]);
  expect(ask("kernel", "5.17").facts).toMatchObject([
    {
      released: "2022-03-20",
      longterm: false,
      gained: { helpers: expect.arrayContaining(["bpf_loop", "bpf_strncmp"]) },
    },
  ]);
  expect(ask("distribution", "rocky-8.6").facts).toMatchObject([{ name: "rhel-8.6", kernel: "4.18" }]);
  expect(ask("section", "?fentry.s/foo").facts).toMatchObject([
    { valid: true, pattern: "fentry.s+", sleepable: true, autoload: false, target: "foo" },
  ]);
  expect(ask("section", "xdp/foo").facts).toMatchObject([{ valid: false }]);
  expect(ask("section", ".maps").facts).toMatchObject([{ valid: true, data: "maps" }]);
  expect(ask("ability", "bounded-loops", "--target", "5.2").facts).toMatchObject([
    { since: "5.3", targets: [{ target: "5.2", answer: "no" }] },
  ]);
  expect(hookpoint("facts", "helper", "bpf_redirect").stdout).toContain("instead: in XDP, takes , otherwise returns");
  expect(ask("flag", "BPF_F_NO_PREALLOC").facts).toMatchObject([{ value: "0x1", since: "4.6" }]);
  expect(hookpoint("facts", "helpers", "--target", "5.4").stdout).toMatch(/^bpf_loop {2}since 5\.17 {2}5\.4: no$/m);
  expect(hookpoint("facts", "helper", "bpf_nope")).toMatchObject({ status: 2, stdout: "" });
  expect(hookpoint("facts", "nonsense").stderr).toContain('There is no kind "nonsense"');
});

test("--help and --version", () => {
  expect(hookpoint("--help").stdout).toContain("hookpoint check");
  expect(hookpoint("--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("the command line and the language server find the same", async () => {
  const server = await startServer();
  try {
    const sources: Record<string, string> = {
      "windows.bpf.c": BAD.replaceAll("\n", "\r\n"),
      "mark.bpf.c": `\ufeff${BAD}`,
      "wide.bpf.c": `/* 𝒳 */ ${BAD.replaceAll("\n", " ")}`,
      "cut.bpf.c": `${BAD}SEC("`,
    };
    for (const name of readdirSync(example).filter((name) => /\.[ch]$/.test(name))) {
      sources[name] = readFileSync(join(example, name), "utf8");
    }
    let findings = 0;
    for (const [name, text] of Object.entries(sources)) {
      const uri = pathToFileURL(join(folder, write(name, text))).href;
      // Editors keep the byte order mark to themselves.
      server.open(uri, text.replace(/^\ufeff/, ""));
      const fromServer = (await server.diagnostics(uri)).map(
        ({ range, code, message }) =>
          `${name}:${range.start.line + 1}:${range.start.character + 1}: ${message} [${code}]`,
      );
      const fromCli = hookpoint("check", name)
        .stdout.split("\n")
        .filter((line) => line.startsWith(name));
      expect(fromCli.map((line) => line.replace(/: (?:error|warning|info|hint): /, ": "))).toEqual(fromServer);
      findings += fromServer.length;
    }
    expect(findings).toBeGreaterThan(4);
  } finally {
    await server.stop();
  }
});
