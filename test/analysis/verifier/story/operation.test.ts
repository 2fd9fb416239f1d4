import { expect, test } from "vitest";
import { operationOf } from "../../../../server/src/analysis/verifier/story/operation.ts";

const memory = (base: string, offset: number, bytes: number) => ({ base, offset, bytes });

test.each([
  ["(bf) r6 = r1", { kind: "move", to: "R6", from: "R1", cast: undefined }],
  ["(bc) w2 = w1", { kind: "move", to: "R2", from: "R1", cast: "u32" }],
  ["(bf) r2 = (s8)r0", { kind: "move", to: "R2", from: "R0", cast: "s8" }],
  ["(b7) r1 = -3", { kind: "constant", to: "R1", value: -3n }],
  ["(b4) w1 = 100", { kind: "constant", to: "R1", value: 100n }],
  ["(18) r1 = 0xffff88816c8eb800", { kind: "constant", to: "R1", value: 0xffff88816c8eb800n }],
  ["(79) r1 = *(u64 *)(r10 -8)", { kind: "load", to: "R1", memory: memory("R10", -8, 8) }],
  ["(81) r3 = *(s32 *)(r2 +0)", { kind: "load", to: "R3", memory: memory("R2", 0, 4) }],
  ["(71) w3 = *(u8 *)(r2 +5)", { kind: "load", to: "R3", memory: memory("R2", 5, 1) }],
  ["(7b) *(u64 *)(r10 -16) = r0", { kind: "store", memory: memory("R10", -16, 8), from: "R0" }],
  ["(7a) *(u64 *)(r10 -16) = 5", { kind: "store", memory: memory("R10", -16, 8), from: undefined }],
  ["(db) r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)", { kind: "load", to: "R2", memory: memory("R1", 0, 8) }],
  ["(07) r2 += -8", { kind: "arithmetic", to: "R2", operator: "+=", from: undefined, value: -8n }],
  ["(0f) r1 += r4", { kind: "arithmetic", to: "R1", operator: "+=", from: "R4", value: undefined }],
  ["(c7) r1 s>>= 32", { kind: "arithmetic", to: "R1", operator: "s>>=", from: undefined, value: 32n }],
  ["(3f) r0 s/= r2", { kind: "arithmetic", to: "R0", operator: "s/=", from: "R2" }],
  ["(87) r0 = -r0", { kind: "arithmetic", to: "R0", operator: "-" }],
  ["(dc) r2 = be16 r2", { kind: "arithmetic", to: "R2", operator: "be16" }],
  ["(85) call bpf_map_lookup_elem#1", { kind: "call", what: "helper", name: "bpf_map_lookup_elem" }],
  ["(85) call bpf_rcu_read_lock#65900", { kind: "call", what: "kfunc", name: "bpf_rcu_read_lock" }],
  ["(85) call pc+8", { kind: "call", what: "subprogram", name: "pc+8" }],
  ["(15) if r0 == 0x0 goto pc+3", { kind: "jump", left: "R0", operator: "==", right: 0n, by: 3 }],
  ["(6d) if r4 s> r3 goto pc-2", { kind: "jump", left: "R4", operator: "s>", right: "R3", by: -2 }],
  ["(56) if w1 != 0x10 goto pc+2", { kind: "jump", left: "R1", operator: "!=", right: 16n, by: 2 }],
  ["(e5) may_goto pc+2", { kind: "jump", by: 2 }],
  ["(05) goto pc+5", { kind: "goto", by: 5 }],
  ["(06) gotol pc-5", { kind: "goto", by: -5 }],
  ["(95) exit", { kind: "exit" }],
  ["(30) r0 = *(u8 *)skb[14]", { kind: "other", to: "R0" }],
  ["(db) lock *(u64 *)(r1 +0) += r2", { kind: "other", to: undefined }],
  ["", { kind: "other", to: undefined }],
  ["(zz) what is this", { kind: "other", to: undefined }],
])("%s", (text, expected) => {
  expect(operationOf(text)).toMatchObject(expected);
});
