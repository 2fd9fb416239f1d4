/** Where the flags of a build come from, and what is done with them: each case is a project on disk. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { splitWords } from "../../server/src/toolchain/flags/split.ts";
import { machineOf } from "../../server/src/toolchain/machine.ts";
import { type Plan, planBuild } from "../../server/src/toolchain/plan.ts";
import { flagsPage } from "../../server/src/toolchain/show-flags.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint flags-"));
afterAll(() => rmSync(folder, { recursive: true }));
process.env["XDG_CACHE_HOME"] = join(folder, "cache");

/** A project in a folder of its own. */
function project(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, "p "));
  for (const [name, text] of Object.entries({
    "out/kept": "",
    "src/x.bpf.c": "int p(void) { return 0; }\n",
    ...files,
  })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text.replaceAll("ROOT", root));
  }
  return root;
}

async function plan(root: string, source = "src/x.bpf.c", choices = {}): Promise<Plan> {
  needTool("clang");
  return planBuild(join(root, source), workIn(root, choices));
}

/** What the project itself says. */
const own = ({ parts, origin }: Plan): readonly string[] => parts.find((part) => part.origin === origin)?.words ?? [];

const NEEDED = ["-g", "-O2", "-target", "bpf", `-D__TARGET_ARCH_${machineOf("").target}`];

test("a project that says nothing is built with what BPF needs", async () => {
  const root = project({});
  const { flags, origin, cwd, notes } = await plan(root);
  expect(flags).toEqual(expect.arrayContaining([...NEEDED, "-Wall", `-I${join(root, "src")}`]));
  expect({ origin, cwd, notes }).toEqual({ origin: "derived", cwd: root, notes: [] });
});

test("a vmlinux.h and a libbpf of the project's own are found", async () => {
  const root = project({ "include/vmlinux.h": "", "third_party/lb/bpf/bpf_helpers.h": "" });
  expect((await plan(root)).flags).toEqual(
    expect.arrayContaining([`-I${join(root, "include")}`, `-I${join(root, "third_party/lb")}`]),
  );
});

test("a command is split as a shell would, and nothing in it is run", () => {
  expect(splitWords(`a  'b c' "d \\"e\\" $(id)" f\\ g '' "x"'y'z \\\n -DA='"s"' $HOME \`id\``)).toEqual([
    ...["a", "b c", 'd "e" $(id)', "f g", "", "xyz", '-DA="s"', "$HOME", "`id`"],
  ]);
  expect(splitWords(`'never closed`)).toEqual(["never closed"]);
});

const COMMANDS = [
  { directory: "ROOT/out", file: "../src/other.bpf.c", command: "clang -DOTHER -c ../src/other.bpf.c" },
  { directory: "ROOT/out", file: "../src/x.bpf.c", arguments: ["gcc", "-m64", "-DHOST", "-c", "../src/x.bpf.c"] },
  {
    directory: "ROOT/out",
    file: "../src/x.bpf.c",
    command: `clang --target=bpf -O1 -g -D__TARGET_ARCH_arm64 "-I../with space" -DNAME='"a b"' -MD -MF x.d -c ../src/x.bpf.c -o x.o`,
  },
];

for (const name of ["compile_commands.json", "build/compile_commands.json"])
  test(`${name}: the entry for that file and for BPF, from its own folder`, async () => {
    const { flags, ...found } = await plan(project({ [name]: JSON.stringify(COMMANDS) }));
    const words = ["--target=bpf", "-O1", "-g", "-D__TARGET_ARCH_arm64", "-I../with space", '-DNAME="a b"'];
    expect(own({ ...found, flags })).toEqual(words);
    expect([found.origin, found.cwd.endsWith("out")]).toEqual([name, true]);
    for (const one of ["-O2", "-target", "-Wall"]) expect(flags).not.toContain(one);
  });

test("a command for this machine gives its headers and definitions alone, and that is said", async () => {
  const commands = [
    {
      directory: "ROOT",
      file: "src/x.bpf.c",
      command: "cc -m64 -march=native -fPIC -Iinc -D A=1 -std=gnu11 -c src/x.bpf.c",
    },
  ];
  const found = await plan(project({ "compile_commands.json": JSON.stringify(commands) }));
  expect(own(found)).toEqual(["-Iinc", "-D", "A=1", "-std=gnu11"]);
  expect(found.flags).toEqual(expect.arrayContaining(NEEDED));
  expect(found.notes).toEqual([expect.stringContaining("for this machine, not for BPF")]);
});

test.each(["{", "{}", '[null, 3, {"file": 3}, {"file": "src/x.bpf.c", "arguments": [1]}]'])(
  "a list of commands that is none is no hindrance: %s",
  async (text) => {
    const found = await plan(project({ "compile_commands.json": text }));
    expect(found.origin).toBe("derived");
    expect(found.notes.length).toBe(text.startsWith("[") ? 0 : 1);
  },
);

test("a command for a folder that is gone is not used, and that is said", async () => {
  const commands = [{ directory: "ROOT/gone", file: "ROOT/src/x.bpf.c", command: "clang -target bpf -DX -c x.bpf.c" }];
  const found = await plan(project({ "compile_commands.json": JSON.stringify(commands) }));
  expect([found.origin, found.notes]).toEqual(["derived", [expect.stringContaining("which is not there")]]);
});

test("flags of a project cannot have the compiler run code", async () => {
  const evil = [
    "-fplugin=e.so",
    "-Xclang",
    "-load",
    "-Xclang",
    "e.so",
    "-wrapper",
    "sh,-c,id",
    "@evil",
    "-B/tmp",
    "--prefix=/tmp/",
    "-fno-integrated-as",
    "-Xclang",
    "-fpass-plugin=e.so",
    "-mllvm",
    "-load=e.so",
    "-DOK",
  ];
  const commands = [{ directory: "ROOT", file: "src/x.bpf.c", arguments: ["clang", "-target", "bpf", ...evil] }];
  const found = await plan(project({ "compile_commands.json": JSON.stringify(commands) }));
  expect(own(found)).toEqual(["-target", "bpf", "-DOK"]);
  expect(found.notes).toHaveLength(9);
});

test("of a Makefile's branches none is taken for the one that holds", async () => {
  const Makefile = [
    "ifeq ($(shell uname -m),x86_64)",
    "ARCH := x86",
    "else",
    "ARCH := sparc",
    "endif",
    "BPF_CFLAGS := -DOK -D__TARGET_ARCH_$(ARCH)",
  ].join("\n");
  const found = await plan(project({ Makefile }));
  expect(found.flags).toContain("-DOK");
  expect(found.flags.filter((flag) => flag.startsWith("-D__TARGET"))).toEqual([
    `-D__TARGET_ARCH_${machineOf("").target}`,
  ]);
  expect(found.notes.length).toBeGreaterThan(0);
});

test("a Makefile's command for BPF, with its variables, and nothing of it run", async () => {
  const found = await plan(
    project({
      Makefile: [
        "OUT := .out # where it goes",
        "ARCH ?= $(shell touch ROOT/pwned; uname -m)",
        "INCLUDES = -I$(OUT) -I $(CURDIR)/inc \\",
        `\t-I$${"{EXTRA}"}`,
        "EXTRA := more",
        "INCLUDES += $(FROM_ELSEWHERE)",
        "CFLAGS := -g -Wall",
        "app: app.c",
        "\t$(CC) $(CFLAGS) -o $@ $<",
        "$(OUT)/%.bpf.o: %.bpf.c",
        `\t$(Q)$(CLANG) -g -O2 -target bpf -D__TARGET_ARCH_$(ARCH) $(INCLUDES) -DS='"a b"' -c $(filter %.c,$^) -o $@ && rm -rf /`,
      ].join("\n"),
    }),
  );
  expect(own(found)).toEqual([...["-g", "-O2", "-target", "bpf", "-I.out", "-I", "./inc", "-Imore", '-DS="a b"']]);
  expect(found.flags).toContain(`-D__TARGET_ARCH_${machineOf("").target}`);
  expect(found.notes).toEqual([
    "Makefile: -D__TARGET_ARCH_$(shell…) $(FROM_ELSEWHERE) was left out: nothing of a Makefile is run to know what that comes to.",
  ]);
  expect([found.origin, existsSync(join(found.cwd, "pwned"))]).toEqual(["Makefile", false]);
});

test("BPF_CFLAGS of a Makefile whose command is built of other words", async () => {
  const found = await plan(
    project({ "src/Makefile": "BPF_CFLAGS := -O2\nBPF_CFLAGS += -DX -I./h\nifdef V\nBPF_CFLAGS += -v\nendif\n" }),
  );
  expect(own(found)).toEqual(["-O2", "-DX", "-I./h"]);
  expect([found.origin, found.cwd.endsWith("src"), found.notes]).toEqual([join("src", "Makefile"), true, []]);
});

test("a Makefile's includes are read, from its own folder", async () => {
  const found = await plan(
    project({
      "src/Makefile": "COMMON := ../common\ninclude $(COMMON)/common.mk $(COMMON)/none.mk\nBPF_CFLAGS += -DAFTER\n",
      "common/common.mk":
        "include $(COMMON)/common.mk\nBPF_CFLAGS ?= -I$(COMMON)/headers\nx.o: x.c\n\t$(CLANG) -S --target=bpf $(BPF_CFLAGS) -emit-llvm -o $@ $<\n",
    }),
  );
  expect(own(found)).toEqual(["--target=bpf", "-I../common/headers", "-DAFTER"]);
});

test("a Makefile that means itself without end is cut", async () => {
  const bomb = `A = $(A)$(A)\nB0 = xxxxxxxxxx\n${Array.from({ length: 60 }, (_, i) => `B${i + 1} = $(B${i})$(B${i})`).join("\n")}\n`;
  const empty = `E0 =\n${Array.from({ length: 18 }, (_, i) => `E${i + 1} = ${`$(E${i})`.repeat(9)}`).join("\n")}\n`;
  const found = await plan(project({ Makefile: `${bomb}${empty}BPF_CFLAGS = -DOK $(A) $(B60) $(E18) $(unclosed\n` }));
  expect(own(found)[0]).toBe("-DOK");
});

test("the directive of bpf2go for that source", async () => {
  const go = [
    "package main",
    '//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -cflags "-O1 -DA" other ../src/other.bpf.c -- -DOTHER',
    '//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -target amd64 -cflags "-DA -DB" prog ../src/x.bpf.c -- -I../headers $FLAGS',
  ].join("\n");
  const found = await plan(project({ "src/gen.go": go.replaceAll("../src/", "") }));
  expect(own(found)).toEqual(["-DA", "-DB", "-I../headers"]);
  expect(found.notes).toEqual([
    expect.stringContaining('gen.go: $FLAGS was left out: it comes from the environment of "go generate".'),
  ]);
  expect(found.flags).toEqual(expect.arrayContaining(NEEDED));
});

test("hookpoint.json wins, then the list of commands, then the Makefile, then bpf2go; what one has chosen comes last", async () => {
  const files = {
    "hookpoint.json": '{ "arch": "arm64", "build": { "flags": ["-DPROJECT", "-Iinc"] } }',
    "compile_commands.json": JSON.stringify(COMMANDS),
    Makefile: "BPF_CFLAGS = -DMAKE\n",
    "src/gen.go": "//go:generate bpf2go p x.bpf.c -- -DGO\n",
  };
  const origins: string[] = [];
  for (const name of Object.keys(files)) {
    const rest = Object.fromEntries(Object.entries(files).slice(Object.keys(files).indexOf(name)));
    const found = await plan(project(rest), undefined, { flags: ["-DCHOSEN"] });
    origins.push(found.origin);
    expect(found.flags.at(-1)).toBe("-DCHOSEN");
  }
  expect(origins).toEqual(["hookpoint.json", "compile_commands.json", "Makefile", join("src", "gen.go")]);
  expect((await plan(project(files))).flags).toEqual(
    expect.arrayContaining(["-DPROJECT", "-Iinc", "-g", "-O2", "-D__TARGET_ARCH_arm64"]),
  );
});

test.each([
  ["{", "is not valid JSON, and may say how to build"],
  ['{"build": {"flags": "-DX -DY"}}', "must be a list of strings"],
  ['{"build": {"compiler": "tcc"}}', 'build.compiler must be "clang" or "gcc", not "tcc".'],
])("a project file that cannot be meant is said so: %s", async (text, message) => {
  await expect(plan(project({ "hookpoint.json": text }))).rejects.toThrow(message);
});

test("-g0 and -gline-tables-only are less than libbpf needs", async () => {
  for (const flag of ["-g0", "-gline-tables-only"]) {
    const { flags } = await plan(project({ "hookpoint.json": JSON.stringify({ build: { flags: [flag] } }) }));
    expect(flags.indexOf("-g")).toBeGreaterThan(flags.indexOf(flag));
  }
});

test("relative paths of a project's flags are meant from its own folder", async () => {
  const root = project({
    "src/x.bpf.c": '#include "far.h"\nint p(void) { return FAR; }\n',
    "a/far.h": "#define FAR 3\n",
  });
  writeFileSync(join(root, "hookpoint.json"), '{ "build": { "flags": ["-Ia"] } }');
  needTool("clang");
  expect((await buildObject(join(root, "src/x.bpf.c"), workIn(join(root, "src")))).ok).toBe(true);
});

test("the page of flags says of each where it comes from", async () => {
  const found = await plan(project({ Makefile: "BPF_CFLAGS = '-DA=a|b'\n" }));
  const page = flagsPage(found);
  expect(page).toContain("| `'-DA=a\\|b'` | Makefile |");
  expect(page).toContain("| `-target` `bpf` | derived | makes BPF |");
  expect(page).toContain(found.program);
});
