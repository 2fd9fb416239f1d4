/** The note parser and the join of facts, overrides and notes. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildKnowledge, KINDS } from "../../data/tools/build.mjs";
import { parseNote } from "../../data/tools/notes.mjs";
import type { Helper } from "../../server/src/analysis/knowledge/types.ts";
import { knowledgeOf } from "../support/knowledge.ts";

const NOTE = `Reads a value
out of a map.

## Mistake

Using the pointer
without a check.

## Example

\`\`\`c
/* # not a heading */
if (!value)
	return 0;
\`\`\`
`;

test("reads a note and joins wrapped lines", () => {
  expect(parseNote(NOTE, "x.md")).toEqual({
    summary: "Reads a value out of a map.",
    mistake: "Using the pointer without a check.",
    example: "/* # not a heading */\nif (!value)\n\treturn 0;",
  });
});

test("a summary is enough, with any line ends", () => {
  expect(parseNote("Reads a value\r\nout of a map.\r\n", "x.md")).toEqual({ summary: "Reads a value out of a map." });
});

const code = (lines: number) => `Reads.\n\n## Example\n\`\`\`c\n${"f();\n".repeat(lines)}\`\`\`\n`;

test("eight lines of example are fine", () => {
  expect(parseNote(code(8), "x.md").example?.split("\n").length).toBe(8);
});

test.each([
  ["", "x.md:1: has no summary: start with a paragraph that says what it does"],
  ["## Mistake\nNo check.\n", "x.md:1: has no summary: start with a paragraph that says what it does"],
  ["One.\n\nTwo.\n", "x.md:2: the summary is more than one paragraph"],
  ["One.\n```c\nf();\n```\n", "x.md:2: has code in the summary; code goes under ## Example"],
  [
    "One.\n\n## Mistakes\nTwo.\n",
    'x.md:3: unknown heading "## Mistakes"; a note has only ## Mistake, ## Example and ## Fields',
  ],
  ["# bpf_x\nOne.\n", 'x.md:1: unknown heading "# bpf_x"; a note has only ## Mistake, ## Example and ## Fields'],
  ["One.\n\n## Mistake\n\n", "x.md:3: ## Mistake is empty"],
  ["One.\n\n## Mistake\nTwo.\n\nThree.\n", "x.md:5: ## Mistake is more than one paragraph"],
  ["One.\n\n## Mistake\nTwo.\n\n## Mistake\nThree.\n", 'x.md:6: has a second "## Mistake"'],
  ["One.\n\n## Example\nf();\n", "x.md:4: ## Example must be one code block from ```c to ```"],
  ["One.\n\n## Example\n```c\nf();\n", "x.md:4: ## Example must be one code block from ```c to ```"],
  ["One.\n\n## Example\n```c\nf();\n```\n```c\ng();\n```\n", "x.md:6: ## Example has more than one code block"],
  ["One.\n\n## Example\n```c\n```\n", "x.md:3: ## Example is empty"],
  [code(9), "x.md:3: ## Example has 9 lines; at most 8 are shown on hover"],
])("refuses %j", (note, message) => {
  expect(() => parseNote(note, "x.md")).toThrow(message);
});

const HELPER: Helper = {
  name: "bpf_x",
  id: 1,
  returns: "long",
  params: [],
  result: "number",
  allowed: [],
  since: "4.1",
  source: ["libbpf:defs.h"],
};
const UPSTREAM = { url: "https://example.org/libbpf", revision: "f7081a6b", licence: "BSD-2-Clause", takes: "All." };
let data = "";

function write(file: string, content: string | object) {
  mkdirSync(dirname(join(data, file)), { recursive: true });
  writeFileSync(join(data, file), typeof content === "string" ? content : JSON.stringify(content));
}

beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), "hookpoint-")), "data");
  write("upstream.json", { $schema: "./schema/upstream.schema.json", libbpf: UPSTREAM });
  for (const kind of Object.values(KINDS)) write(`facts/${kind}.json`, { generated: "", entries: [] });
  write("facts/helpers.json", { generated: "", entries: [HELPER] });
});

afterEach(() => rmSync(dirname(data), { recursive: true }));

test("joins a note to its helper", () => {
  write("notes/helpers/bpf_x.md", "Does x.\n");
  expect(buildKnowledge(data)).toEqual(
    knowledgeOf({
      upstream: { libbpf: { url: UPSTREAM.url, revision: UPSTREAM.revision } },
      helpers: [{ ...HELPER, note: { summary: "Does x." } }],
    }),
  );
});

test("every kind is joined with its overrides and notes", () => {
  const fact = { name: "BPF_MAP_TYPE_X", number: 1, since: "4.1", source: ["libbpf:bpf.h"] };
  const set = { since: "3.19", source: ["linux:bpf.h@d0003ec"] };
  write("facts/map-types.json", { generated: "", entries: [fact] });
  write("overrides/map-types.json", [{ name: fact.name, reason: "The header says so.", set }]);
  write("notes/map-types/BPF_MAP_TYPE_X.md", "Holds x.\n");
  expect(buildKnowledge(data).mapTypes).toEqual([{ ...fact, ...set, note: { summary: "Holds x." } }]);
});

test("a helper needs no note", () => {
  expect(buildKnowledge(data).helpers).toEqual([HELPER]);
});

test("names the file of a note about nothing", () => {
  write("notes/helpers/bpf_y.md", "Does y.\n");
  expect(() => buildKnowledge(data)).toThrow(
    'data/notes/helpers/bpf_y.md:1: no entry of facts/helpers.json is called "bpf_y"; is the file name right?',
  );
});

test("names file and line of a bad note", () => {
  write("notes/helpers/bpf_x.md", "Does x.\n\n## Why\n");
  expect(() => buildKnowledge(data)).toThrow('data/notes/helpers/bpf_x.md:3: unknown heading "## Why"');
});

test("an override corrects single fields", () => {
  const set = { since: "3.19", source: ["linux:bpf.h@d0003ec"] };
  write("overrides/helpers.json", [{ name: "bpf_x", reason: "The header says so.", set }]);
  expect(buildKnowledge(data).helpers).toEqual([{ ...HELPER, ...set }]);
});

test.each([
  [{ name: "bpf_y", reason: "r", set: { source: ["s"] } }, "bpf_y is not a known name"],
  [{ name: "bpf_x", reason: "", set: { since: "3.19", source: ["s"] } }, 'bpf_x needs a "reason"'],
  [{ name: "bpf_x", reason: "r", set: { since: "3.19" } }, 'bpf_x needs a "source" in "set"'],
  [
    { name: "bpf_x", reason: "r", set: { since: "4.1", source: ["s"] } },
    'bpf_x already has this "since" upstream; remove it from the override',
  ],
])("refuses the override %j", (override, message) => {
  write("overrides/helpers.json", [override]);
  expect(() => buildKnowledge(data)).toThrow(`data/overrides/helpers.json:1: ${message}`);
});
