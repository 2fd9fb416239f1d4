/** How `knowledge.json` is read: piece by piece, and the same as at once. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { buildKnowledge, knowledgeText } from "../../../data/tools/build.mjs";
import { knowledgeBase } from "../../../server/src/analysis/knowledge/knowledge-base.ts";
import { readKnowledge } from "../../../server/src/analysis/knowledge/read.ts";

const built = buildKnowledge(fileURLToPath(new URL("../../../data", import.meta.url)));
const text = knowledgeText(built);

test("all of it is there, and any reader of JSON can read it", () => {
  const read = readKnowledge(text);
  expect(Object.keys(read)).toEqual(Object.keys(built));
  expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(built)));
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(built)));
});

test("plain ASCII, a line for each fact", () => {
  expect(text).toMatch(/^[ -~\n]*$/);
  expect(text.split("\n").length).toBeGreaterThan(built.helpers.length + built.constants.length);
});

test("a fact is the same however it is asked for", () => {
  const json = readKnowledge(text);
  const kb = knowledgeBase(json);
  const alone = kb.helper("bpf_loop");
  expect(alone?.name).toBe("bpf_loop");
  expect(json.helpers.find(({ name }) => name === "bpf_loop")).toBe(alone);
  expect(json.helpers).toBe(json.helpers);
  expect(kb.kfunc("bpf_map_lookup_elem")).toBeUndefined();
  expect(kb.helper("toString")).toBeUndefined();
});

test("in another form it is read at once", () => {
  const kb = knowledgeBase(readKnowledge(JSON.stringify(built)));
  expect(kb.helper("bpf_loop")?.id).toBe(built.helpers.find(({ name }) => name === "bpf_loop")?.id);
});

test("half of it is refused", () => {
  expect(() => readKnowledge(text.slice(0, text.length >> 1))).toThrow(SyntaxError);
});
