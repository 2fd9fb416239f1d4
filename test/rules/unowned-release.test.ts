import { expect, test } from "vitest";
import { unownedRelease } from "../../server/src/analysis/rules/unowned-release.ts";
import { findingsIn } from "../support/check.ts";

const told = (body: string) =>
  findingsIn(
    `struct pair { __u64 a; __u64 b; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
SEC("xdp")
int f(struct xdp_md *ctx)
{
    struct pair *pair = bpf_ringbuf_reserve(&events, sizeof(*pair), 0);
    if (!pair)
        return 0;
    ${body}
    return 0;
}
`,
    [unownedRelease],
  ).map(({ message }) => message);

test("what is given back must be given back from its beginning", () => {
  const gave = "what bpf_ringbuf_reserve() gave: the verifier refuses bpf_ringbuf_submit()";
  expect(told("bpf_ringbuf_submit(pair, 0);")).toEqual([]);
  expect(told("bpf_ringbuf_submit(&pair->a, 0);")).toEqual([]);
  expect(told("bpf_ringbuf_submit(&pair->b, 0);")).toEqual([`this is a place 8 bytes from the beginning of ${gave}`]);
  expect(told("bpf_ringbuf_submit((void *)pair + (ctx->rx_queue_index & 1), 0);")).toEqual([
    `this is a part of ${gave}`,
  ]);
});

test("a function with many ways out, of which the last one goes on", () => {
  const file = (after: string) => `struct v { struct task_struct __kptr *task; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, int); __type(value, struct v); } m SEC(".maps");
extern void bpf_task_release(struct task_struct *p) __ksym;
static int check(int n)
{
    if (bpf_get_prandom_u32() == 1) return -1;
    if (bpf_get_prandom_u32() == 2) return -2;
    if (bpf_get_prandom_u32() == 3) return -3;
    if (bpf_get_prandom_u32() == 4) return -4;
    if (bpf_get_prandom_u32() == 5) return -5;
    return 0;
}
SEC("tp_btf/task_newtask")
int BPF_PROG(f, struct task_struct *task, u64 flags)
{
    int key = 0;
    if (check(flags))
        return 0;
    struct v *v = bpf_map_lookup_elem(&m, &key);
    if (!v)
        return 0;
    ${after}
    return 0;
}
`;
  const messages = (after: string) => findingsIn(file(after), [unownedRelease]).map(({ message }) => message);
  expect(messages("struct task_struct *kept = v->task;\n    if (kept) bpf_task_release(kept);")).toEqual([
    "task is not the program's to give back: the verifier refuses bpf_task_release()",
  ]);
  expect(
    messages("struct task_struct *kept = bpf_kptr_xchg(&v->task, NULL);\n    if (kept) bpf_task_release(kept);"),
  ).toEqual([]);
});
