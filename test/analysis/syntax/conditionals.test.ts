import { expect, test } from "vitest";
import { modelOf } from "../../support/check.ts";

const programs = (source: string): readonly string[] =>
  modelOf(source).programs.map(({ name, section }) => `${section.name} ${name}`);

const program = (section: string, name: string): string => `SEC("${section}")\nint ${name}(void *ctx) { return 0; }\n`;

test("zero in any spelling is false, and a macro with arguments defines no shorter name", () => {
  for (const condition of ["(0)", "0x0", "0 && X", "OFF"]) {
    expect(programs(`#define OFF (0)\n#if ${condition}\n${program("xdp", "f")}#endif`), condition).toEqual([]);
  }
  const text = `#define DEBUGF(fmt, ...) x\n#ifdef DEBUG\n${program("xdp", "a")}#else\n${program("tc", "b")}#endif`;
  expect(programs(text)).toEqual(["xdp a", "tc b"]);
});

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

test("of branches that are pieces of one declaration one is read: without an option, the one that is compiled without it", () => {
  const rest = "int f(void *ctx) { return 0; }";
  expect(programs(`#ifdef A\nSEC("kprobe/a")\n#else\nSEC("kprobe/b")\n#endif\n${rest}`)).toEqual(["kprobe/b f"]);
  expect(programs(`#ifndef A\nSEC("kprobe/a")\n#else\nSEC("kprobe/b")\n#endif\n${rest}`)).toEqual(["kprobe/a f"]);
  expect(
    programs(
      `#if defined(X)\nSEC("kprobe/x")\n#elif defined(Y)\nSEC("kprobe/y")\n#else\nSEC("kprobe/z")\n#endif\n${rest}`,
    ),
  ).toEqual(["kprobe/x f"]);
});

test("a type holds what is in it without options", () => {
  const source = "struct s { u32 a;\n#ifdef MORE\nu64 b[8];\n#endif\n#ifdef BIG\nu64 c;\n#else\nu32 c;\n#endif\n};";
  expect(modelOf(source).layoutOf("struct s")?.size).toBe(8);
  expect(modelOf(`#define BIG\n${source}`).layoutOf("struct s")?.size).toBe(16);
});

test("of definitions in branches the first counts, of others the last before their use", () => {
  const prefix = '#if defined(X)\n#define P "x_"\n#elif defined(Y)\n#define P "y_"\n#else\n#define P ""\n#endif\n';
  expect(programs(`${prefix}SEC("kprobe/" P "do")\nint f(void *ctx) { return 0; }`)).toEqual(["kprobe/x_do f"]);
  const make = '#define MAKE(n) SEC("tc") int NAME(n)(void *ctx) { return 0; }\n';
  const named = (name: string) =>
    `#undef MAKE\n#define MAKE(n) SEC("${name}") int ${name}_##n(void *ctx) { return 0; }\nMAKE(a)\n`;
  expect(programs(`${make}${named("xdp")}${named("tc")}`)).toEqual(["xdp xdp_a", "tc tc_a"]);
});

test("nesting and missing ends are survived", () => {
  expect(programs(`#if A\n#if B\n${program("xdp", "f")}#endif\n${program("tc", "g")}`)).toEqual(["xdp f", "tc g"]);
  expect(programs(`#endif\n#else\n${program("xdp", "f")}#elif`)).toEqual(["xdp f"]);
});
