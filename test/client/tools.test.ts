/** The tools of the client that need no editor: processes, and clang for real. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildArguments, findClang, objectFile, targetArch } from "../../client/src/tools/clang.ts";
import { run } from "../../client/src/tools/run.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint tools-"));
afterAll(() => rmSync(folder, { recursive: true }));

const script = (code: string, signal?: AbortSignal) =>
  run(process.execPath, ["-e", code], { cwd: folder, ...(signal === undefined ? {} : { signal }) });

test("arguments arrive as they are: there is no shell to read them", async () => {
  const words = ["a b", "$HOME", "`id`", ";", '"', "*"];
  const { stdout } = await run(process.execPath, ["-p", "JSON.stringify(process.argv.slice(1))", "--", ...words], {
    cwd: folder,
  });
  expect(JSON.parse(stdout)).toEqual(words);
});

test("exit code and both outputs are given back", async () => {
  const result = await script("console.log('out'); console.error('err'); process.exitCode = 3");
  expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n", cancelled: false });
});

test("a process can be cancelled, before it starts and while it runs", async () => {
  const abort = new AbortController();
  const running = script("setInterval(() => {}, 1000)", abort.signal);
  abort.abort();
  expect(await running).toMatchObject({ code: undefined, cancelled: true });
  expect(await script("setInterval(() => {}, 1000)", abort.signal)).toMatchObject({ cancelled: true });
});

test("a process that prints without end is cut and said so", async () => {
  const seen: string[] = [];
  const code = "const line = 'x'.repeat(65536); for (let i = 0; i < 200; i++) process.stdout.write(line)";
  const { stdout } = await run(process.execPath, ["-e", code], { cwd: folder, onOutput: (text) => seen.push(text) });
  expect(stdout.length).toBeLessThan(5 * 1024 * 1024);
  expect(seen.at(-1)).toContain("more output is not shown");
});

test("a program that is not there is an error to catch", async () => {
  await expect(run(join(folder, "no such program"), [], { cwd: folder })).rejects.toThrow("ENOENT");
});

test("a plain C file does not get the name of its user-space object", () => {
  expect(objectFile(join("d", "x.bpf.c"))).toBe(join("d", "x.bpf.o"));
  expect(objectFile(join("d", "x.c"))).toBe(join("d", "x.bpf.o"));
});

test("architectures have the names of libbpf", () => {
  expect(["x64", "arm64", "s390x", "ppc64"].map(targetArch)).toEqual(["x86", "arm64", "s390", "powerpc"]);
});

test("a clang that is no clang is refused", async () => {
  expect(await findClang(process.execPath, folder)).toBeUndefined();
  expect(await findClang(join(folder, "nowhere"), folder)).toBeUndefined();
});

test("clang builds an object with BTF and line information", async (ctx) => {
  const clang = await findClang("", folder);
  if (clang === undefined) {
    if (process.env["CI"]) throw new Error("no clang with the BPF target");
    ctx.skip("no clang with the BPF target");
    return;
  }
  expect(clang.version).toBeGreaterThanOrEqual(11);
  const source = join(folder, "a b.bpf.c");
  writeFileSync(
    source,
    'int f(void *ctx)\n{\n\treturn 0;\n}\nchar LICENSE[] __attribute__((section("license"), used)) = "GPL";\n',
  );
  const result = await run(clang.program, buildArguments(source, objectFile(source), []), { cwd: folder });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(objectFile(source))).toBe(true);
  expect(readFileSync(objectFile(source)).includes(".BTF.ext")).toBe(true);
});
