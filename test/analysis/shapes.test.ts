/** What values are made of, and what programs send: the facts that loaders are written from. */

import { expect, test } from "vitest";
import { describe as describeModel } from "../../server/src/analysis/describe.ts";
import { build, kb, modelOf } from "../support/check.ts";

const shapeIn = (text: string, type: string) => modelOf(text).shapeOf(type);
const number = (size: number, signed: boolean, spelling: string) => ({ kind: "number", size, signed, spelling });

test.each([
  ["__u32", number(4, false, "__u32")],
  ["s64", number(8, true, "s64")],
  ["unsigned long long", number(8, false, "unsigned long long")],
  ["long", number(8, true, "long")],
  ["const volatile int", number(4, true, "int")],
  ["unsigned char", number(1, false, "unsigned char")],
  ["pid_t", number(4, true, "pid_t")],
  ["size_t", number(8, false, "size_t")],
  ["enum state", number(4, false, "enum state")],
  ["bool", { kind: "bool" }],
  ["char[16]", { kind: "text", length: 16 }],
  ["__u8[6]", { kind: "array", of: number(1, false, "__u8"), count: 6 }],
  ["struct x *", { kind: "pointer" }],
  ["double", undefined],
  ["atomic_t", undefined],
  ["struct unknown", undefined],
  ["char[]", undefined],
] as const)("%s", (type, shape) => expect(shapeIn("", type)).toEqual(shape));

test("structures, named by tag or by typedef, with all that stands in them", () => {
  const text = `typedef unsigned int u32;
struct inner { u32 a; };
typedef struct { struct inner in; struct { char c[4]; }; unsigned b : 3; } outer_t;
struct around { __u64 x __attribute__((aligned(16))); };
struct itself { struct itself in; };`;
  const inner = {
    kind: "record",
    ...{ tag: "struct", name: "inner", spelling: "struct inner", size: 4, packed: false, header: null },
    fields: [{ name: "a", shape: number(4, false, "u32"), bits: null }],
  };
  expect(shapeIn(text, "struct inner")).toEqual(inner);
  expect(shapeIn(text, "outer_t")).toMatchObject({
    spelling: "outer_t",
    size: 12,
    fields: [
      { name: "in", shape: inner },
      { name: "", shape: { spelling: "", fields: [{ name: "c", shape: { kind: "text", length: 4 } }] } },
      { name: "b", bits: 3 },
    ],
  });
  // One that asks for an alignment of its own, and one that has no size, are left alone.
  expect(shapeIn(text, "struct around")).toBeUndefined();
  expect(shapeIn(text, "struct itself")).toBeUndefined();
});

test.each([
  ["bpf_ringbuf_reserve(&m, sizeof(*p), 0)", "struct a"],
  ["bpf_ringbuf_reserve(&m, sizeof(struct a), 0)", "struct a"],
  ["bpf_ringbuf_output(&m, &s, sizeof(s), 0)", "struct a"],
  ["bpf_ringbuf_output(&m, p, sizeof(*p), 0)", "struct a"],
  ["bpf_ringbuf_output(&m, p, 20, 0)", "struct a"],
  ["bpf_perf_event_output(ctx, &m, BPF_F_CURRENT_CPU, &s, sizeof(s))", "struct a"],
  ["bpf_ringbuf_output(&m, given, sizeof(*given), 0)", "struct b"],
  ["bpf_ringbuf_output(&m, &kept, sizeof(kept), 0)", "struct b"],
  ["bpf_ringbuf_output(&m, text, sizeof(text), 0)", undefined],
  ["bpf_ringbuf_reserve(&m, 64, 0)", undefined],
  ["bpf_ringbuf_output(&other, &s, sizeof(s), 0)", undefined],
])("%s sends %s", (call, spelling) => {
  const { model, tree } = build(`struct a { __u32 x; };
struct b { __u64 y; };
static struct b kept;
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } m SEC(".maps"), other SEC(".maps");
int f(void *ctx, struct b *given)
{
	struct a *p = 0, s = {};
	char text[8] = "";
	return ${call};
}`);
  const { maps } = describeModel(model, kb);
  tree.dispose();
  const records = maps.find(({ name }) => name === "m")?.records ?? [];
  expect(records.map((record) => record.spelling)).toEqual(spelling === undefined ? [] : [spelling]);
});

test("globals have their bounds", () => {
  const { model, tree } = build("const volatile char name[2][8] = {};\nint plain;\n");
  const { globals } = describeModel(model, kb);
  tree.dispose();
  expect(globals.map(({ name, shape }) => [name, shape])).toEqual([
    ["name", { kind: "array", of: { kind: "text", length: 8 }, count: 2 }],
    ["plain", number(4, true, "int")],
  ]);
});
