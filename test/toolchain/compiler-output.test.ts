/** What real compilers print, as values. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { printingFlags, readOutput } from "../../server/src/toolchain/compiler-output.ts";
import { readable } from "../../server/src/toolchain/readable.ts";
import { run } from "../../server/src/toolchain/run.ts";
import { clangs, needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint output-"));
afterAll(() => rmSync(folder, { recursive: true }));
process.env["XDG_CACHE_HOME"] = join(folder, "cache");

const own = join(folder, "größe 字 'q\" $(id)");
mkdirSync(own);
const source = join(own, "x y.bpf.c");
const HEADER = "#pragma once\nstatic int in_header(void) { return nowhere; }\n";
const TEXT = [
  '#include "a b.h"',
  "struct s { int alpha; };",
  "/* ü 字 😀 */ int prink_it(int prinx) { return prink; }",
  "\tint q(int größe) { if (größe = 3) return größe; return 1 }",
  "",
].join("\n");
writeFileSync(source, TEXT);
writeFileSync(join(own, "a b.h"), HEADER);

/** The text that a range covers. */
function covered(
  text: string,
  { start, end }: { start: { line: number; character: number }; end: typeof start },
): string {
  return text.split("\n")[start.line]?.slice(start.character, end.character) ?? "";
}

test("places count as editors do, headers have theirs, and edits are proposed", async (ctx) => {
  for (const clang of clangs(ctx)) {
    const { ok, diagnostics } = await buildObject(source, workIn(own, { clang }));
    expect(ok).toBe(false);
    const [header, prink, assigned, semicolon] = [
      "nowhere",
      "prink'",
      "using the result of an assignment",
      "expected ';'",
    ].map((words) => diagnostics.find(({ message }) => message.includes(words)));
    expect(header).toMatchObject({ file: join(own, "a b.h"), severity: "error" });
    expect(covered(HEADER, header?.range ?? never())).toBe("nowhere");
    expect(header?.notes).toMatchObject([
      { file: source, message: "included from here", range: { start: { line: 0 } } },
    ]);
    expect(prink).toMatchObject({ file: source, fixes: [{ title: 'Change "prink" to "prinx"' }] });
    expect(covered(TEXT, prink?.range ?? never())).toBe("prink");
    expect(covered(TEXT, prink?.fixes[0]?.edits[0]?.range ?? never())).toBe("prink");
    expect(assigned).toMatchObject({ severity: "warning", flag: "-Wparentheses" });
    expect(assigned?.fixes.map(({ title, edits }) => [title, edits.map(({ newText }) => newText)])).toEqual([
      ["Place parentheses around the assignment to silence this warning", ["(", ")"]],
      ["Use '==' to turn this assignment into an equality comparison", ["=="]],
    ]);
    expect(semicolon?.fixes).toMatchObject([{ title: 'Insert ";"' }]);
    expect(diagnostics).toHaveLength(4);
  }
});

test("GCC's messages are read as well", async (ctx) => {
  needTool("gcc", ctx);
  const args = [...printingFlags("gcc"), "-Wall", "-c", source, "-o", join(folder, "x.o")];
  const { stderr } = await run("gcc", args, { cwd: own, env: { LC_ALL: "C" } });
  const found = readOutput(stderr, { source, cwd: own });
  const prink = found.find(({ message }) => message.startsWith("'prink' undeclared"));
  expect(prink).toMatchObject({ file: source, fixes: [{ title: 'Change "prink" to "prinx"' }] });
  expect(covered(TEXT, prink?.range ?? never())).toBe("prink");
  expect(found.find(({ message }) => message.includes("nowhere"))).toMatchObject({ file: join(own, "a b.h") });
});

test("what clang says of no place stands at the top of the source, and where it breaks down nothing is left", async (ctx) => {
  const [, older = ""] = clangs(ctx);
  const path = join(folder, "crash.bpf.c");
  writeFileSync(path, "int p(int *c) { char a[*c]; for (int i = 0; i < *c; i++) a[i] = i; return a[c[1]]; }\n");
  const own = mkdtempSync(join(folder, "tmp "));
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = own;
  try {
    const { diagnostics } = await buildObject(path, workIn(folder, { clang: older }));
    expect(diagnostics).toMatchObject([
      {
        file: path,
        message: /^unsupported dynamic stack allocation/i.exec("Unsupported dynamic stack allocation")?.[0],
      },
    ]);
    expect(await run("ls", [own], { cwd: folder })).toMatchObject({ stdout: "" });
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
});

test("a message of a line alone is at its start, and what was included before it belongs to it", () => {
  const output =
    "In file included from x y.bpf.c:1:\na b.h:2: warning: odd [-Wunknown-pragmas]\nx y.bpf.c:3:2: error: bad\n";
  expect(readOutput(output, { source, cwd: own })).toMatchObject([
    {
      file: join(own, "a b.h"),
      range: { start: { line: 1, character: 0 } },
      notes: [{ message: "included from here" }],
    },
    { file: source, range: { start: { line: 2, character: 1 } }, notes: [] },
  ]);
});

test("for a terminal: place, message, the line, what to do, and each explanation once", () => {
  const path = join(folder, "told.bpf.c");
  writeFileSync(path, "int p(int *c)\n{\n\treturn bpf_htons(*c);\n}\n");
  const said = "told.bpf.c:3:9: error: call to undeclared function 'bpf_htons'\n";
  const text = readable(readOutput(said + said.replace(":3:", ":1:"), { source: path, cwd: folder }), folder);
  expect(text).toBe(`told.bpf.c:3:9: error: call to undeclared function 'bpf_htons'
 3 | \treturn bpf_htons(*c);
   | \t       ^^^^^^^^^
   = why: bpf_htons() is in <bpf/bpf_endian.h>: include it.
told.bpf.c:1:9: error: call to undeclared function 'bpf_htons'
 1 | int p(int *c)
   |         ^
`);
});

test("nothing that a terminal would obey comes out of a source", () => {
  const path = join(folder, "evil.bpf.c");
  writeFileSync(path, "int \u001b[2Jp\u009b1m\u202e;\n");
  const said = "evil.bpf.c:1:5: error: odd \u001b]0;title\u0007 name\n";
  expect(readable(readOutput(said, { source: path, cwd: folder }), folder)).not.toMatch(/[^\P{C}\n\t]/u);
});

test.each([
  "x.c:99999999999999999999:1: error: far\n",
  "x.c:1:99999999999: error: right\n",
  "x.c:1:2:{9:9-1:1}: error: backwards\n",
  'fix-it:"\\777\\":{1:1-1:1}:"\n',
  'fix-it:"x":{1:1-1:1}:"belongs to nothing"\n',
  "\u0000\uffff: error: \n",
  `${"In file included from a:1:\n".repeat(5000)}a:1:1: error: deep\n`,
])("odd output is no hindrance: %j", (output) => {
  for (const { range } of readOutput(output, { source, cwd: own }))
    expect(range.start.character).toBeGreaterThanOrEqual(0);
});

function never(): never {
  throw new Error("no such diagnostic");
}
