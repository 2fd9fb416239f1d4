// The snippets: expanded with their default values, each one compiles.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import { expand } from "../support/snippets.ts";

interface Snippet {
  readonly prefix: string;
  readonly description: string;
  readonly body: readonly string[];
}

const file = join(import.meta.dirname, "../../snippets/bpf-c.json");
const snippets = Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, Snippet>);
const clang = findClang();

describe.each(snippets)("%s", (_, { prefix, description, body }) => {
  const text = body.join("\n");

  test("has a bpf- prefix, a sentence and a final stop", () => {
    expect(prefix).toMatch(/^bpf-[a-z]+$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(text.match(/\$0/g)).toHaveLength(1);
  });

  test("numbers its stops without a gap and says each value once", () => {
    const valued = [...text.matchAll(/\$\{(\d+)[:|]/g)].map(([, stop]) => Number(stop));
    expect(valued).toEqual(valued.map((_, index) => index + 1));
  });

  test("compiles with its default values", (ctx) => {
    expect(compile(needClang(ctx), expand(text))).toBe("");
  });

  test("compiles with every choice", (ctx) => {
    const command = needClang(ctx);
    for (const choice of choicesOf(text)) expect(compile(command, expand(text, choice)), choice).toBe("");
  });
});

test("prefixes differ", () => {
  const prefixes = snippets.map(([, { prefix }]) => prefix);
  expect(new Set(prefixes).size).toBe(prefixes.length);
});

function choicesOf(body: string): readonly string[] {
  return [...body.matchAll(/\$\{\d+\|([^|]*)\|\}/g)].flatMap(([, choices = ""]) => choices.split(","));
}

/** What clang has to say: empty when it is content. */
function compile(command: string, code: string): string {
  const source = `#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\n${code}\n`;
  const arch = process.arch === "arm64" ? "arm64" : "x86";
  const flags = ["-target", "bpf", "-g", "-O2", "-Wall", "-Werror", `-D__TARGET_ARCH_${arch}`, ...multiarchInclude()];
  const { error, status, stderr } = spawnSync(command, [...flags, "-x", "c", "-c", "-", "-o", "/dev/null"], {
    input: source,
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  return status === 0 ? "" : stderr;
}

function needClang(ctx: TestContext): string {
  if (clang !== undefined) return clang;
  if (process.env["CI"] !== undefined) throw new Error("clang is required on CI");
  return ctx.skip("no clang: set HOOKPOINT_CLANG or install clang-14 or newer");
}

function findClang(): string | undefined {
  const own = process.env["HOOKPOINT_CLANG"];
  const versions = [19, 18, 17, 16, 15, 14].map((version) => `clang-${version}`);
  const candidates = own === undefined ? [...versions, "clang"] : [own];
  return candidates.find((name) => spawnSync(name, ["--version"]).status === 0);
}

/** Debian and Ubuntu keep `asm/` in a folder named after the machine. */
function multiarchInclude(): readonly string[] {
  try {
    const machine = execFileSync("uname", ["-m"], { encoding: "utf8" }).trim();
    return [`-I/usr/include/${machine}-linux-gnu`];
  } catch {
    return [];
  }
}
