import { expect, test } from "vitest";
import { fixture, textIn } from "./fixture.ts";

test("the cursor is taken out and remembered", () => {
  const { text, cursor } = fixture("int f() { bpf_lo$0op(); }");
  expect(text).toBe("int f() { bpf_loop(); }");
  expect(cursor).toEqual({ line: 0, character: 16 });
});

test("a mark labels the range above it and leaves no line behind", () => {
  const { text, labels } = fixture(`
int f();
//  ^ the name
int g();
`);
  expect(text).toBe("int f();\nint g();\n");
  expect(labels.map(({ label, range }) => [label, textIn(text, range)])).toEqual([["the name", "f"]]);
});

test("two marks under one line label two ranges of it", () => {
  const { text, labels } = fixture(`
int f();
//  ^ name
// ^ blank
`);
  expect(labels.map(({ range }) => textIn(text, range))).toEqual(["f", " "]);
});

test("further files follow a header line", () => {
  const { text, files } = fixture(`
#include "x.h"
//- /x.h
int x;`);
  expect(text).toBe('#include "x.h"');
  expect([...files]).toEqual([["/x.h", "int x;"]]);
});
