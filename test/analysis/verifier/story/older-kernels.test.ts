/** Stories from logs of Linux 6.1, which names no lines: real ones, of programs of ours. */

import { expect, test } from "vitest";
import { placeByText } from "../../../../server/src/analysis/verifier/place-by-text.ts";
import { loadReader } from "../../../../server/src/analysis/verifier/read-load.ts";
import { readLog } from "../../../../server/src/analysis/verifier/read-log.ts";
import { defaultStory } from "../../../../server/src/analysis/verifier/story/default-story.ts";

const SOURCE = `SEC("xdp") int index_bad(struct xdp_md *ctx)
{
	u32 key = 1;
	struct v *value = bpf_map_lookup_elem(&seen, &key);
	if (!value)
		return 1;
	int index = value->index;
	if (index > 15)
		return 1;
	value->name[index] = 1;
	return 2;
}
static __attribute__((noinline)) int pick(struct v *v, int x)
{
	if (x > 100)
		return v->index;
	return v->name[x & 15];
}
SEC("xdp") int sub(struct xdp_md *ctx)
{
	u32 key = 1;
	struct v *value = bpf_map_lookup_elem(&seen, &key);
	if (!value)
		return 1;
	int index = pick(value, bpf_get_prandom_u32());
	value->name[index] = 1;
	return 2;
}
SEC("xdp") int packet(struct xdp_md *ctx)
{
	u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return 1;
	int len = (data[0] & 15) * 4;
	if (data + 14 + len > end)
		return 1;
	return data[20 + len];
}
SEC("xdp") int leak(struct xdp_md *ctx)
{
	u64 *e = bpf_ringbuf_reserve(&rb, 8, 0);
	if (!e)
		return 1;
	if (bpf_get_prandom_u32() > 10)
		return 1;
	*e = 1;
	bpf_ringbuf_submit(e, 0);
	return 2;
}
static long each(u32 i, struct v **p)
{
	return (*p)->name[i];
}
SEC("xdp") int loops(struct xdp_md *ctx)
{
	u32 key = 1;
	struct v *value = bpf_map_lookup_elem(&seen, &key);
	if (!value)
		return 1;
	bpf_loop(20, each, &value, 0);
	return 2;
}
`;

const lineOf = (text: string): number => SOURCE.slice(0, SOURCE.indexOf(text)).split("\n").length;

const INDEX_BAD = `0: R1=ctx(off=0,imm=0) R10=fp0
; SEC("xdp") int index_bad(struct xdp_md *ctx)
0: (b7) r6 = 1                        ; R6_w=1
; u32 key = 1;
1: (63) *(u32 *)(r10 -4) = r6         ; R6_w=1 R10=fp0 fp-8=mmmm????
2: (bf) r2 = r10                      ; R2_w=fp0 R10=fp0
3: (07) r2 += -4                      ; R2_w=fp-4
; struct v *value = bpf_map_lookup_elem(&seen, &key);
4: (18) r1 = 0xff2ed55142007000       ; R1_w=map_ptr(off=0,ks=4,vs=32,imm=0)
6: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,off=0,ks=4,vs=32,imm=0)
; if (!value)
7: (15) if r0 == 0x0 goto pc+8        ; R0_w=map_value(off=0,ks=4,vs=32,imm=0)
; int index = value->index;
8: (61) r1 = *(u32 *)(r0 +8)          ; R0_w=map_value(off=0,ks=4,vs=32,imm=0) R1_w=scalar(umax=4294967295,var_off=(0x0; 0xffffffff))
9: (67) r1 <<= 32                     ; R1_w=scalar(smax=9223372032559808512,umax=18446744069414584320,var_off=(0x0; 0xffffffff00000000),s32_min=0,s32_max=0,u32_max=0)
10: (c7) r1 s>>= 32                   ; R1=scalar(smin=-2147483648,smax=2147483647)
; if (index > 15)
11: (65) if r1 s> 0xf goto pc+4       ; R1=scalar(smin=-2147483648,smax=15)
; value->name[index] = 1;
12: (0f) r0 += r1
value -2147483648 makes map_value pointer be out of bounds
verification time 30362 usec
stack depth 8
processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
`;

const SUB = `0: R1=ctx(off=0,imm=0) R10=fp0
; SEC("xdp") int sub(struct xdp_md *ctx)
0: (b7) r7 = 1                        ; R7_w=1
; u32 key = 1;
1: (63) *(u32 *)(r10 -4) = r7         ; R7_w=1 R10=fp0 fp-8=mmmm????
2: (bf) r2 = r10                      ; R2_w=fp0 R10=fp0
3: (07) r2 += -4                      ; R2_w=fp-4
; struct v *value = bpf_map_lookup_elem(&seen, &key);
4: (18) r1 = 0xff2ed55142007000       ; R1_w=map_ptr(off=0,ks=4,vs=32,imm=0)
6: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,off=0,ks=4,vs=32,imm=0)
7: (bf) r6 = r0                       ; R0_w=map_value_or_null(id=1,off=0,ks=4,vs=32,imm=0) R6_w=map_value_or_null(id=1,off=0,ks=4,vs=32,imm=0)
; if (!value)
8: (15) if r6 == 0x0 goto pc+10       ; R6_w=map_value(off=0,ks=4,vs=32,imm=0)
; int index = pick(value, bpf_get_prandom_u32());
9: (85) call bpf_get_prandom_u32#7    ; R0=scalar()
; int index = pick(value, bpf_get_prandom_u32());
10: (bf) r1 = r6                      ; R1_w=map_value(off=0,ks=4,vs=32,imm=0) R6=map_value(off=0,ks=4,vs=32,imm=0)
11: (bf) r2 = r0                      ; R0=scalar(id=2) R2_w=scalar(id=2)
12: (85) call pc+8
reg type unsupported for arg#0 function pick#33
caller:
 R6=map_value(off=0,ks=4,vs=32,imm=0) R7=1 R10=fp0 fp-8=mmmm????
callee:
 frame1: R1_w=map_value(off=0,ks=4,vs=32,imm=0) R2_w=scalar(id=2) R10=fp0
21: frame1: R1_w=map_value(off=0,ks=4,vs=32,imm=0) R2_w=scalar(id=2) R10=fp0
; static __attribute__((noinline)) int pick(struct v *v, int x)
21: (bf) r3 = r2                      ; frame1: R2_w=scalar(id=2) R3_w=scalar(id=2)
22: (67) r3 <<= 32                    ; frame1: R3_w=scalar(smax=9223372032559808512,umax=18446744069414584320,var_off=(0x0; 0xffffffff00000000),s32_min=0,s32_max=0,u32_max=0)
23: (c7) r3 s>>= 32                   ; frame1: R3_w=scalar(smin=-2147483648,smax=2147483647)
24: (b7) r4 = 101                     ; frame1: R4_w=101
; if (x > 100)
25: (6d) if r4 s> r3 goto pc+2        ; frame1: R3_w=scalar(umin=101,umax=2147483647,var_off=(0x0; 0x7fffffff)) R4_w=101
; return v->index;
26: (61) r0 = *(u32 *)(r1 +8)         ; frame1: R0_w=scalar(umax=4294967295,var_off=(0x0; 0xffffffff)) R1_w=map_value(off=0,ks=4,vs=32,imm=0)
; return v->index;
27: (05) goto pc+5
; }
33: (95) exit
returning from callee:
 frame1: R0=scalar(umax=4294967295,var_off=(0x0; 0xffffffff)) R1=map_value(off=0,ks=4,vs=32,imm=0) R2=scalar(id=2) R3=scalar(umin=101,umax=2147483647,var_off=(0x0; 0x7fffffff)) R4=101 R10=fp0
to caller at 13:
 R0=scalar(umax=4294967295,var_off=(0x0; 0xffffffff)) R6=map_value(off=0,ks=4,vs=32,imm=0) R7=1 R10=fp0 fp-8=mmmm????
; value->name[index] = 1;
13: (67) r0 <<= 32                    ; R0_w=scalar(smax=9223372032559808512,umax=18446744069414584320,var_off=(0x0; 0xffffffff00000000),s32_min=0,s32_max=0,u32_max=0)
14: (c7) r0 s>>= 32                   ; R0_w=scalar(smin=-2147483648,smax=2147483647)
; value->name[index] = 1;
15: (0f) r6 += r0
value -2147483648 makes map_value pointer be out of bounds
verification time 1176 usec
stack depth 8+0
processed 23 insns (limit 1000000) max_states_per_insn 0 total_states 2 peak_states 2 mark_read 1
`;

const PACKET = `0: R1=ctx(off=0,imm=0) R10=fp0
; SEC("xdp") int packet(struct xdp_md *ctx)
0: (b7) r0 = 1                        ; R0_w=1
; u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
1: (61) r2 = *(u32 *)(r1 +4)          ; R1=ctx(off=0,imm=0) R2_w=pkt_end(off=0,imm=0)
; u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
2: (61) r1 = *(u32 *)(r1 +0)          ; R1_w=pkt(off=0,r=0,imm=0)
; if (data + 14 > end)
3: (bf) r3 = r1                       ; R1_w=pkt(off=0,r=0,imm=0) R3_w=pkt(off=0,r=0,imm=0)
4: (07) r3 += 14                      ; R3_w=pkt(off=14,r=0,imm=0)
; if (data + 14 > end)
5: (2d) if r3 > r2 goto pc+7          ; R2_w=pkt_end(off=0,imm=0) R3_w=pkt(off=14,r=14,imm=0)
; int len = (data[0] & 15) * 4;
6: (71) r4 = *(u8 *)(r1 +0)           ; R1_w=pkt(off=0,r=14,imm=0) R4_w=scalar(umax=255,var_off=(0x0; 0xff))
; int len = (data[0] & 15) * 4;
7: (67) r4 <<= 2                      ; R4_w=scalar(umax=1020,var_off=(0x0; 0x3fc))
8: (57) r4 &= 60                      ; R4_w=scalar(umax=60,var_off=(0x0; 0x3c))
; if (data + 14 + len > end)
9: (0f) r3 += r4                      ; R3_w=pkt(id=1,off=14,r=0,umax=60,var_off=(0x0; 0x3c)) R4_w=scalar(umax=60,var_off=(0x0; 0x3c))
; if (data + 14 + len > end)
10: (2d) if r3 > r2 goto pc+2         ; R2_w=pkt_end(off=0,imm=0) R3_w=pkt(id=1,off=14,r=14,umax=60,var_off=(0x0; 0x3c))
; return data[20 + len];
11: (0f) r1 += r4                     ; R1_w=pkt(id=2,off=0,r=0,umax=60,var_off=(0x0; 0x3c)) R4_w=scalar(umax=60,var_off=(0x0; 0x3c))
12: (71) r0 = *(u8 *)(r1 +20)
invalid access to packet, off=20 size=1, R1(id=2,off=20,r=0)
R1 offset is outside of the packet
verification time 22274 usec
stack depth 0
processed 13 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

const LEAK = `0: R1=ctx(off=0,imm=0) R10=fp0
; u64 *e = bpf_ringbuf_reserve(&rb, 8, 0);
0: (18) r1 = 0xff2ed5515ff89c00       ; R1_w=map_ptr(off=0,ks=0,vs=0,imm=0)
2: (b7) r2 = 8                        ; R2_w=8
3: (b7) r3 = 0                        ; R3_w=0
4: (85) call bpf_ringbuf_reserve#131          ; R0_w=alloc_mem_or_null(id=2,ref_obj_id=2,off=0,imm=0) refs=2
5: (bf) r6 = r0                       ; R0_w=alloc_mem_or_null(id=2,ref_obj_id=2,off=0,imm=0) R6_w=alloc_mem_or_null(id=2,ref_obj_id=2,off=0,imm=0) refs=2
6: (b7) r7 = 1                        ; R7_w=1 refs=2
; if (!e)
7: (15) if r6 == 0x0 goto pc+10       ; R6_w=alloc_mem(ref_obj_id=2,off=0,imm=0) refs=2
; if (bpf_get_prandom_u32() > 10)
8: (85) call bpf_get_prandom_u32#7    ; R0=scalar() refs=2
9: (67) r0 <<= 32                     ; R0_w=scalar(smax=9223372032559808512,umax=18446744069414584320,var_off=(0x0; 0xffffffff00000000),s32_min=0,s32_max=0,u32_max=0) refs=2
10: (77) r0 >>= 32                    ; R0_w=scalar(umax=4294967295,var_off=(0x0; 0xffffffff)) refs=2
; if (bpf_get_prandom_u32() > 10)
11: (25) if r0 > 0xa goto pc+6 18: R0_w=scalar(umin=11,umax=4294967295,var_off=(0x0; 0xffffffff)) R6=alloc_mem(ref_obj_id=2,off=0,imm=0) R7=1 R10=fp0 refs=2
18: (bf) r0 = r7                      ; R0_w=1 R7=1 refs=2
19: (95) exit
Unreleased reference id=2 alloc_insn=4
verification time 27105 usec
stack depth 0
processed 21 insns (limit 1000000) max_states_per_insn 0 total_states 2 peak_states 2 mark_read 1
`;

const LOOPS = `0: R1=ctx(off=0,imm=0) R10=fp0
; SEC("xdp") int loops(struct xdp_md *ctx)
0: (b7) r6 = 1                        ; R6_w=1
; u32 key = 1;
1: (63) *(u32 *)(r10 -4) = r6         ; R6_w=1 R10=fp0 fp-8=mmmm????
2: (bf) r2 = r10                      ; R2_w=fp0 R10=fp0
3: (07) r2 += -4                      ; R2_w=fp-4
; struct v *value = bpf_map_lookup_elem(&seen, &key);
4: (18) r1 = 0xff2ed55142007000       ; R1_w=map_ptr(off=0,ks=4,vs=32,imm=0)
6: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,off=0,ks=4,vs=32,imm=0)
; struct v *value = bpf_map_lookup_elem(&seen, &key);
7: (7b) *(u64 *)(r10 -16) = r0        ; R0_w=map_value_or_null(id=1,off=0,ks=4,vs=32,imm=0) R10=fp0 fp-16_w=map_value_or_null
; if (!value)
8: (15) if r0 == 0x0 goto pc+8        ; R0_w=map_value(off=0,ks=4,vs=32,imm=0)
9: (bf) r3 = r10                      ; R3_w=fp0 R10=fp0
10: (07) r3 += -16                    ; R3_w=fp-16
; bpf_loop(20, each, &value, 0);
11: (b7) r1 = 20                      ; R1=20
12: (18) r2 = 0x6                     ; R2_w=func(off=0,imm=0)
14: (b7) r4 = 0                       ; R4_w=0
15: (85) call bpf_loop#181
reg type unsupported for arg#1 function each#43
caller:
 R6=1 R10=fp0 fp-8=mmmm???? fp-16=map_value
callee:
 frame1: R1=scalar() R2=fp-16 R10=fp0 cb
19: frame1: R1_w=scalar() R2_w=fp-16 R10=fp0 cb
; return (*p)->name[i];
19: (79) r2 = *(u64 *)(r2 +0)         ; frame1: R2_w=map_value(off=0,ks=4,vs=32,imm=0) cb
; return (*p)->name[i];
20: (67) r1 <<= 32                    ; frame1: R1_w=scalar(smax=9223372032559808512,umax=18446744069414584320,var_off=(0x0; 0xffffffff00000000),s32_min=0,s32_max=0,u32_max=0) cb
21: (77) r1 >>= 32                    ; frame1: R1_w=scalar(umax=4294967295,var_off=(0x0; 0xffffffff)) cb
; return (*p)->name[i];
22: (0f) r2 += r1                     ; frame1: R1_w=scalar(umax=4294967295,var_off=(0x0; 0xffffffff)) R2_w=map_value(off=0,ks=4,vs=32,umax=4294967295,var_off=(0x0; 0xffffffff)) cb
; return (*p)->name[i];
23: (71) r0 = *(u8 *)(r2 +12)
R2 unbounded memory access, make sure to bounds check any such access
verification time 1042 usec
stack depth 16+0
processed 19 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
`;

const LOGS = [INDEX_BAD, SUB, PACKET, LEAK, LOOPS];

/** What is told, with the text of the line instead of its number. */
function told(log: string, said: RegExp): readonly string[] {
  const read = readLog(log);
  const message = read.messages.find(({ text }) => said.test(text));
  const match = said.exec(message?.text ?? "");
  if (message === undefined || match === null) throw new Error(`not said: ${said}`);
  const lines = placeByText(
    SOURCE,
    read.steps.map(({ source }) => source?.text ?? ""),
  );
  const placeOf = (step: number) => {
    const line = lines[step];
    if (line === undefined) return undefined;
    return { file: "x.bpf.c", line, text: SOURCE.split("\n")[line - 1]?.trim() ?? "" };
  };
  const story = defaultStory({ match, log: read, at: message.after - 1, placeOf });
  for (const { place } of story) expect(place.line).toBe(lineOf(place.text ?? "?"));
  return story.map(({ place, text }) => `${place.text} | ${text}`);
}

test("index_bad", () => {
  expect(told(INDEX_BAD, /value -2147483648 makes/)).toEqual([
    "int index = value->index; | here index is read from the value of a map; here it is taken as a number with a sign: from here on it may be between -2147483648 and 2147483647",
    "if (index > 15) | from this test on it is known to be between -2147483648 and 15",
  ]);
});

test("sub", () => {
  expect(told(SUB, /value -2147483648 makes/)).toEqual([
    "return v->index; | here the value is read from the value of a map",
    "int index = pick(value, bpf_get_prandom_u32()); | here index gets what the function gives back",
  ]);
});

test("packet", () => {
  expect(told(PACKET, /^invalid access to packet/)).toEqual([
    "u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end; | here the pointer is read from the context",
    "if (data + 14 > end) | this test shows that the packet has 14 bytes",
    "if (data + 14 + len > end) | this test shows bytes only for the pointer with this very amount added, and for copies of it",
    "return data[20 + len]; | here an amount between 0 and 60 is added to the pointer",
  ]);
});

test("leak", () => {
  expect(told(LEAK, /^Unreleased reference/)).toEqual([
    "u64 *e = bpf_ringbuf_reserve(&rb, 8, 0); | here e gets what bpf_ringbuf_reserve hands out, which has to be given back",
    "if (bpf_get_prandom_u32() > 10) | here the condition was true",
  ]);
});

test("loops", () => {
  expect(told(LOOPS, /^R2 unbounded memory/)).toEqual([
    "bpf_loop(20, each, &value, 0); | bpf_loop calls the function from here, with the value as argument 1",
    "return (*p)->name[i]; | here the pointer is read from the stack; here an amount between 0 and 4294967295 is added to the pointer",
  ]);
});

test("damaged logs give a smaller story, and never an error", () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let n = 0; n < 400; n++) {
    const lines = LOGS[n % LOGS.length]?.split("\n") ?? [];
    for (let k = random(8); k >= 0; k--) {
      const [at, other] = [random(lines.length), random(lines.length)];
      const [one = "", two = ""] = [lines[at], lines[other]];
      if (k % 4 === 0) lines.splice(at, 1);
      else if (k % 4 === 1) lines[at] = one.slice(0, random(one.length + 1));
      else if (k % 4 === 2) [lines[at], lines[other]] = [two, one];
      else lines.splice(at, 0, ...lines.slice(other, other + 5));
    }
    const log = readLog(lines.join("\n"));
    for (const { text, after } of log.messages) {
      const match = /.*/.exec(text);
      const placeOf = (step: number) => ({
        file: "x.bpf.c",
        line: step + 1,
        text: log.steps[step]?.source?.text ?? "",
      });
      if (match !== null) expect(defaultStory({ match, log, at: after - 1, placeOf }).length).toBeLessThanOrEqual(6);
    }
  }
});

test("a log that names no lines is placed in the source that it is said to be of", () => {
  const source = { file: "/src/x.bpf.c", text: SOURCE };
  const answerOf = (given?: typeof source) => {
    const reader = loadReader(undefined, given);
    reader.push(PACKET);
    return reader.end().programs[0]?.answers[0];
  };
  expect(answerOf(source)?.place).toMatchObject({ file: "/src/x.bpf.c", line: lineOf("return data[20 + len];") });
  expect(answerOf(source)?.story.map(({ place }) => place.file)).toContain("/src/x.bpf.c");
  expect(answerOf()?.place).toBeUndefined();
});
