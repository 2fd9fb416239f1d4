/** What the grammar tells apart, and what it leaves as it is. More of it in test/features/grammar.test.ts. */

import { describe, expect, test } from "vitest";
import { kb } from "../support/check.ts";
import { hosts, mismatches } from "./highlight.ts";

const grammars = await hosts();
const inC = grammars.filter(([host]) => !host.includes("C++"));

describe.each(grammars)("over %s", (_, grammar) => {
  const check = (marked: string) => expect(mismatches(grammar, marked)).toEqual([]);

  test("a section that names an attach type has no target", () => {
    check(`
SEC("?cgroup/connect4")
     ^ keyword.operator.optional
      ^^^^^^ keyword.control.program-type
            ^ keyword.operator.separator
             ^^^^^^^^ keyword.control.attach-type
SEC("xdp.frags/devmap")
     ^^^^^^^^^ keyword.control.program-type
               ^^^^^^ keyword.control.attach-type
SEC("tc/mine")
     ^^ keyword.control.program-type
        ^^^^ entity.name.function.attach-target
SEC("cgroup/skb/mine")
            ^^^ !keyword.control.attach-type
`);
  });

  test("every section that libbpf knows is a program type, with or without an attach type", () => {
    for (const { name } of kb.sections) {
      const [type = "", attach] = name.replace(/[+/]$/, "").split("/");
      const column = 'SEC("'.length;
      const mark = (from: number, word: string, scope: string) =>
        `${" ".repeat(from)}${"^".repeat(word.length)} ${scope}`;
      const marks = [mark(column, type, "keyword.control.program-type")];
      if (attach !== undefined) marks.push(mark(column + type.length + 1, attach, "keyword.control.attach-type"));
      check([`SEC("${name.replace(/[+/]$/, "")}")`, ...marks].join("\n"));
    }
  });

  test("helpers and libbpf's macros apart", () => {
    check(`
int f(void *ctx)
{
  bpf_map_update_elem(&m, &k, &v, 0);
  ^^^^^^^^^^^^^^^^^^^ support.function.helper.bpf
  bpf_printk("x"); x = bpf_ntohs(y);
  ^^^^^^^^^^ support.function.macro.bpf
                       ^^^^^^^^^ support.function.macro.bpf
  x = BPF_CORE_READ(t, pid);
      ^^^^^^^^^^^^^ support.function.macro.bpf
  bpf_core_read(&x, 4, y);
  ^^^^^^^^^^^^^ support.function.macro.bpf
}
`);
  });

  test("loops of libbpf are control keywords", () => {
    check(`
int f(void *ctx)
{
  bpf_for_each(num, it, 0, 3) { x++; }
  ^^^^^^^^^^^^ keyword.control.loop
  while (can_loop) x++;
         ^^^^^^^^ keyword.control.loop
}
`);
  });

  test("attribute words with and without arguments", () => {
    check(`
static __noinline int f(int a __arg_nonnull) { return 0; }
       ^^^^^^^^^^ storage.modifier
                              ^^^^^^^^^^^^^ storage.modifier
struct bpf_list_head head __contains(node, list);
                          ^^^^^^^^^^ storage.modifier
                                     ^^^^ !storage.modifier
`);
  });

  test("preprocessor lines keep what they are, and the lines behind them", () => {
    check(`
#include <bpf/bpf_helpers.h>
              ^^^^^^^^^^^ !support.function
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define BPF_PROG(name, args...) name(unsigned long long *ctx)
int after;
^^^ storage.type
^^^^^^^^^ !meta.section
^^^^^^^^^ !meta.map-member
^^^^^^^^^ !meta.program-macro
#if defined(SEC) && __uint(1)
int inside;
^^^ storage.type
^^^^^^^^^^ !meta.section
#undef SEC
#pragma unroll
int last;
^^^ storage.type
^^^^^^^^ !meta.section
`);
  });

  test("comments and strings keep what they are", () => {
    check(`
// bpf_for(i, 0, 3) __uint(a, b) BPF_PROG(x) __noinline SEC("cgroup/skb")
   ^^^^^^^ !keyword.control
                    ^^^^^^ !entity.name.function
                                 ^^^^^^^^ !entity.name.function
                                             ^^^^^^^^^^ !storage.modifier
                                                        ^^^ !entity.name.function
const char *text = "bpf_for(i) __uint(a, b) BPF_PROG(x) SEC(cgroup/skb) bpf_printk(1)";
                    ^^^^^^^ !keyword.control
                               ^^^^^^ !entity.name.function
                                            ^^^^^^^^ !entity.name.function
                                                        ^^^ !entity.name.function
                                                                        ^^^^^^^^^^ !support.function
int after;
^^^ storage.type
`);
  });
});

describe.each(inC)("in C alone, over %s", (_, grammar) => {
  test("struct_ops programs have their name", () => {
    expect(
      mismatches(
        grammar,
        `
void BPF_STRUCT_OPS(simple_enqueue, struct task_struct *p, u64 enq_flags)
     ^^^^^^^^^^^^^^ entity.name.function.preprocessor
                    ^^^^^^^^^^^^^^ entity.name.function.bpf
                                                        ^ variable.parameter
{
^ !meta.program-macro
}
s32 BPF_STRUCT_OPS_SLEEPABLE(simple_init)
                             ^^^^^^^^^^^ entity.name.function.bpf
`,
      ),
    ).toEqual([]);
  });
});
