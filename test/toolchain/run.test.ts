/** Processes: arguments, output, cancellation. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../../server/src/toolchain/run.ts";

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
  expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n", cancelled: false, timedOut: false });
});

test("a process can be cancelled, before it starts and while it runs", async () => {
  const abort = new AbortController();
  const running = script("setInterval(() => {}, 1000)", abort.signal);
  abort.abort();
  expect(await running).toMatchObject({ code: undefined, cancelled: true });
  expect(await script("setInterval(() => {}, 1000)", abort.signal)).toMatchObject({ cancelled: true });
});

test("what a process has started ends with it, and what does not end when asked is ended", async () => {
  const abort = new AbortController();
  const pids = join(folder, "pids");
  const child =
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); require('fs').appendFileSync(process.argv[1], process.pid + ' ')";
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}, ${JSON.stringify(pids)}], { stdio: 'inherit' }); ${child.replace("process.argv[1]", JSON.stringify(pids))}`;
  const running = script(parent, abort.signal);
  await expect.poll(() => readIfThere(pids).trim().split(" ").length, { timeout: 30_000 }).toBe(2);
  abort.abort();
  expect(await running).toMatchObject({ cancelled: true });
  // A busy kernel takes its time with what it was told to kill.
  for (const pid of readIfThere(pids).trim().split(" "))
    await expect.poll(() => isAlive(Number(pid)), { timeout: 30_000 }).toBe(false);
});

test("a process that does not answer in time is ended, and said to have been late", async () => {
  const result = await run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { cwd: folder, timeoutMs: 200 });
  expect(result).toMatchObject({ code: undefined, timedOut: true, cancelled: false });
});

test("output that is larger than what is kept goes to a file", async () => {
  const file = join(folder, "out.txt");
  const code = "const line = 'x'.repeat(65536); for (let i = 0; i < 200; i++) process.stdout.write(line)";
  const { stdout } = await run(process.execPath, ["-e", code], { cwd: folder, stdoutFile: file });
  expect([stdout, readFileSync(file).length]).toEqual(["", 200 * 65536]);
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

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // What has ended stays in the list until somebody asks how.
    return !/^State:\s*Z/m.test(readIfThere(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

test("what it is given arrives whole, and its input stays open until it shall end", async () => {
  const input = new Uint8Array(300_000).fill(97);
  const reads =
    "let size = 0; process.stdin.on('data', (part) => { size += part.length; if (size === 300000) process.exit(7); })";
  expect(await run(process.execPath, ["-e", reads], { cwd: folder, input })).toMatchObject({ code: 7 });
  // It does not read, and does not mind.
  expect(await run(process.execPath, ["-e", "process.exit(3)"], { cwd: folder, input })).toMatchObject({ code: 3 });
  const abort = new AbortController();
  const ended = join(folder, "input ended");
  const waits = `process.on("SIGTERM", () => {}); process.stdin.resume().on("end", () => { require("fs").writeFileSync(process.argv[1], ""); process.exit(); }); console.log("ready")`;
  const options = { cwd: folder, input: new Uint8Array(), signal: abort.signal, onOutput: () => abort.abort() };
  expect(await run(process.execPath, ["-e", waits, ended], options)).toMatchObject({ cancelled: true });
  expect(readFileSync(ended, "utf8")).toBe("");
});
