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
  expect(() => readKnowledge('{\n"helpers":[\n{"name":"bpf_loop"}\n}')).toThrow(SyntaxError);
});

test("bytes that become strings piece by piece are read as one string is", () => {
  const bytes = Buffer.from(text);
  const asked: number[] = [];
  const json = readKnowledge({
    length: bytes.length,
    indexOf: (wanted, from) => bytes.indexOf(wanted, from, "latin1"),
    slice: (start, end) => {
      asked.push(end - start);
      return bytes.toString("latin1", start, end);
    },
  });
  const kb = knowledgeBase(json);
  expect(kb.helper("bpf_loop")).toEqual(built.helpers.find(({ name }) => name === "bpf_loop"));
  // Of the rest nobody has made strings.
  expect(asked.reduce((all, one) => all + one)).toBeLessThan(text.length / 2);
  expect(JSON.parse(JSON.stringify(json))).toEqual(JSON.parse(JSON.stringify(built)));
});
