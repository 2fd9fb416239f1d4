import { expect, test } from "vitest";
import { stackTooLarge } from "../../server/src/analysis/rules/stack-too-large.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const read = (name: string): string => `bpf_probe_read_kernel(${name}, sizeof(${name}), ctx);`;

test("variables that no helper is given may need no memory", () => {
  checkNoFindings(stackTooLarge, "int f(void *ctx) { char a[1024] = {}; return a[3]; }");
});

test("static variables, and functions that are never called", () => {
  checkNoFindings(stackTooLarge, `int f(void *ctx) { static char a[1024]; ${read("a")} return 0; }`);
  checkNoFindings(stackTooLarge, `static int f(void *ctx) { char a[1024]; ${read("a")} return 0; }`);
});

test("blocks beside each other share their place", () => {
  checkNoFindings(
    stackTooLarge,
    `int f(void *ctx) { if (ctx) { char a[300]; ${read("a")} } else { char b[300]; ${read("b")} } return 0; }`,
  );
});

test("a block has what is around it too", () => {
  checkRule(
    stackTooLarge,
    `
int f(void *ctx)
{
    char a[300];
    ${read("a")}
    if (ctx) {
        char b[300];
//           ^ b and the other variables of f() take 600 bytes, and the stack has 512; a per-CPU array or a ring buffer has room
        ${read("b")}
    }
    return 0;
}
`,
  );
});

test("silent where the preprocessor chooses a length, and where a type is not known", () => {
  checkNoFindings(
    stackTooLarge,
    `#ifdef BIG\n#define N 1024\n#else\n#define N 16\n#endif\nint f(void *ctx) { char a[N]; ${read("a")} return 0; }`,
  );
  checkNoFindings(stackTooLarge, `int f(void *ctx) { struct unknown a[64]; ${read("a")} return 0; }`);
});

test("504 bytes fit", () => {
  checkNoFindings(stackTooLarge, `int f(void *ctx) { char a[504]; ${read("a")} return 0; }`);
});

const chain = (section: string, words: string, inner: number, body = read("b")) => `
${words} int g(void *ctx) { char b[${inner}]; ${body} return b[0]; }
SEC("${section}")
int f(void *ctx) { char a[300]; ${read("a")} return a[0] + g(ctx); }
`;

const toldOf = (text: string, target?: string) =>
  findingsIn(text, [stackTooLarge], { target }).map(({ message }) => message);

test("functions that call each other share the stack", () => {
  expect(toldOf(chain("tc", "static __noinline", 300))).toEqual([
    "f() and what it calls take 600 bytes, and the stack has 512: the verifier refuses it",
  ]);
  expect(toldOf(chain("tc", "static __noinline", 200))).toEqual([]);
  // What clang inlines it may place where something else was.
  expect(toldOf(chain("tc", "static", 300))).toEqual([]);
  expect(toldOf(chain("tc", "static __always_inline", 300))).toEqual([]);
});

test("programs whose functions have a stack of their own on newer kernels", () => {
  expect(toldOf(chain("kprobe/x", "static __noinline", 300))).toEqual([]);
  expect(toldOf(chain("kprobe/x", "static __noinline", 300), "6.1")).toHaveLength(1);
  expect(toldOf(chain("kprobe/x", "static __noinline", 300), "6.16")).toEqual([]);
});

test("what lies below a tail call", () => {
  const tail = "bpf_tail_call(ctx, &next, 0);";
  expect(toldOf(chain("tc", "static __noinline", 1, tail))).toEqual([
    "300 bytes lie below a tail call that f() leads to: the verifier refuses 256 or more",
  ]);
  expect(toldOf(chain("tc", "static __always_inline", 1, tail))).toEqual([]);
  expect(toldOf(`SEC("tc")\nint f(void *ctx) { char a[300]; ${read("a")} ${tail} return a[0]; }`)).toEqual([]);
});
