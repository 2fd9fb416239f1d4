import { expect, test } from "vitest";
import { modelOf } from "../../support/check.ts";

const programs = (source: string): readonly string[] =>
  modelOf(source).programs.map(({ name, section }) => `${section.name} ${name}`);

const program = (section: string, name: string): string => `SEC("${section}")\nint ${name}(void *ctx) { return 0; }\n`;

test("branches that stand on their own are all part of the file", () => {
  expect(programs(`#ifdef OLD\n${program("kprobe/a", "f")}#else\n${program("fentry/a", "g")}#endif`)).toEqual([
    "kprobe/a f",
    "fentry/a g",
  ]);
});

test("what is plainly not compiled is not", () => {
  expect(programs(`#if 0\n${program("xdp", "f")}#else\n${program("tc", "g")}#endif`)).toEqual(["tc g"]);
  expect(programs(`#if 1\n${program("xdp", "f")}#else\n${program("tc", "g")}#endif`)).toEqual(["xdp f"]);
  expect(programs(`#ifdef __cplusplus\n${program("xdp", "f")}#endif`)).toEqual([]);
  expect(programs(`#define NEW\n#ifndef NEW\n${program("xdp", "f")}#else\n${program("tc", "g")}#endif`)).toEqual([
    "tc g",
  ]);
});

test("of branches that are pieces of one declaration the first is read", () => {
  const text = '#ifdef A\nSEC("kprobe/a")\n#else\nSEC("kprobe/b")\n#endif\nint f(void *ctx) { return 0; }';
  expect(programs(text)).toEqual(["kprobe/a f"]);
});

test("nesting and missing ends are survived", () => {
  expect(programs(`#if A\n#if B\n${program("xdp", "f")}#endif\n${program("tc", "g")}`)).toEqual(["xdp f", "tc g"]);
  expect(programs(`#endif\n#else\n${program("xdp", "f")}#elif`)).toEqual(["xdp f"]);
});
