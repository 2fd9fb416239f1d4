import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { dist } from "../support/paths.ts";
import { findClang } from "../vscode/process.mjs";
import { coreRows } from "./core-rows.mjs";
import { compileFlags } from "./files.mjs";
import { withHeader } from "./includes.mjs";
import { typingPlace } from "./places.mjs";
import { program } from "./programs.mjs";
import { peerWins, render, row } from "./rows.mjs";
import { median, percentile } from "./statistics.mjs";

const folder = mkdtempSync(join(tmpdir(), "hookpoint-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every row of the core is a number", async () => {
  const file = { title: "small", text: program("small", 0, false) };
  const [group] = await coreRows([file], dist, { warmUp: 0, rounds: 2 }, () => {});
  const rows = group?.rows ?? [];
  expect(rows.length).toBeGreaterThanOrEqual(7);
  for (const { name, ours, ratio = 1 } of rows) expect(ours > 0 && ratio > 0 && ratio < Infinity, name).toBe(true);
});

test("programs are the same on every run, and have the size they are named for", () => {
  const size = (text: string) => Buffer.byteLength(text) / 1000;
  expect(program("middling", 1, true)).toBe(program("middling", 1, true));
  expect(size(program("middling", 0, true))).toBeGreaterThan(4);
  expect(size(program("middling", 0, true))).toBeLessThan(6);
  expect(size(program("large", 0, true))).toBeGreaterThan(22);
  expect(size(program("large", 0, true))).toBeLessThan(30);
});

test("clang compiles the programs, also where the kernel gives no BTF", (context) => {
  const clang = findClang();
  const isReady = clang !== undefined && existsSync("/usr/include/bpf/bpf_helpers.h");
  if (!isReady && process.env["CI"] === undefined) context.skip("no clang or no libbpf headers");
  if (clang === undefined) throw new Error("clang is required on CI");
  for (const variant of [0, 1, 2]) {
    const path = join(folder, `large${variant}.bpf.c`);
    writeFileSync(path, program("large", variant, false));
    execFileSync(clang, [...compileFlags(folder, [], []), "-Wall", "-Werror", "-c", path, "-o", "/dev/null"]);
  }
});

test("a row keeps its goal when its ratio does", () => {
  expect(row("a", 1, 10, 1 / 5)).toMatchObject({ ratio: 0.1, met: true });
  expect(row("b", 3, 10, 1 / 5)).toMatchObject({ met: false });
  expect(row("c", 3, Number.NaN, 1 / 5)).toEqual({ name: "c", unit: "ms", ours: 3 });
  expect(render({ title: "T", ours: "us", peer: "them", rows: [row("a", 1, 10, 1 / 5)] })).toBe(
    ["T", "          us     them  ratio   goal", "  a  1.00 ms  10.0 ms   1/10  ≤ 1/5  ✓"].join("\n"),
  );
});

test("it is said plainly where a peer wins; bare Node is none", () => {
  const rows = [row("a", 3, 1), row("b", 1, 3), row("c", 1, Number.NaN)];
  const group = { title: "T", ours: "us", rows };
  expect(peerWins([{ ...group, peer: "clangd" }])).toEqual(["clangd wins. T: a (3x)."]);
  expect(peerWins([{ ...group, peer: "node -e 0" }])).toEqual([]);
  expect(peerWins([{ ...group, peer: "clangd", rows: rows.slice(1) }])).toEqual([]);
});

test("a header more is included, and used behind everything else", () => {
  const { text, includeLine, firstLine } = withHeader(program("small", 0, false), "edited.h");
  const lines = text.split("\n");
  expect(lines[includeLine]).toBe('#include "edited.h"');
  expect(lines[includeLine - 1]).toMatch(/^#include/);
  expect(lines.slice(firstLine).join("\n")).toMatch(/^\tlong code = EDITED_LIMIT;[\s\S]*bpf_probe_read\(/);
});

test("keys are typed in the body of a function, whatever the size of the program", () => {
  for (const size of ["small", "middling", "large"] as const) {
    const text = program(size, 0, true);
    const { line, character } = typingPlace(text);
    expect(text.split("\n")[line]?.slice(0, character)).toMatch(/^\t.*;$/);
  }
});

test("medians and percentiles", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95)).toBe(10);
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
});
