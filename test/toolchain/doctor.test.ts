/** The report on the toolchain, on this machine and on worse ones. */

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Choices } from "../../server/src/toolchain/choices.ts";
import { anonymous } from "../../server/src/toolchain/doctor/anonymous.ts";
import { examine } from "../../server/src/toolchain/doctor/doctor.ts";
import { checkKernel } from "../../server/src/toolchain/doctor/kernel.ts";
import type { Check, Report } from "../../server/src/toolchain/doctor/report.ts";
import { reportText } from "../../server/src/toolchain/doctor/text.ts";
import { readKernel } from "../../server/src/toolchain/kernel.ts";
import { root } from "../support/paths.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint doctor-"));
const path = process.env["PATH"];
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.env["PATH"] = path;
});

/** A folder with some files in it. */
function project(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(folder, "a project "));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const look = (root: string, choices: Partial<Choices> = {}) => examine(workIn(root, choices), { hookpoint: "1.2.3" });
const check = ({ checks }: Report, id: string): Check | undefined => checks.find((one) => one.id === id);

describe.runIf(process.platform === "linux")("on this machine", () => {
  test("everything that builds need is found, and a program is built with it", async () => {
    for (const tool of ["clang", "bpftool", "make", "cc"]) needTool(tool);
    const report = await look(project());
    expect(report).toMatchObject({ ready: true, hookpoint: "1.2.3" });
    for (const id of ["clang", "bpftool", "llvm-strip", "cc", "make"])
      expect(check(report, id), id).toMatchObject({ state: "good", version: expect.stringMatching(/^\d+\./) });
    for (const id of ["libbpf", "kernel-headers", "libraries", "trial"])
      expect(check(report, id), id).toMatchObject({ state: "good" });
    expect(reportText(report)).toContain("All that is needed to build is there.");
  });

  test("a tool that was chosen and is none is said so, and nothing is ready", async () => {
    const clang = join(folder, "no clang");
    const report = await look(project(), { clang });
    expect(report.ready).toBe(false);
    expect(check(report, "clang")).toMatchObject({
      state: "unfit",
      says: `"${clang}", named in hookpoint.tools.clang, cannot be run: there is no such program.`,
      remedy: "Change hookpoint.tools.clang, or empty it.",
    });
    expect(check(report, "trial")).toBeUndefined();
    expect(reportText(report)).toContain("**Something that is needed to build is missing.**");
  });

  test("without a path what is only there is missing, with one command for all of it", async () => {
    process.env["PATH"] = "";
    const report = await look(project({ "go.mod": "", "Cargo.toml": "" }));
    expect(check(report, "make")).toMatchObject({
      state: "missing",
      says: "It was not found.",
      remedy: "Install it.",
      install: "make",
    });
    // On a distribution that is not known there is advice in its place.
    expect(report.install?.command ?? report.install?.advice).toMatch(/\bmake\b|package manager/);
  });

  test("Go and Cargo are looked for where the project needs them", async () => {
    expect(check(await look(project()), "go")).toBeUndefined();
    const report = await look(project({ "go.mod": "", "Cargo.toml": "" }));
    expect([check(report, "go")?.area, check(report, "cargo")?.area]).toEqual(["loader", "loader"]);
  });

  test("a source that includes vmlinux.h needs one", async () => {
    needTool("clang");
    const root = project({ "src/x.bpf.c": '#include "vmlinux.h"\n', "src/y.bpf.c": "#include <linux/bpf.h>\n" });
    const without = await look(root);
    expect(check(without, "vmlinux.h")).toMatchObject({
      state: "missing",
      says: `${join("src", "x.bpf.c")} includes it, and it is in no folder where projects keep it.`,
    });
    expect(without.ready).toBe(false);
    writeFileSync(join(root, "vmlinux.h"), "");
    const having = await look(root);
    expect(check(having, "vmlinux.h")).toMatchObject({ state: "good", path: "./vmlinux.h" });
    expect(having.ready).toBe(true);
  });

  test("headers that do not go together are found by building", async () => {
    needTool("clang");
    const root = project({ "include/bpf/bpf_helpers.h": "#error these are not\n" });
    const report = await look(root, { flags: [`-I${join(root, "include")}`] });
    expect(check(report, "libbpf")).toMatchObject({ state: "good", path: "./include" });
    expect(check(report, "trial")).toMatchObject({ state: "unfit", says: "It could not be built: these are not." });
    expect(report.ready).toBe(false);
  });

  test("what hookpoint.json chooses is what is looked at, and a broken one is said to be", async () => {
    const byGcc = await look(project({ "hookpoint.json": '{ "build": { "compiler": "gcc" } }' }));
    expect([check(byGcc, "gcc-bpf")?.area, check(byGcc, "clang")]).toEqual(["build", undefined]);
    const broken = await look(project({ "hookpoint.json": '{ "build": ' }));
    expect(check(broken, "hookpoint.json")).toMatchObject({
      state: "unfit",
      says: expect.stringContaining("hookpoint.json"),
    });
    expect(broken.ready).toBe(false);
  });

  test("a look can be cancelled", async () => {
    const abort = new AbortController();
    abort.abort();
    const work = { ...workIn(project()), signal: abort.signal };
    await expect(examine(work, { hookpoint: "1" })).rejects.toThrow("Cancelled.");
  });

  test("the report names neither the user's folders nor the machine", async () => {
    const root = project({ "libbpf/usr/include/bpf/bpf_helpers.h": "" });
    const report = await look(root);
    expect(check(report, "libbpf")?.path).toBe("./libbpf/usr/include");
    for (const text of [JSON.stringify(report), reportText(report)]) {
      expect(text).not.toContain(root);
      if (homedir().length > 1) expect(text).not.toContain(`${homedir()}/`);
      expect(text).not.toMatch(new RegExp(`\\b${hostname()}\\b`));
    }
  });
});

test("folders of people are taken out, and longer names than theirs stay", () => {
  const says = [
    "/work/p/src/x.c and /work/p",
    "/work/pp/x",
    "/home/ann/bin/clang",
    "/home/bob/bin",
    "C:\\Users\\Ann\\x",
    "/mnt/c/Users/Ann/x",
    "/u/me/.cargo",
    "/u/me2",
  ];
  expect(anonymous({ says }, "/work/p", "/u/me").says).toEqual([
    "./src/x.c and .",
    "/work/pp/x",
    "~/bin/clang",
    "~/bin",
    "~\\x",
    "~/x",
    "~/.cargo",
    "/u/me2",
  ]);
});

describe("the kernel's files", () => {
  const WHOLE = "         0          0 4294967295\n";
  const status = (effective: string) => `Name:\tx\nCapEff:\t${effective}\n`;

  test.each([
    ["root", status("000001ffffffffff"), WHOLE, true, "as root, with CAP_SYS_ADMIN"],
    ["CAP_BPF and CAP_PERFMON", status("000000c000000000"), WHOLE, true, "with CAP_BPF and CAP_PERFMON"],
    ["CAP_BPF", status("0000008000000000"), WHOLE, true, "with CAP_BPF; tracing programs also need CAP_PERFMON"],
    ["nobody", status("0000000000000000"), WHOLE, false, "loading needs root or CAP_BPF, which this user has not"],
    ["root of a container", status("000001ffffffffff"), "0 100000 65536\n", false, "without rights over the system"],
    ["no word", "", "", false, "the kernel does not say"],
  ])("%s", async (_, text, users, allowed, reason) => {
    const top = project({ "proc/self/status": text, "proc/self/uid_map": users });
    const { load } = await readKernel(top);
    expect(load).toEqual({ allowed, reason: expect.stringContaining(reason) });
  });

  test("types, lockdown and mounts are read, and each that is missing says what to do", async () => {
    const full = await readKernel(
      project({
        "sys/kernel/btf/vmlinux": "",
        "sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
        "proc/sys/kernel/osrelease": "6.1.0\n",
        "proc/self/mounts": "tracefs /sys/kernel/tracing tracefs rw 0 0\nbpf /a\\040b bpf rw 0 0\n",
      }),
    );
    expect(full).toMatchObject({ release: "6.1.0", btf: true, lockdown: "integrity" });
    expect([full.tracefs, full.bpffs]).toEqual(["/sys/kernel/tracing", "/a b"]);
    expect(checkKernel(full, "linux").find(({ id }) => id === "lockdown")?.says).toContain("bpf_probe_write_user()");
    const bare = checkKernel(await readKernel(project()), "linux");
    const remedies = bare.flatMap(({ id, state, remedy }) => (state === "missing" ? [[id, remedy]] : []));
    expect(remedies).toEqual([
      ["kernel-btf", expect.stringContaining("another machine")],
      ["tracefs", "Mount it as root: mount -t tracefs tracefs /sys/kernel/tracing"],
      ["bpffs", "Mount it as root: mount -t bpf bpf /sys/fs/bpf"],
    ]);
    expect(checkKernel(full, "darwin").map(({ id, state }) => [id, state])).toEqual([["kernel", "note"]]);
  });
});

describe.runIf(process.platform === "linux")("hookpoint doctor", () => {
  const cli = join(root, "dist/server/cli.js");
  const doctor = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [cli, "doctor", ...args], {
      cwd: project(),
      encoding: "utf8",
      env: { ...process.env, ...env },
    });

  test("ends with 0 when builds lack nothing, and says the same in both formats", () => {
    for (const tool of ["clang", "bpftool"]) needTool(tool);
    const text = doctor([]);
    expect([text.status, text.stderr]).toEqual([0, ""]);
    const { status, stdout } = doctor(["--format", "json"]);
    expect(status).toBe(0);
    expect(reportText(JSON.parse(stdout))).toBe(text.stdout);
  });

  test("ends with 2 when builds lack something, and when it is asked wrongly", () => {
    const lacking = doctor(["--clang", "/no/clang", "--format", "json"]);
    expect([lacking.status, JSON.parse(lacking.stdout).ready]).toEqual([2, false]);
    for (const args of [["--format", "xml"], ["x.c"], ["--no-such"]]) {
      const { status, stdout, stderr } = doctor(args);
      expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining("Usage:")]);
    }
  });

  test("ends with 130 and leaves no tool running when it is interrupted", async () => {
    const bin = project({ clang: "#!/bin/sh\necho $$ > pid\nexec sleep 600\n" });
    chmodSync(join(bin, "clang"), 0o755);
    const child = spawn(process.execPath, [cli, "doctor", "--clang", join(bin, "clang")], { cwd: bin });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await expect.poll(() => existsSync(join(bin, "pid")), { timeout: 30_000 }).toBe(true);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    const pid = readFileSync(join(bin, "pid"), "utf8").trim();
    expect(existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("sleep")).toBe(
      false,
    );
  });
});
