import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { LEGEND } from "../../server/src/features/agreed.ts";
import { checkTokens, tokensIn } from "../support/check.ts";
import { textIn } from "../support/fixture.ts";

describe("words that are the kernel's", () => {
  test("helpers, kfuncs, libbpf's macros and functions", () => {
    checkTokens(`
extern void bpf_rcu_read_lock(void) __ksym;
//          ^^^^^^^^^^^^^^^^^ function declaration kernel
//                                  ^^^^^^ -
extern int my_module_function(int a) __ksym;
//         ^^^^^^^^^^^^^^^^^^ function declaration kernel
static int f(struct task_struct *t)
//         ^ -
{
  bpf_rcu_read_lock();
//^^^^^^^^^^^^^^^^^ function kernel
  bpf_rcu_read_unlock();
//^^^^^^^^^^^^^^^^^^^ function kernel
  my_module_function(1);
//^^^^^^^^^^^^^^^^^^ function kernel
  long x = bpf_ktime_get_ns() + BPF_CORE_READ(t, mm, pgd);
//         ^^^^^^^^^^^^^^^^ function defaultLibrary
//                              ^^^^^^^^^^^^^ macro
//                                            ^ -
  bpf_tail_call_static(t, 0, 1);
//^^^^^^^^^^^^^^^^^^^^ function defaultLibrary
  f(t); tcp_slow_start(t, 1); bpf_unheard_of();
//^ -
//      ^^^^^^^^^^^^^^ -
//                            ^^^^^^^^^^^^^^ -
  return 0;
}
`);
  });

  test("attributes and loops are left to the grammar", () => {
    checkTokens(`
static __always_inline int f(void) { int i; bpf_for(i, 0, 3) { } return 0; }
//     ^^^^^^^^^^^^^^^ -
//                                          ^^^^^^^ -
`);
  });

  test("members, declarations of the file's own and what only looks alike are not", () => {
    checkTokens(`
#define bpf_htons(x) x
//      ^^^^^^^^^ -
static int bpf_strncmp(int a) { return a; }
//         ^^^^^^^^^^^ -
int f(struct ops *ops)
{
  ops->bpf_loop(1); ops->o.bpf_loop(1);
//     ^^^^^^^^ -
//                         ^^^^^^^^ -
  int bpf_loop = bpf_strncmp(1) + bpf_htons(1) + bpf_loop;
//    ^^^^^^^^ -
//               ^^^^^^^^^^^ -
//                                ^^^^^^^^^ -
  return 0;
}
`);
  });

  test("comments, strings and other preprocessor lines have none; the body of a #define has", () => {
    checkTokens(`
// bpf_loop(1)
/* bpf_loop(1) */
#if defined(bpf_loop(1))
//          ^^^^^^^^ -
#endif
#define LOOK(m) \\
  bpf_map_lookup_elem(&m, 0)
//^^^^^^^^^^^^^^^^^^^ function defaultLibrary
int f(void) { g("bpf_loop(1)"); }
//               ^^^^^^^^ -
int h(void) { bpf_loop(1); }
//            ^^^^^^^^ function defaultLibrary
`);
  });
});

describe("maps", () => {
  test("where they are defined and used", () => {
    checkTokens(`
struct { __uint(type, BPF_MAP_TYPE_HASH); } counts SEC(".maps");
//       ^^^^^^ macro
//                                          ^^^^^^ variable declaration map
//                                                 ^^^ macro
struct { __array(values, int); } outer SEC(".maps") = { .values = { [0] = &counts } };
//                                                                         ^^^^^^ variable map
int f(void) { return !bpf_map_lookup_elem(&counts, 0) || g(counts, 0); }
//                                         ^^^^^^ variable map
//                                                         ^^^^^^ variable map
`);
  });

  test("not fields, tags and variables of the same name", () => {
    checkTokens(`
struct counts { int counts; };
//     ^^^^^^ -
//                  ^^^^^^ -
struct counts { __uint(type, BPF_MAP_TYPE_HASH); } counts SEC(".maps");
//     ^^^^^^ -
//                                                 ^^^^^^ variable declaration map
int f(struct counts *counts) { return counts->counts + g(&counts); }
//                   ^^^^^^ -
//                                    ^^^^^^ -
//                                            ^^^^^^ -
//                                                        ^^^^^^ -
int g(struct s *s) { g(&counts); int counts = s->counts; return counts; }
//                      ^^^^^^ variable map
//                                   ^^^^^^ -
//                                               ^^^^^^ -
//                                                              ^^^^^^ -
int h(void) { return g(&counts); }
//                      ^^^^^^ variable map
`);
  });

  test("of bcc", () => {
    checkTokens(`
BPF_HASH(counts, u32);
//       ^^^^^^ variable declaration map
int f(void *ctx) { u32 k = 0; counts.increment(k); return 0; }
//                            ^^^^^^ variable map
//                                   ^^^^^^^^^ -
`);
  });
});

describe("programs and their contexts", () => {
  test("names, however they are written", () => {
    checkTokens(`
SEC("xdp")
int drop(struct xdp_md *ctx) { return helper(); }
//  ^^^^ function declaration program
//                                    ^^^^^^ -
SEC("kprobe/do_exit")
int BPF_KPROBE(on_exit, long code) { return 0; }
//  ^^^^^^^^^^ macro
//             ^^^^^^^ function declaration program
`);
  });

  test("fields of a context, through other structures too", () => {
    checkTokens(`
SEC("tc")
int f(struct __sk_buff *skb)
{
  void *p = (void *)(long)skb->data + skb->nothing;
//                             ^^^^ property
//                                         ^^^^^^^ -
  return skb -> sk->family + skb->cb[1] + (*skb).mark + other->data + other->skb->data;
//              ^^ property
//                  ^^^^^^ property
//                                ^^ property
//                                                             ^^^^ -
//                                                                                ^^^^ -
}
static int sub(struct xdp_md *x) { return x->data; }
//                                           ^^^^ property
static int none(struct event *x) { return x->data; }
//                                           ^^^^ -
`);
  });
});

describe("as a whole", () => {
  const FILE = `SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_ktime_get_ns();
	return bpf_get_prandom_u32();
}
`;

  test("in the order of the text, each on what it covers", () => {
    expect(tokensIn(FILE).map(({ range }) => textIn(FILE, range))).toEqual([
      "SEC",
      "f",
      "bpf_ktime_get_ns",
      "bpf_get_prandom_u32",
    ]);
  });

  test("a part has those that touch it", () => {
    const part = { start: { line: 3, character: 5 }, end: { line: 4, character: 0 } };
    expect(tokensIn(FILE, part).map(({ range }) => textIn(FILE, range))).toEqual(["bpf_ktime_get_ns"]);
  });

  test("a #define between functions keeps the order", () => {
    const text = "int f(void) { bpf_loop(1); }\n#define X bpf_loop(1)\nint g(void) { bpf_loop(1); }\n";
    expect(tokensIn(text).map(({ range }) => range.start.line)).toEqual([0, 1, 2]);
  });

  test("any beginning of a file has an answer, in order", () => {
    for (let end = 0; end < FILE.length; end++) {
      const starts = tokensIn(FILE.slice(0, end)).map(({ range }) => range.start.line * 1000 + range.start.character);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
    }
  });
});

test("the manifest tells the editor of the modifiers that are ours", () => {
  const standard = ["declaration", "defaultLibrary"];
  const ours = LEGEND.tokenModifiers.filter((one) => !standard.includes(one));
  expect(manifest.contributes.semanticTokenModifiers.map(({ id }) => id)).toEqual(ours);
  for (const { scopes } of manifest.contributes.semanticTokenScopes)
    for (const selector of Object.keys(scopes)) {
      const [type = "", modifier = ""] = selector.split(".");
      expect(LEGEND.tokenTypes).toContain(type);
      expect(LEGEND.tokenModifiers).toContain(modifier);
    }
});
