import { describe, expect, test } from "vitest";
import { findingsIn, modelOf } from "../support/check.ts";

const CALL = "bpf_probe_read(d, 4, d);";
const lines = (text: string): readonly number[] =>
  findingsIn(text, undefined)
    .filter(({ rule }) => rule.id === "deprecated-helper")
    .map(({ range }) => range.start.line);
const reach = (text: string) => modelOf(text).suppressions.map(({ first, last }) => [first, last]);

describe("what a comment speaks of", () => {
  test("its own line, behind code", () => {
    expect(lines(`void f(void *d)\n{\n\t${CALL} // hookpoint: allow deprecated-helper\n\t${CALL}\n}`)).toEqual([3]);
  });

  test("the next line, alone on its own", () => {
    const text = `void f(void *d)\n{\n\t/* hookpoint: allow deprecated-helper because */\n\t${CALL}\n\t${CALL}\n}`;
    expect(lines(text)).toEqual([4]);
  });

  test("the block that begins there: a function, a map, an if with its else, a loop", () => {
    expect(
      lines(
        `// hookpoint: allow deprecated-helper\nSEC("xdp")\nint f(void *d)\n{\n\t${CALL}\n}\nint g(void *d) { ${CALL} }`,
      ),
    ).toEqual([6]);
    expect(reach('// hookpoint: allow x\nstruct {\n\t__uint(type, 1);\n} m\n\tSEC(".maps");\nint a;')).toEqual([
      [1, 4],
    ]);
    expect(reach('// hookpoint: allow x\nstatic struct {\n\t__uint(type, 1);\n} m SEC(".maps");\nint a;')).toEqual([
      [1, 3],
    ]);
    expect(reach("// hookpoint: allow x\nstatic int f(void)\n{\n\treturn 1;\n}\nint a;\nint b;")).toEqual([[1, 4]]);
    expect(
      reach(
        "void f(void)\n{\n// hookpoint: allow x\nif (a) {\n\tb();\n} else if (c) {\n\td();\n} else {\n\te();\n}\ng();\n}",
      ),
    ).toEqual([[3, 9]]);
    expect(reach("void f(void)\n{\n// hookpoint: allow x\nfor (;;) {\n\tb();\n}\ng();\n}")).toEqual([[3, 5]]);
    expect(reach("void f(void)\n{\n// hookpoint: allow x\ng(1,\n  2);\nh();\n}")).toEqual([[3, 4]]);
  });

  test("the file, as allow-file, wherever it stands", () => {
    expect(lines(`void f(void *d)\n{\n\t${CALL}\n}\n// hookpoint: allow-file deprecated-helper`)).toEqual([]);
  });

  test("comments one below the other speak of the same line", () => {
    expect(
      lines(
        `void f(void *d)\n{\n\t// hookpoint: allow deprecated-helper\n\t// hookpoint: allow unknown-rule\n\t${CALL}\n}`,
      ),
    ).toEqual([]);
  });

  test("bpflint's comments count, by its names", () => {
    expect(lines(`/* bpflint: disable=probe-read */\nvoid f(void *d)\n{\n\t${CALL}\n}`)).toEqual([]);
    expect(lines(`void f(void *d)\n{\n\t/* bpflint: disable=all */\n\t${CALL}\n\t${CALL}\n}`)).toEqual([4]);
    expect(lines(`/* bpflint: disable=deprecated-helper */\nvoid f(void *d)\n{\n\t${CALL}\n}`)).toEqual([3]);
  });

  test("a half-typed block goes on to the end, and nothing breaks", () => {
    expect(reach("// hookpoint: allow x\nint f(void)\n{\n\tif (a) {")).toHaveLength(1);
    expect(reach("// hookpoint: allow x")).toEqual([[1, 1]]);
    expect(reach("// hookpoint: allow x\n")).toEqual([[1, 1]]);
  });
});

test("each name has its place", () => {
  const [comment] = modelOf("int a; // hookpoint: allow one, two-x  for a reason").suppressions;
  expect(comment?.rules.map(({ name, range }) => [name, range.start.character, range.end.character])).toEqual([
    ["one", 27, 30],
    ["two-x", 32, 37],
  ]);
});
