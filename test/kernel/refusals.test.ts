/** Broken programs of ours: each is built and given to real kernels, and what we say of the refusal is held against what the program says of itself. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../server/src/analysis/verifier/answer.ts";
import { families } from "../../server/src/analysis/verifier/families/index.ts";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { type Verified, verifyObject } from "../../server/src/toolchain/verify.ts";
import { run } from "../support/objects.ts";
import { root } from "../support/paths.ts";
import { workIn } from "../support/tools.ts";
import { type Expected, expectationsOf } from "./refusals-expected.ts";
import { kernels, whyNot } from "./refusals-kernels.ts";

const FOLDER = join(root, "test/kernel/refusals");
const sources = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".bpf.c"))
  .sort();

// A path as people have them: tools that mind are found here.
const folder = mkdtempSync(join(tmpdir(), "hookpoint refusals "));
beforeAll(() => {
  const btf = "/sys/kernel/btf/vmlinux";
  if (whyNot() === undefined)
    writeFileSync(join(folder, "vmlinux.h"), run("bpftool", "btf", "dump", "file", btf, "format", "c"));
});
afterAll(async () => {
  await Promise.all(kernels.map(({ stop }) => stop?.()));
  rmSync(folder, { recursive: true, force: true });
});

describe.each(kernels)("$name", ({ name: on, start, skip }) => {
  for (const source of sources) {
    const expected = expectationsOf(source, readFileSync(join(FOLDER, source), "utf8"));
    if (!expected.runsOn(on)) continue;
    test.concurrent(source.replace(".bpf.c", ""), async (ctx) => {
      const reason = whyNot() ?? skip?.();
      if (reason !== undefined) {
        if (process.env["CI"]) throw new Error(reason);
        return ctx.skip(reason);
      }
      const object = await built(source, expected);
      const wish = { programs: [], visits: false, ...(expected.replacesItsOwn ? { target: { object } } : {}) };
      check(await verifyObject(object, await start(), wish, workIn(folder)), expected);
    });
  }
});

test("each is expected to be of a family that there is", () => {
  const known = new Set(families.map(({ id }) => id));
  const unknown = sources.filter((name) => !known.has(expectationsOf(name, textOf(name)).family));
  expect(unknown).toEqual([]);
});

test("each is named after its family", () => {
  const misnamed = sources.filter((name) => expectationsOf(name, textOf(name)).family !== name.split(".")[0]);
  expect(misnamed).toEqual([]);
});

function textOf(source: string): string {
  return readFileSync(join(FOLDER, source), "utf8");
}

const building = new Map<string, Promise<string>>();

/** Once, also for several kernels. */
function built(source: string, { flags }: Expected): Promise<string> {
  const already = building.get(source);
  if (already !== undefined) return already;
  const path = join(folder, source);
  writeFileSync(path, textOf(source));
  const object = buildObject(path, workIn(folder, { flags })).then(({ ok, output, plan }) => {
    if (!ok) throw new Error(output);
    return plan.object;
  });
  building.set(source, object);
  return object;
}

function check({ programs }: Verified, expected: Expected): void {
  const name = expected.program ?? programs[0]?.name;
  expect(expected.program !== undefined || programs.length === 1, "says which program is refused").toBe(true);
  const others = programs.filter((program) => program.name !== name && program.verdict !== "accepted");
  expect(others.map((program) => `${program.name} is ${program.verdict}:\n${program.log}`)).toEqual([]);
  const program = programs.find((one) => one.name === name);
  if (program === undefined) throw new Error(`no program ${name}`);
  const log = program.log.split("\n").slice(-40).join("\n");
  expect(program.verdict, log).toBe("refused");
  const [answer] = program.answers;
  if (answer === undefined) throw new Error(`refused without an answer:\n${log}`);
  const { family, class: of, place } = answer;
  const found = { family, class: of, file: place?.file && basename(place.file), line: place?.line };
  const { file, line } = expected;
  expect(found, log).toEqual({ family: expected.family, class: expected.class, file, line });
  checkWords(answer);
  checkStory(answer, expected, log);
}

function checkWords({ title, meaning, advice, said }: Answer): void {
  for (const words of [title, meaning, advice, said]) {
    expect(words).not.toBe("");
    expect(words).not.toMatch(/undefined|NaN|\$\{|\[object|Infinity|[^\n] {2}\S| [.,;]/);
  }
  for (const words of [meaning, advice])
    expect(words, "is a sentence").toMatch(/^(?:[A-Z0-9"'`(]|[a-z]\w*[_(]).*[.:;)}\w]$/s);
}

function checkStory({ story }: Answer, expected: Expected, log: string): void {
  const told = story.map(({ place, text }) => `${place.line}: ${text}`).join("\n");
  for (const line of expected.storyLines)
    expect(
      story.map(({ place }) => place.line),
      `${told}\n${log}`,
    ).toContain(line);
  for (const words of expected.story) expect(told, log).toContain(words);
}
