import { test } from "vitest";
import { keptPointerMisuse } from "../../server/src/analysis/rules/kept-pointer-misuse.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string): string => `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
struct item { u64 n; };
struct other { u64 n; };
struct plain { struct item *item; struct task_struct *task; };
struct entry { u64 n; struct item __kptr *item; struct task_struct __kptr_untrusted *task; };
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct entry);
} entries SEC(".maps");
static struct item __kptr *kept;
SEC("tc")
int f(struct __sk_buff *skb)
{
    u32 key = 0;
    struct plain plain = {}, *p = &plain;
    struct entry *entry = bpf_map_lookup_elem(&entries, &key);
    struct other *other = bpf_obj_new_impl(bpf_core_type_id_local(struct other), NULL);
    struct item *item = bpf_obj_new_impl(bpf_core_type_id_local(struct item), NULL);
    if (!entry || !item || !other)
        return 0;
${body}
    return 0;
}
`;

test("a variable of the file is written to, and an object of another type kept", () => {
  checkRule(
    keptPointerMisuse,
    program(`    kept = NULL;
//  ^^^^ kept is a kept pointer, which only bpf_kptr_xchg() changes: the verifier refuses the program
    item = bpf_kptr_xchg(&entry->item, other);
//                                     ^^^^^ this is a struct other, and the field keeps a struct item: the verifier refuses the program`),
  );
});

test("other fields of that name, what holds no reference, and what is exchanged", () => {
  checkNoFindings(
    keptPointerMisuse,
    program(`    p->item = item;
    entry->n = 1;
    entry->task = (void *)bpf_get_current_task_btf();
    item = bpf_kptr_xchg(&entry->item, item);
    item = bpf_kptr_xchg(&kept, item);
    item = bpf_kptr_xchg(&kept, NULL);`),
  );
});
