import { describe, expect, test } from "vitest";
import { modelOf } from "../support/check.ts";

const SOURCE = `
#include "x.h"
static int helper(struct event *e, int n)
{
	struct event *copy = e, **next;
	char name[16], path[PATH_MAX] = {};
	const volatile __u64 key = f(1, 2);
	struct { int a; } spelled = {};
	unsigned int i, total = 0;
	for (int k = 0; k < n; k++)
		total += k;
#pragma unroll
	for (i = 0; i < 4; i++) {
		if (enabled && i > 2)
			total *= i;
	}
	do {
		n--;
	} while (n > 0);
	while (1)
		break;
	if (!copy)
		return -1;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 8, 0)
	total = e->task->pid + name[i].x;
#endif
	return total;
}
`;
const model = modelOf(SOURCE);
const { code } = model;
const fn = model.functions[0];
if (fn === undefined) throw new Error("the fixture has a function");

describe("what stands in a function body", () => {
  test("local variables with their types", () => {
    const shown = code.locals(fn).map(({ text, type, dimensions, initialiser }) => ({
      [text]: [
        type,
        ...dimensions.map((d) => `[${d}]`),
        ...(initialiser === undefined ? [] : [`= ${initialiser}`]),
      ].join(" "),
    }));
    expect(Object.assign({}, ...shown)).toEqual({
      copy: "struct event * = e",
      next: "struct event **",
      name: "char [16]",
      path: "char [PATH_MAX] = {}",
      key: "const volatile __u64 = f(1, 2)",
      spelled: "struct { int a; } = {}",
      i: "unsigned int",
      total: "unsigned int = 0",
      k: "int = 0",
    });
  });

  test("loops, each once, with their heads and pragmas", () => {
    expect(code.loops().map(({ keyword, head, unroll }) => [keyword, head, unroll?.text])).toEqual([
      ["for", "int k = 0; k < n; k++", undefined],
      ["for", "i = 0; i < 4; i++", "unroll"],
      ["while", "1", undefined],
      ["do", "n > 0", undefined],
    ]);
    expect(code.loops().map(({ bodyRange }) => code.textOf(bodyRange).replace(/\s+/g, " "))).toEqual([
      "total += k;",
      "{ if (enabled && i > 2) total *= i; }",
      "break;",
      "{ n--; }",
    ]);
  });

  test("conditions around a place and before it", () => {
    const [product] = code.uses("total").filter(({ range }) => code.lines.textOf(range.start.line).includes("*="));
    expect(product && code.conditionsAround(product.range)).toEqual(["i = 0; i < 4; i++", "enabled && i > 2"]);
    const [task] = code.accesses("e");
    expect(task && code.conditionsAround(task.range)).toEqual([]);
    expect(task && code.conditionsBefore(task.range)).toContain("!copy");
  });

  test("what is compiled only under a condition", () => {
    const [task] = code.accesses("e");
    expect(task && code.compiledWhen(task.range)).toEqual(["LINUX_VERSION_CODE >= KERNEL_VERSION(5, 8, 0)"]);
    expect(code.compiledWhen(fn.range)).toEqual([]);
  });

  test("what is reached from a name", () => {
    expect(code.accesses("e").map(({ chain }) => chain)).toEqual(["->task->pid"]);
    expect(code.accesses("name").map(({ chain }) => chain)).toEqual(["[16]", "[i].x"]);
  });

  test("what a function returns", () => {
    expect(code.returns(fn).map(({ text }) => text)).toEqual(["-1", "total"]);
  });

  test("names, in code and in preprocessor lines", () => {
    expect(code.uses("enabled")).toHaveLength(1);
    expect(code.uses("KERNEL_VERSION")).toEqual([]);
    expect(code.mentions("KERNEL_VERSION")).toBe(true);
    expect(code.mentions("VERSION")).toBe(false);
  });
});

test("half-typed code is read as far as it goes", () => {
  const { code: half, functions } = modelOf("int f(int n)\n{\n\tint a = n +\n\tfor (;;\n\tstruct x *p = g(");
  const [only] = functions;
  expect(only && half.locals(only).map(({ text }) => text)).toContain("a");
  expect(half.loops()).toHaveLength(1);
});
