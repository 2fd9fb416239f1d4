/** Our server and clangd on one file: what an editor then shows of both, and of ours alone. */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rules } from "../../server/src/analysis/rules/index.ts";
import type { OtherServer } from "../../server/src/protocol.ts";
import { setUpClangd } from "../../server/src/toolchain/clangd-setup/set-up.ts";
import { generateVmlinux } from "../../server/src/toolchain/vmlinux.ts";
import { findingsIn } from "../support/check.ts";
import { example } from "../support/paths.ts";
import { needTool, workIn } from "../support/tools.ts";
import { findClangd } from "../system-packages.mjs";
import { findClang } from "../vscode/process.mjs";
import { answers, hovers, nameOf, outlines, suggestions } from "./editor.ts";
import { type Server, startServer } from "./server.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "hookpoint beside-")));
const there: OtherServer = { name: "clangd", missing: {} };
const program = findClangd();

/** Beside clangd, clangd itself, and ours where there is no other. */
let [ours, clangd, alone]: Server[] = [];
const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");

beforeAll(async () => {
  if (program === undefined) {
    if (process.env["CI"]) throw new Error("no clangd");
    return;
  }
  cpSync(example, folder, { recursive: true });
  const sources = readdirSync(folder).filter((name) => name.endsWith(".bpf.c"));
  const { failing } = await setUpClangd(
    sources.map((name) => join(folder, name)),
    workIn(folder),
  );
  expect(failing).toEqual([]);
  [ours, clangd, alone] = await Promise.all([
    startServer({ initializationOptions: { otherServer: there } }),
    startServer({ command: [program, "--enable-config", "--background-index=0", "--log=error"] }),
    startServer(),
  ]);
  for (const name of sources) for (const server of all()) server.open(uriOf(name), textOf(name));
  for (const name of sources) expect(await clangd?.diagnostics(uriOf(name))).toEqual([]);
}, 60_000);
afterAll(async () => {
  await Promise.all(all().map((server) => server.stop()));
  rmSync(folder, { recursive: true });
});

function all(): readonly Server[] {
  return [ours, clangd, alone].filter((server) => server !== undefined);
}

/** The two that run beside each other. */
function both(): readonly [Server, Server] {
  if (ours === undefined || clangd === undefined) throw new Error("no clangd");
  return [ours, clangd];
}

function onlyOurs(): Server {
  if (alone === undefined) throw new Error("no server");
  return alone;
}

const withClangd = test.skipIf(program === undefined);

function positionAt(text: string, offset: number) {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** The middle of a word, or of what stands behind its first letter. */
function on(name: string, word: string) {
  return positionAt(textOf(name), textOf(name).indexOf(word) + 1);
}

withClangd("wherever suggestions are asked for, none stands there twice", { timeout: 60_000 }, async () => {
  const name = "packets.bpf.c";
  const text = textOf(name);
  const twice: string[] = [];
  let count = 0;
  for (const { 0: word, index } of text.matchAll(/\w+|->|[(,&]/g)) {
    for (const offset of new Set([index + Math.min(3, word.length), index + word.length])) {
      const [mine = [], theirs = []] = await suggestions(both(), uriOf(name), positionAt(text, offset));
      const known = new Set(theirs.map(nameOf));
      const doubled = mine.map(nameOf).filter((one) => known.has(one));
      if (doubled.length > 0) twice.push(`${text.slice(offset - 20, offset)}: ${doubled.join(", ")}`);
      count += theirs.length;
    }
  }
  expect(twice).toEqual([]);
  expect(count).toBeGreaterThan(1000);
});

withClangd("each of them suggests what is its own, and ours everything where it is alone", async () => {
  const name = "packets.bpf.c";
  const places = [
    ["bpf_map_lookup_elem", 8, "bpf_map_lookup_elem", "clangd"],
    ["ctx->data_end", 7, "data_end", "clangd"],
    ["traffic_by_protocol, ", 2, "traffic_by_protocol", "clangd"],
    ['SEC("xdp")', 6, "xdp", "ours"],
    ["__type(key", 2, "__type(key, …)", "none"],
  ] as const;
  for (const [written, letters, suggested, by] of places) {
    const text = textOf(name);
    const position = positionAt(text, text.indexOf(written) + letters);
    const lists = await suggestions([...both(), onlyOurs()], uriOf(name), position);
    const [mine, theirs, full] = lists.map((list) => list.some((item) => nameOf(item) === suggested));
    expect([mine, theirs], written).toEqual([by === "ours", by === "clangd"]);
    if (by !== "none") expect(full, written).toBe(true);
  }
});

withClangd("two hovers on a word have nothing in common", async () => {
  const lines = (hover: string): readonly string[] =>
    hover.split("\n").flatMap((line) => {
      const said = line.replace(/[`*]/g, "").trim();
      return said.length > 6 ? [said] : [];
    });
  for (const name of ["packets.bpf.c", "execwatch.bpf.c"]) {
    const words = new Set(textOf(name).match(/\b[A-Za-z_]\w+\b/g));
    let answered = 0;
    for (const word of words) {
      const [mine = "", theirs = ""] = await hovers(both(), uriOf(name), on(name, word));
      if (mine === "" || theirs === "") continue;
      answered++;
      const known = new Set(lines(theirs));
      expect(
        lines(mine).filter((line) => known.has(line)),
        word,
      ).toEqual([]);
    }
    expect(answered).toBeGreaterThan(12);
  }
});

withClangd("a hover on a helper, a map, a program and a local: who says what", async () => {
  const name = "packets.bpf.c";
  const hover = async (word: string) => hovers([...both(), onlyOurs()], uriOf(name), on(name, word));
  const [mine = "", theirs = "", full = ""] = await hover("bpf_map_lookup_elem");
  expect(theirs).toContain("void *(*)(void *, const void *)");
  expect(full).toMatch(/^```c\nvoid \*bpf_map_lookup_elem\(/);
  expect(mine).toMatch(/^BPF helper #1 /);
  expect(full.endsWith(mine)).toBe(true);
  for (const [word, ours] of [
    ["traffic_by_protocol", "PERCPU_ARRAY"],
    ["count_packets", "BPF_PROG_TYPE_XDP"],
  ] as const) {
    const [said = "", plain = ""] = await hover(word);
    expect(said).toContain(ours);
    expect(plain).toContain(word);
    expect(plain).not.toContain(ours);
  }
});

withClangd("plain C comes from one of them only", async () => {
  const name = "packets.bpf.c";
  const [mine, theirs, full] = await outlines([...both(), onlyOurs()], uriOf(name));
  expect(mine).toBe(0);
  expect(theirs).toBeGreaterThan(0);
  expect(full).toBeGreaterThan(0);
  const tokens = await answers([...both(), onlyOurs()], "textDocument/semanticTokens/full", uriOf(name));
  expect(tokens.map((found) => found !== null)).toEqual([false, true, true]);
});

withClangd("whether clangd finds the headers is told later, and changes its mind", async () => {
  const name = "lost.bpf.c";
  const server = onlyOurs();
  const text = textOf("packets.bpf.c").replace(/(bpf_map_lookup_elem\([^,]*),[^)]*/, "$1");
  server.open(uriOf(name), text);
  const codes = async (turn: number) => (await server.diagnostics(uriOf(name), 1, turn)).map(({ code }) => code);
  expect([await codes(1), await codes(2)]).toEqual([["wrong-argument-count"], ["wrong-argument-count"]]);
  await server.connection.sendNotification("hookpoint/otherServer", there);
  expect(await codes(3)).toEqual([]);
  expect(await outlines([server], uriOf(name))).toEqual([0]);
  const helper = positionAt(text, text.indexOf("bpf_map_lookup_elem") + 1);
  const [short = ""] = await hovers([server], uriOf(name), helper);
  const missing = { [uriOf(name)]: ["bpf/bpf_helpers.h"] };
  await server.connection.sendNotification("hookpoint/otherServer", { ...there, missing });
  const [full = ""] = await hovers([server], uriOf(name), helper);
  expect([short.startsWith("BPF helper #1"), full.startsWith("```c\nvoid *bpf_map_lookup_elem")]).toEqual([true, true]);
  await server.connection.sendNotification("hookpoint/otherServer", { missing: {} });
  expect((await outlines([server], uriOf("packets.bpf.c")))[0]).toBeGreaterThan(0);
  expect(server.errors).toEqual([]);
});

test("what is left to a compiler's front end it says at the same place, of each example", {
  timeout: 120_000,
}, async (ctx) => {
  for (const tool of ["clang", "bpftool"]) needTool(tool, ctx);
  const own = mkdtempSync(join(folder, "rules-"));
  const options = { btf: undefined, sources: [], minimal: false, mayReplace: async () => true };
  await generateVmlinux({ ...options, output: join(own, "vmlinux.h") }, workIn(own));
  const left = rules.filter(({ meta }) => meta.saidByC === true);
  expect(left.length).toBeGreaterThan(5);
  const unsaid: string[] = [];
  for (const rule of left) {
    for (const { bad, ...given } of rule.meta.examples) {
      const text = /#\s*include/.test(bad) ? bad : `${HEADERS}${bad}`;
      const file = join(own, "x.bpf.c");
      writeFileSync(file, text);
      const found = findingsIn(text, [rule], given).map(({ range }) => range.start.line + 1);
      expect(found.length, text).toBeGreaterThan(0);
      const said = linesOfClang(file);
      if (!found.every((line) => said.includes(line))) unsaid.push(`${rule.meta.id}:\n${bad}`);
    }
  }
  expect(unsaid).toEqual([]);
});

const HEADERS = ["bpf_helpers", "bpf_tracing", "bpf_core_read", "bpf_endian"].reduce(
  (text, name) => `${text}#include <bpf/${name}.h>\n`,
  '#include "vmlinux.h"\n',
);

/** Where clang, and so clangd, complains. */
function linesOfClang(file: string): readonly number[] {
  const target = [
    "--target=bpf",
    "-D__TARGET_ARCH_x86",
    `-I/usr/include/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`,
  ];
  const args = [...target, "-fsyntax-only", "-ferror-limit=0", file];
  const { stderr } = spawnSync(findClang() ?? "clang", args, { encoding: "utf8" });
  return [...stderr.matchAll(/x\.bpf\.c:(\d+):\d+: (?:error|warning|note): /g)].map(([, line]) => Number(line));
}
