/** The notes: which exist, that their examples compile, and that their words are our own. */

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect, type TestContext, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { parseNote } from "../../data/tools/notes.mjs";

const NOTES = join(import.meta.dirname, "../../data/notes");
const BPF_HEADER = "/usr/include/linux/bpf.h";
const RUN = 8;

/** Where the kernel's headers for this machine are, and how the BPF headers call it. */
const ARCHES: Partial<Record<NodeJS.Architecture, { multiarch: string; define: string }>> = {
  x64: { multiarch: "x86_64-linux-gnu", define: "x86" },
  arm64: { multiarch: "aarch64-linux-gnu", define: "arm64" },
};

const run = promisify(execFile);

const knowledge = buildKnowledge(join(NOTES, ".."));

const notes = readdirSync(NOTES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: kind }) =>
    readdirSync(join(NOTES, kind)).map((file) => {
      const text = readFileSync(join(NOTES, kind, file), "utf8");
      return { kind, name: basename(file, ".md"), text, note: parseNote(text, `${kind}/${file}`) };
    }),
  );

test("every helper has a note with a mistake and an example that calls it", () => {
  const { helpers } = knowledge;
  expect(helpers.length).toBeGreaterThan(200);
  for (const { name, note } of helpers) {
    expect(note?.mistake, name).toBeTruthy();
    expect(note?.example, name).toContain(`${name}(`);
  }
});

test("every section, program type, map type, context and macro has a note, and so have the common kfuncs", () => {
  const { sections, programTypes, mapTypes, contexts, macros, kfuncs } = knowledge;
  const without = [...sections, ...programTypes, ...mapTypes, ...contexts, ...macros].filter(({ note }) => !note);
  expect(without.map(({ name }) => name)).toEqual([]);
  expect(kfuncs.filter(({ note }) => note).length).toBeGreaterThan(200);
});

test("the note on a context tells of every field, and of no other", () => {
  for (const { name, fields, note } of knowledge.contexts)
    expect(Object.keys(note?.fields ?? {}).sort(), name).toEqual(fields.map((field) => field.name).sort());
});

test("every example compiles after the prelude", { timeout: 180_000 }, async (ctx) => {
  const dir = mkdtempSync(join(tmpdir(), "hookpoint-notes-"));
  try {
    const compiler = await findCompiler(dir);
    if ("missing" in compiler) return unable(ctx, compiler.missing);
    const { clang, flags } = compiler;
    // Read once, not for each of the hundreds of examples.
    const prelude = join(dir, "prelude.h.pch");
    await run(clang, [...flags, "-x", "c-header", join(NOTES, "prelude.h"), "-o", prelude]);
    const withExample = notes.flatMap(({ kind, name, note }) =>
      note.example ? [{ name: `${kind}-${name}`, code: note.example }] : [],
    );
    const problems = await inParallel(withExample, async ({ name, code }) => {
      const file = join(dir, `${name}.c`);
      writeFileSync(file, `${code}\n`);
      const problem = await compile(clang, [...flags, "-include-pch", prelude], file);
      return problem && `${name}: ${problem}`;
    });
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test(`no note repeats ${RUN} words in a row from the comments of the kernel's header`, (ctx) => {
  if (!existsSync(BPF_HEADER)) return unable(ctx, `no ${BPF_HEADER}`);
  const comments = readFileSync(BPF_HEADER, "utf8").match(/\/\*[\s\S]*?\*\//g) ?? [];
  const known = new Set(comments.flatMap((comment) => wordRuns(comment)));
  expect(known.size).toBeGreaterThan(1000);
  const copied = notes.flatMap(({ kind, name, text }) =>
    wordRuns(text)
      .filter((words) => known.has(words))
      .map((words) => `${kind}/${name}: ${words}`),
  );
  expect(copied).toEqual([]);
});

/** On CI a missing tool is a broken setup; elsewhere the test is skipped and says why. */
function unable(ctx: TestContext, reason: string): void {
  if (process.env["CI"]) throw new Error(reason);
  ctx.skip(reason);
}

/** The first clang that can build a BPF program here, with the flags the examples need. */
async function findCompiler(dir: string): Promise<{ clang: string; flags: string[] } | { missing: string }> {
  const arch = ARCHES[process.arch];
  if (!arch) return { missing: `do not know the header directory of ${process.arch}` };
  const target = ["-g", "-O2", "-Wall", "-Werror", "-target", "bpf"];
  const flags = [...target, `-D__TARGET_ARCH_${arch.define}`, `-I/usr/include/${arch.multiarch}`];
  const empty = join(dir, "empty.c");
  const headers = join(dir, "headers.c");
  writeFileSync(empty, "int empty;\n");
  writeFileSync(headers, "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n");
  for (const clang of clangs()) {
    if (await compile(clang, target, empty)) continue;
    const problem = await compile(clang, flags, headers);
    return problem ? { missing: `no libbpf headers: ${problem}` } : { clang, flags };
  }
  return { missing: `no clang with a bpf target among ${clangs().join(", ")}` };
}

function clangs(): string[] {
  const fromEnvironment = process.env["HOOKPOINT_CLANG"];
  const versions = [19, 18, 17, 16, 15, 14].map((version) => `clang-${version}`);
  return [...(fromEnvironment ? [fromEnvironment] : []), ...versions, "clang"];
}

/** @returns what went wrong, or undefined */
async function compile(clang: string, flags: string[], file: string): Promise<string | undefined> {
  try {
    const { stderr } = await run(clang, [...flags, "-c", "-o", file.replace(/c$/, "o"), file]);
    return stderr || undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return stderr || message;
  }
}

/** As many at a time as there are CPUs; results keep the order of the items. */
async function inParallel<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/** Every run of words in a text, without regard to case, line breaks, punctuation and markup. */
function wordRuns(text: string): string[] {
  const words = text.toLowerCase().match(/\w+/g) ?? [];
  return words.slice(RUN - 1).map((_, start) => words.slice(start, start + RUN).join(" "));
}
