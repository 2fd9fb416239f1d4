import { expect, test } from "vitest";
import { structByValue } from "../../server/src/analysis/rules/struct-by-value.ts";
import { tooManyArguments } from "../../server/src/analysis/rules/too-many-arguments.ts";
import { variadicFunction } from "../../server/src/analysis/rules/variadic-function.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const SIX = "(int a, int b, int c, int d, int e, int g) { return a; }";

test("five are fine, and so is what clang may inline", () => {
  checkNoFindings(tooManyArguments, "int f(int a, int b, int c, int d, int e) { return a; }");
  for (const words of ["static int", "static inline int", "static __always_inline int", "inline int"])
    checkNoFindings(tooManyArguments, `${words} f${SIX}`);
});

test("silent where a word or the name may be a macro", () => {
  checkNoFindings(tooManyArguments, `INTERNAL int f${SIX}`);
  checkNoFindings(tooManyArguments, `INTERNAL f${SIX}`);
  checkNoFindings(tooManyArguments, "int ON_EXIT(f, int a, int b, int c, int d, int e) { return a; }");
  checkNoFindings(tooManyArguments, `#define statfunc static __always_inline\nstatfunc int f${SIX}`);
});

test("the macros of libbpf's take one argument", () => {
  checkNoFindings(
    tooManyArguments,
    'SEC("fentry/x")\nint BPF_PROG(f, int a, int b, int c, int d, int e, int g) { return 0; }',
  );
});

test("a function that must not be inlined and is called", () => {
  checkNoFindings(tooManyArguments, `static __noinline int f${SIX}`);
  checkFix(
    tooManyArguments,
    `static __noinline int f${SIX}\nint k(int x) { return f(x, x, x, x, x, x); }`,
    `static __always_inline int f${SIX}\nint k(int x) { return f(x, x, x, x, x, x); }`,
  );
});

test("no fix where another declaration says otherwise", () => {
  const text = `int f(int a, int b, int c, int d, int e, int g);\nint f${SIX}`;
  checkFix(tooManyArguments, text, text);
});

test("structures by value: pointers, small arguments and inlined functions are fine", () => {
  const pair = "struct pair { long a, b; };\nstruct large { long a, b, c; };\n";
  checkNoFindings(structByValue, `${pair}struct pair *f(void) { return 0; }`);
  checkNoFindings(structByValue, `${pair}static struct pair f(void) { struct pair p = {}; return p; }`);
  checkNoFindings(
    structByValue,
    `${pair}static __noinline int f(struct pair p) { return p.a; }\nint k(struct pair p) { return f(p); }`,
  );
  checkFix(
    structByValue,
    `${pair}static __noinline int f(struct large p) { return p.a; }\nint k(void) { struct large p = {}; return f(p); }`,
    `${pair}static __always_inline int f(struct large p) { return p.a; }\nint k(void) { struct large p = {}; return f(p); }`,
  );
});

test("variadic functions that clang leaves out, and declarations, are fine", () => {
  checkNoFindings(variadicFunction, "static int f(int a, ...) { return a; }\nextern int g(int a, ...);");
});

test("what clang may have made work is not changed unasked", () => {
  const kept = `static __noinline int f${SIX}\nint k(int x) { return f(x, x, x, x, x, x); }`;
  const safety = (text: string) => findingsIn(text, [tooManyArguments]).flatMap(({ fixes = [] }) => fixes)[0]?.safety;
  expect([safety(kept), safety(`int f${SIX}`)]).toEqual(["unsafe", undefined]);
});
