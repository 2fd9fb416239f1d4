import { expect, test } from "vitest";
import { cutPointer } from "../../server/src/analysis/rules/cut-pointer.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const xdp = (body: string): string => `
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, u32); __type(value, u64); } sizes SEC(".maps");
SEC("xdp")
int f(struct xdp_md *ctx)
{
    u32 key = 0;
    u64 wide = 0;
${body}
    return 0;
}
`;

test("flags a pointer that lies in four bytes", () => {
  checkRule(
    cutPointer,
    xdp(`    int *at = &key;
    key = ctx->data_end;
//  ^^^ key has 4 bytes, and a pointer 8: the verifier refuses to cut one on the stack
    bpf_map_delete_elem(&sizes, at);
    u32 other = (u32)(long)ctx;
//      ^^^^^ other has 4 bytes, and a pointer 8: the verifier refuses to cut one on the stack
    bpf_map_delete_elem(&sizes, &other);`),
  );
});

test("silent where it stays in a register, has all its bytes, or was overwritten", () => {
  checkNoFindings(
    cutPointer,
    xdp(`    u32 end = ctx->data_end;
    void *data_end = (void *)(long)end;
    wide = (u64)ctx;
    bpf_map_delete_elem(&sizes, &wide);
    key = ctx->data;
    key = data_end > (void *)(long)ctx->data;
    bpf_map_delete_elem(&sizes, &key);`),
  );
});

test("silent about numbers that C takes for pointers, and about sizes", () => {
  checkNoFindings(
    cutPointer,
    xdp(`    key = ctx->data_end - ctx->data;
    bpf_map_delete_elem(&sizes, &key);
    key = (u32)bpf_get_current_task();
    bpf_map_delete_elem(&sizes, &key);`),
  );
});

test("a macro may name the type by the value", () => {
  const macro = "#define DELETE(n) do { __typeof__(n) copy = (n); bpf_map_delete_elem(&sizes, &copy); } while (0)\n";
  const { length } = findingsIn(macro + xdp("    u32 n = (u32)(long)ctx;\n    DELETE(n);"), [cutPointer]);
  expect(length).toBe(1);
  expect(findingsIn(macro + xdp("    u64 n = (u64)ctx;\n    DELETE(n);"), [cutPointer])).toEqual([]);
  expect(findingsIn(macro + xdp("    DELETE(ctx->data_end);"), [cutPointer])).toEqual([]);
});
