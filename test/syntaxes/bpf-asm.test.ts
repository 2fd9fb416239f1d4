/** The highlighting of Show Disassembly. */

import { expect, test } from "vitest";
import { INITIAL } from "vscode-textmate";
import { mismatches, ownGrammar } from "./highlight.ts";

const grammar = await ownGrammar("syntaxes/bpf-asm.json", "source.bpf-asm");
const check = (marked: string) => expect(mismatches(grammar, marked)).toEqual([]);

test("functions, source lines and what is said beside instructions", () => {
  check(`
; int on_exec(void *ctx) SEC("tp/sched/sched_process_exec")
^^^^^^^^^^^^^^^^^^^^^^^^^ comment.line
on_exec:
^^^^^^^ entity.name.function
; if (!e) return 0; @ a b.bpf.c:20
^^^^^^^^^^^^^^^^^^^ comment.line.source
                   ^^^^^^^^^^^^^^^ comment.line.place
   7: (b7) r1 = 1136 ; CO-RE: offset of task_struct.mm
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ comment.line
                ^^^^ !comment
`);
});

test("registers, sizes, numbers and operators", () => {
  check(`
  12: (79) r1 = *(u64 *)(r10 -8)
  ^^ constant.numeric.index
      ^^^^ comment.block.opcode
           ^^ variable.language.register
              ^ keyword.operator
                  ^^^ storage.type
                         ^^^ variable.language.register
                             ^^ constant.numeric
   2: (c7) r0 s>>= 32
              ^^^^ keyword.operator
                   ^^ constant.numeric
   3: (3f) r0 s/= r2
              ^^^ keyword.operator
   4: (04) w2 += -100
           ^^ variable.language.register
                 ^^^^ constant.numeric
   6: (dc) r2 = be16 r2
                ^^^^ support.function.operation
   8: (db) r1 = atomic64_fetch_add((u64 *)(r2 +0), r1)
                ^^^^^^^^^^^^^^^^^^ support.function.operation
   9: (db) lock *(u64 *)(r2 +0) += r1
           ^^^^ support.function.operation
`);
});

test("jumps, calls, maps and variables", () => {
  check(`
   1: (66) if w1 s> 0xffffffff goto pc+1
           ^^ keyword.control
                 ^^ keyword.operator
                    ^^^^^^^^^^ constant.numeric
                               ^^^^ keyword.control
                                    ^^^^ constant.numeric.distance
   2: (06) gotol pc-65536
           ^^^^^ keyword.control
   3: (e5) may_goto pc+2
           ^^^^^^^^ keyword.control
   4: (85) call bpf_map_lookup_elem#1
           ^^^^ keyword.control.call
                ^^^^^^^^^^^^^^^^^^^ support.function
                                    ^ constant.numeric.id
   5: (85) call pc+2#helper
                ^^^^ constant.numeric.distance
                     ^^^^^^ support.function
   6: (85) call helper.cold
                ^^^^^^^^^^^ support.function
   7: (18) r1 = map[events]
                ^^^ storage.type
                    ^^^^^^ variable.other
   8: (18) r2 = map[.data][0]+40 ; hidden
                    ^^^^^ variable.other
                             ^^ constant.numeric
                                 ^^^^^^ comment.line
   9: (18) r2 = subprog[cb]
                ^^^^^^^ storage.type
  10: (95) exit
           ^^^^ keyword.control
`);
});

test("a line does not colour the next", () => {
  const { ruleStack } = grammar.tokenizeLine('   1: (bf) r1 = "', INITIAL);
  expect(ruleStack.depth).toBe(1);
});
