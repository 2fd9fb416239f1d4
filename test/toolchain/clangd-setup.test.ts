/** .clangd with the real clangd: what is written, what is left alone, and what clangd says of the sources then. */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fragmentsText, merged } from "../../server/src/toolchain/clangd-setup/fragment.ts";
import { setUpClangd } from "../../server/src/toolchain/clangd-setup/set-up.ts";
import { generateVmlinux } from "../../server/src/toolchain/vmlinux.ts";
import { example } from "../support/paths.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "hookpoint clangd-")));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  for (const tool of ["clang", "bpftool"]) needTool(tool);
});

const KERNEL = `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("kprobe/do_exit")
int BPF_KPROBE(on_exit, long code)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	if (bpf_core_field_exists(task->__state))
		bpf_printk("%d %ld", BPF_CORE_READ(task, real_parent, tgid), PT_REGS_RC(ctx));
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
`;
const PLAIN = '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int f(void *c) { return 2; }\n';

function project(files: Readonly<Record<string, string>>): string {
  const own = mkdtempSync(join(folder, "p r'o (x) ü-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(own, name)), { recursive: true });
    writeFileSync(join(own, name), text);
  }
  return own;
}

test("clangd finds no error in the example, also where a program for this machine lends its command", async () => {
  const own = project({ "main.c": "int main(void) { return 0; }\n" });
  cpSync(example, own, { recursive: true });
  const arguments_ = ["gcc", "-march=native", "-fPIC", "-fcf-protection", "-c", "main.c"];
  writeFileSync(
    join(own, "compile_commands.json"),
    JSON.stringify([{ directory: own, file: "main.c", arguments: arguments_ }]),
  );
  const sources = ["execwatch.bpf.c", "packets.bpf.c"].map((name) => join(own, name));
  const made = await setUpClangd(sources, workIn(own));
  expect(made).toMatchObject({ changed: true, tried: sources, failing: [] });
  // Made again it is the same.
  expect(await setUpClangd(sources, workIn(own))).toMatchObject({ changed: false, failing: [] });
});

test("clangd finds no error in a program with vmlinux.h, CO-RE and registers, in folders of their own", async () => {
  const own = project({
    "src/one/kernel.bpf.c": KERNEL.replace('"vmlinux.h"', "<vmlinux.h>"),
    "src/two/plain.bpf.c": '#include <plain.h>\n#include "vmlinux.h"\nint f(void) { return NUMBER; }\n',
    "src/two/plain.h": "#define NUMBER 1\n",
    "include/vmlinux.h": "",
  });
  const sources = ["src/one/kernel.bpf.c", "src/two/plain.bpf.c"].map((name) => join(own, name));
  const output = join(own, "include", "vmlinux.h");
  await generateVmlinux({ btf: undefined, sources, minimal: false, output, mayReplace: async () => true }, workIn(own));
  expect((await setUpClangd(sources, workIn(own))).failing).toEqual([]);
});

test("an error that is in the source is told with its line", async () => {
  const own = project({ "x.bpf.c": `${PLAIN}int g(void) { return y; }\n` });
  const { failing } = await setUpClangd([join(own, "x.bpf.c")], workIn(own));
  expect(failing).toEqual([{ source: join(own, "x.bpf.c"), errors: ["Line 4: use of undeclared identifier 'y'"] }]);
});

test.each([
  ["# mine\nCompileFlags:\n  Add: [-DMINE] # why\n"],
  ["CompileFlags:\r\n  Add: [-DMINE]"],
  ["---\nCompileFlags:\n  Add: [-DMINE]\n---\n"],
  ["# only a comment\n"],
])("what others wrote stays, before and after our part: %j", async (text) => {
  const own = project({ "x.bpf.c": PLAIN, ".clangd": text });
  const work = workIn(own);
  await setUpClangd([join(own, "x.bpf.c")], work);
  const file = join(own, ".clangd");
  const first = readFileSync(file, "utf8");
  expect(first.startsWith(text)).toBe(true);
  if (text.includes("\r\n")) expect(first.replaceAll("\r\n", "")).not.toContain("\n");
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const after = `---${newline}If:${newline}  PathMatch: nothing${newline}`;
  writeFileSync(file, `${first.replace("-O2", "-O1")}${after}`);
  const { failing } = await setUpClangd([join(own, "x.bpf.c")], work);
  expect(failing).toEqual([]);
  expect(readFileSync(file, "utf8")).toBe(`${first}${after}`);
});

test.each([
  ['CompileFlags:\n  Add: [-Wall\nfoo: "x\n', /cannot be added to, since clangd cannot read it: line \d+: /],
  ["# BEGIN Hookpoint: something\nIf:\n", /has only one of the lines/],
  ["If:\n# END Hookpoint\n", /has only one of the lines/],
  [Buffer.from([0x23, 0xff, 0xfe, 0x0a]), /is not UTF-8/],
] as const)("what cannot be added to is left as it is: %j", async (text, message) => {
  const own = project({ "x.bpf.c": PLAIN });
  writeFileSync(join(own, ".clangd"), text);
  await expect(setUpClangd([join(own, "x.bpf.c")], workIn(own))).rejects.toThrow(message);
  expect(readFileSync(join(own, ".clangd")).equals(Buffer.from(text))).toBe(true);
});

test("a folder by that name is said so; a link is followed", async () => {
  const own = project({ "x.bpf.c": PLAIN });
  mkdirSync(join(own, ".clangd"));
  await expect(setUpClangd([join(own, "x.bpf.c")], workIn(own))).rejects.toThrow("it is a folder");
  rmSync(join(own, ".clangd"), { recursive: true });
  writeFileSync(join(own, "shared"), "");
  symlinkSync("shared", join(own, ".clangd"));
  await setUpClangd([join(own, "x.bpf.c")], workIn(own));
  expect(readFileSync(join(own, "shared"), "utf8")).toContain("BEGIN Hookpoint");
  await expect(setUpClangd([], workIn(own))).rejects.toThrow("There is no BPF C source here");
});

test("a cancelled run writes nothing", async () => {
  const own = project({ "x.bpf.c": PLAIN });
  const abort = new AbortController();
  const work = { ...workIn(own), signal: abort.signal, log: () => abort.abort() };
  await expect(setUpClangd([join(own, "x.bpf.c")], work)).rejects.toThrow("Cancelled.");
  expect(readdirSync(own)).toEqual(["x.bpf.c"]);
});

test("flags with what YAML would read as something else stay as they are", () => {
  const text = merged("", fragmentsText([{ paths: ["a'b: [c] #d"], flags: ["-I/it's #1", "-DX={1}", "- x", "~"] }]));
  expect(text).toContain("    - 'a''b: [c] #d'\n");
  expect(text).toContain("    - '-I/it''s #1'\n    - '-DX={1}'\n    - '- x'\n    - '~'\n");
});
