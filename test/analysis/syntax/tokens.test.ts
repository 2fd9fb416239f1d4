import { expect, test } from "vitest";
import { tokenize } from "../../../server/src/analysis/syntax/tokens.ts";

function words(text: string): readonly string[] {
  const { count, starts, ends } = tokenize(text);
  return Array.from({ length: count }, (_, i) => text.slice(starts[i], ends[i]));
}

test("words, numbers, strings and punctuation", () => {
  expect(words(`x1 += 0x1f + 1.5e-3 + 'a' + "b";`)).toEqual([
    "x1",
    "+",
    "=",
    "0x1f",
    "+",
    "1.5e-3",
    "+",
    "'a'",
    "+",
    '"b"',
    ";",
  ]);
});

test("a hexadecimal number ends before a plus", () => {
  expect(words("0xe+1")).toEqual(["0xe", "+", "1"]);
});

test("comments hold no words, whatever stands in them", () => {
  expect(words('a /* "b" */ c // d "\ne')).toEqual(["a", "c", "e"]);
});

test("a line comment goes on after a backslash", () => {
  expect(words("a // b \\\nc\nd")).toEqual(["a", "d"]);
  expect(words("a // b \\\r\nc\r\nd")).toEqual(["a", "d"]);
});

test("an escaped quote does not end a string", () => {
  expect(words(String.raw`"a\"b" c`)).toEqual([String.raw`"a\"b"`, "c"]);
});

test("a half-typed string ends with its line", () => {
  expect(words('SEC("xdp\nint f;')).toEqual(["SEC", "(", '"xdp', "int", "f", ";"]);
});

test("a half-typed comment ends with its line, whatever ends the next one", () => {
  expect(words("a /* b\nc")).toEqual(["a", "c"]);
  expect(words("a\n/*\nb; /* c */\nd")).toEqual(["a", "b", ";", "d"]);
});

test("a comment of many lines that mentions another is whole", () => {
  expect(words("/*\n * a /* b\n */\nc")).toEqual(["c"]);
  expect(words("/* /sys/*\n /sys/fs/* */\nc")).toEqual(["c"]);
});

test("preprocessor lines are no words but directives", () => {
  const text = "#define A 1 + \\\n 2\nx\n/* c */ #include <y.h>\n# if 1\nz # w";
  expect(words(text)).toEqual(["x", "z", "#", "w"]);
  expect(tokenize(text).directives.map(({ name }) => name)).toEqual(["define", "include", "if"]);
});

test("a comment that begins on a preprocessor line may end on another", () => {
  expect(words("#define A /* x\n y */ 1\nb")).toEqual(["b"]);
});

test("an apostrophe on a preprocessor line opens nothing", () => {
  expect(words("#error don't\nx")).toEqual(["x"]);
});

test("a quote as a character on a preprocessor line opens no string", () => {
  expect(words("#define Q '\"' /* x\n y */ 1\nb")).toEqual(["b"]);
  expect(words("#define Q '\\'' /* x\n y */ 1\nb")).toEqual(["b"]);
});

test("any characters at all give tokens and no exception", () => {
  for (const text of ["\0\0", "\ud800", "€ = 1;", "\\", '"', "'", "#", "/", "/*", "\r\n\r"]) tokenize(text);
});
