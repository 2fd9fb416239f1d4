/** Every kind of new project in C is built by make, runs in this kernel, and is ended by Ctrl-C. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProject } from "../../server/src/toolchain/project/create.ts";
import { kinds, languages } from "../../server/src/toolchain/project/project.ts";
import { dist } from "../support/paths.ts";
import { findClang, findProgram } from "../vscode/process.mjs";
import { whyNotHere } from "./toolbox.mjs";

const reason = whyNotHere() ?? (findProgram("make") ? undefined : "needs make");
const folder = mkdtempSync(join(tmpdir(), "hookpoint projects-"));
const NAME = "exec-watch";
const signal = new AbortController().signal;

beforeAll(() => {
  if (reason !== undefined && process.env["CI"]) throw new Error(reason);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    timeout: 50_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

async function project(id: string, language = "c"): Promise<string> {
  const kind = kinds.find((one) => one.id === id);
  const chosen = languages.find((one) => one.id === language);
  if (kind === undefined || chosen === undefined) throw new Error(`no ${id} in ${language}`);
  // Spaces, quotes and letters of other languages in the path are nothing that make has to know of.
  const target = join(mkdtempSync(join(folder, "größe 'of $(id) ")), id);
  await createProject({ folder: target, files: chosen.files({ name: NAME, kind }), force: false }, { signal });
  return target;
}

/** The newest and the oldest, which on CI must be there. */
function clangs(): readonly string[] {
  const oldest = findProgram("clang-14");
  if (oldest === undefined && process.env["CI"]) throw new Error("no clang-14");
  return [findClang(), oldest].filter((program) => program !== undefined);
}

/** What to do, and the line to wait for. */
interface Scene {
  readonly provoke: string;
  readonly expected: string;
  readonly args?: readonly string[];
  /** Why the kernels of some virtual machines refuse it, and what the program says then. */
  readonly refused?: readonly RegExp[];
}

const IN_CGROUP = (command: string): string => `sh -c 'echo $$ > "$CGROUP"/cgroup.procs; exec ${command}'`;
const TO_A_CLOSED_PORT = `bash -c "echo > /dev/tcp/127.0.0.1/9"`;
const NO_TRAMPOLINE = [/BPF program load failed: Operation not permitted/, /Root is needed, and a kernel that allows/];

const SCENES: Readonly<Record<string, Scene>> = {
  tracepoint: { provoke: "uname", expected: " uname  *.*/uname$" },
  kprobe: {
    provoke: 'gone=$(mktemp -d)/gone-by-test; touch "$gone"; rm "$gone"',
    expected: " rm  *.*gone-by-test",
    refused: [/could not be attached: No such file or directory/, /no such function, or no kprobes/],
  },
  fentry: {
    provoke: "sh -c 'sleep 0.2 | cat'",
    expected: " cat  *[0-9][0-9]*",
    refused: NO_TRAMPOLINE,
  },
  uprobe: { provoke: "getent ahosts localhost", expected: " getent  *localhost" },
  xdp: { provoke: TO_A_CLOSED_PORT, expected: "^TCP  *[1-9]", args: ["lo"] },
  tc: { provoke: TO_A_CLOSED_PORT, expected: "^sent  *[1-9]", args: ["lo"] },
  cgroup: { provoke: IN_CGROUP(TO_A_CLOSED_PORT), expected: " bash  *127.0.0.1  *9$", args: ["CGROUP"] },
  sockops: {
    provoke: IN_CGROUP(
      `python3 -c "import socket; s = socket.create_server((\\"127.0.0.1\\", 0)); socket.create_connection(s.getsockname())"`,
    ),
    expected: "^127.0.0.1  *[0-9]*  *127.0.0.1  *[0-9]",
    args: ["CGROUP"],
  },
  // It says something only where LSM programs are switched on; that it attaches is told by its first line.
  lsm: { provoke: "true", expected: "^PID  *UID  *COMMAND", refused: NO_TRAMPOLINE },
  iter: { provoke: "true", expected: "[0-9]  *exec-watch" },
  perf_event: { provoke: "true", expected: "^\\(idle\\|user\\|kernel\\)  *[1-9]" },
};

test("there is a scene for every kind", () => {
  expect(Object.keys(SCENES).sort()).toEqual(kinds.map(({ id }) => id).sort());
});

describe.each(kinds.map(({ id }) => id))("%s", (id) => {
  test("builds with the newest clang, runs, tells what happens and leaves nothing", async (ctx) => {
    if (reason !== undefined) return ctx.skip(reason);
    const cwd = await project(id);
    const made = run("make", [`CLANG=${findClang()}`], cwd);
    expect([made.status, made.stderr], made.stdout).toEqual([0, ""]);

    const { provoke, expected, args = [], refused } = SCENES[id] as Scene;
    const script = fileURLToPath(new URL("run-project.sh", import.meta.url));
    const apart = ["-m", "-n", "-p", "-f", "--kill-child", "--mount-proc"];
    const { stdout, stderr } = run("unshare", [...apart, "sh", script, `./${NAME}`, provoke, expected, ...args], cwd);
    expect(stdout, stderr).toContain("exit: ");
    expect(stdout).toMatch(/^stay:$/m);
    if (refused?.some((text) => text.test(stdout))) {
      for (const text of refused) expect(stdout).toMatch(text);
      expect(stdout).toContain("exit: 1");
      return;
    }
    expect(stdout).toContain("exit: 0");
    expect(stdout).toMatch(new RegExp(expected.replaceAll(/\\([(|)])/g, "$1"), "m"));
    expect(stdout).not.toMatch(/libbpf: /);
    if (id !== "iter") expect(stdout).toMatch(/^loaded: \d+/m);
  });

  test("builds with clang 14 without a word, and make clean leaves what was written", async (ctx) => {
    if (reason !== undefined) return ctx.skip(reason);
    if (!findProgram("clang-14")) {
      if (process.env["CI"]) throw new Error("no clang-14");
      return ctx.skip("no clang-14");
    }
    const cwd = await project(id);
    const before = readdirSync(cwd).sort();
    const made = run("make", ["CLANG=clang-14", "CFLAGS=-O2 -Wall -Wextra -Werror"], cwd);
    expect([made.status, made.stderr], made.stdout).toEqual([0, ""]);
    // What is made is what git is told to leave out.
    run("git", ["init", "-q", "."], cwd);
    const untracked = run("git", ["ls-files", "--others", "--exclude-standard"], cwd).stdout;
    expect(untracked.trim().split("\n").sort()).toEqual(before);
    expect(run("make", ["-q"], cwd).status).toBe(0);
    expect(run("make", ["clean"], cwd).status).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual([".git", ...before].sort());
  });
});

describe.each(["go", "rust"])("in %s", (language) => {
  test.for(kinds.map(({ id }) => id))(
    "the BPF part of %s builds without a word, with what the loader asks for",
    async (id, ctx) => {
      if (reason !== undefined) return ctx.skip(reason);
      const cwd = await project(id, language);
      const names = readdirSync(cwd, { recursive: true, encoding: "utf8" });
      const source = names.find((name) => name.endsWith(".bpf.c")) ?? "";
      const { stdout: types } = run("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c"], cwd);
      writeFileSync(join(cwd, source, "..", "vmlinux.h"), types);
      const arch = process.arch === "arm64" ? "arm64" : "x86";
      const flags = ["-g", "-O2", "-Wall", "-Werror", "-target", "bpf", `-D__TARGET_ARCH_${arch}`];
      for (const clang of clangs()) {
        const { status, stderr } = run(clang, [...flags, "-c", source, "-o", "object.bpf.o"], cwd);
        expect([status, stderr]).toEqual([0, ""]);
        // bpf2go and libbpf-cargo read the shared type out of the object.
        const { stdout } = run("bpftool", ["btf", "dump", "file", "object.bpf.o"], cwd);
        if (/struct event \{/.test(readFileSync(join(cwd, source.replace(/\.bpf\.c$/, ".h")), "utf8")))
          expect(stdout).toMatch(/STRUCT 'event' size=/);
      }
    },
  );
});

test.for(languages.map(({ id }) => id))(
  "hookpoint builds a project in %s without a word, as make or its kin would",
  async (language, ctx) => {
    if (reason !== undefined) return ctx.skip(reason);
    const cwd = await project("tracepoint", language);
    const source =
      readdirSync(cwd, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith(".bpf.c")) ?? "";
    for (const args of [
      ["vmlinux", "--output", join(source, "..", "vmlinux.h")],
      ["build", source],
    ]) {
      const { status, stderr } = run(process.execPath, [join(dist, "server/cli.js"), ...args], cwd);
      expect([status, stderr], args[0]).toEqual([0, ""]);
    }
  },
);

test("make says which tool is missing, and how to name it", async (ctx) => {
  if (reason !== undefined) return ctx.skip(reason);
  const cwd = await project("tracepoint");
  for (const [variable, tool] of [
    ["BPFTOOL", "bpftool"],
    ["CLANG", "clang"],
  ] as const) {
    const { status, stderr } = run("make", [`${variable}=`], cwd);
    expect(status).toBe(2);
    expect(stderr).toContain(
      `${tool} was not found. Install it, or say where it is: make ${variable}=/path/to/${tool}`,
    );
  }
});

test("a failed dump of the kernel's types leaves no vmlinux.h", async (ctx) => {
  if (reason !== undefined) return ctx.skip(reason);
  const cwd = await project("tracepoint");
  expect(run("make", ["BPFTOOL=false"], cwd).status).toBe(2);
  expect(readdirSync(cwd)).not.toContain("vmlinux.h");
});

test("the program tells how to use it, and which interface there is not", async (ctx) => {
  if (reason !== undefined) return ctx.skip(reason);
  const cwd = await project("xdp");
  expect(run("make", [], cwd).status).toBe(0);
  expect(run(`./${NAME}`, [], cwd)).toEqual({ status: 2, stdout: "", stderr: `Usage: ${NAME} INTERFACE\n` });
  const { status, stderr } = run(`./${NAME}`, ["nowhere0"], cwd);
  expect([status, stderr]).toEqual([1, `${NAME}: nowhere0: No such device\n`]);
});
