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
    "f() and what it calls take 608 bytes, and the stack has 512: the verifier refuses it",
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
    "304 bytes lie below a tail call that f() leads to: the verifier refuses 256 or more",
  ]);
  expect(toldOf(chain("tc", "static __always_inline", 1, tail))).toEqual([]);
  expect(toldOf(`SEC("tc")\nint f(void *ctx) { char a[300]; ${read("a")} ${tail} return a[0]; }`)).toEqual([]);
});

const volatileChain = (inner: string, outer: string) => `
static __noinline int g(void *ctx) { ${inner} return 0; }
SEC("tc")
int f(void *ctx) { ${outer} return g(ctx); }
`;

test("volatile arrays that are written to as a whole", () => {
  const all = "volatile char a[300] = {}; a[3] = 1;";
  expect(toldOf(volatileChain(all, all))).toEqual([
    "f() and what it calls take 608 bytes, and the stack has 512: the verifier refuses it",
  ]);
  // Of one that is not clang keeps the elements that are used.
  expect(toldOf(volatileChain(all, "volatile char a[300]; a[3] = 1;"))).toEqual([]);
  expect(toldOf(volatileChain(all, "char a[300] = {}; a[3] = 1;"))).toEqual([]);
});

test("arrays behind a pointer to something volatile", () => {
  const loop = "char a[300]; volatile char *p = a; for (int i = 0; i < 300; i++) p[i] = 0;";
  expect(toldOf(volatileChain(loop, loop))).toHaveLength(1);
  expect(toldOf(volatileChain(loop, "char a[300]; volatile char *p = a; p[0] = 1;"))).toEqual([]);
});

test("small variables count where functions call each other, each rounded up", () => {
  const outer = "volatile char a[256] = {};";
  expect(toldOf(volatileChain("volatile char a[256] = {};", outer))).toEqual([]);
  const literal = `${outer} bpf_map_lookup_elem(&m, &(int){0});`;
  expect(toldOf(volatileChain("volatile char a[256] = {};", literal))).toEqual([
    "f() and what it calls take 528 bytes, and the stack has 512: the verifier refuses it",
  ]);
});

test("callbacks share the stack where they run at once, and begin one where they run later", () => {
  const text = (call: string, size = 300) => `
static int g(void *map, int *key, void *value) { volatile char a[${size}] = {}; return 0; }
SEC("tc")
int f(void *ctx) { volatile char a[300] = {}; ${call} return 0; }
`;
  expect(toldOf(text("bpf_for_each_map_elem(&m, g, ctx, 0);"))).toHaveLength(1);
  expect(toldOf(text("bpf_timer_set_callback(ctx, g);"))).toEqual([]);
});

test("volatile variables have a place whoever uses them", () => {
  expect(toldOf("int f(void *ctx) { volatile char a[600] = {}; return 0; }")).toHaveLength(1);
  expect(toldOf("int f(int i) { volatile char a[600]; return a[i]; }")).toHaveLength(1);
});

test("of volatile variables that are used in single places clang keeps these", () => {
  expect(toldOf("int f(void *ctx) { volatile char a[600]; return 0; }")).toEqual([]);
  expect(toldOf("enum { LAST = 599 }; int f(void *ctx) { volatile char a[600]; a[0] = 1; return a[LAST]; }")).toEqual(
    [],
  );
  expect(toldOf("int f(int i) { volatile char a[600]; return a[i ? 1 : 599]; }")).toEqual([]);
  expect(toldOf("int f(void *ctx) { volatile char *a = ctx; return a[600]; }")).toEqual([]);
});

test("an array that a macro goes through by a volatile pointer", () => {
  const file = (size: number) => `
#define KEEP(buffer, size) do { volatile char *all = buffer; for (int i = 0; i < size; i++) all[i] = i; } while (0)
SEC("tc") int f(struct __sk_buff *skb) {
  char text[${size}];
  KEEP(text, ${size});
  return text[skb->len & 7];
}`;
  expect(findingsIn(file(600), [stackTooLarge])).toHaveLength(1);
  expect(findingsIn(file(300), [stackTooLarge])).toEqual([]);
});
