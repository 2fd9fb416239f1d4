import { test } from "vitest";
import { misplacedField } from "../../server/src/analysis/rules/misplaced-field.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (
  types: string,
  body: string,
): string => `extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 offset) __ksym;
extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;
${types}
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct entry);
} entries SEC(".maps");
SEC("tc")
int f(struct __sk_buff *skb)
{
    u32 key = 0;
    struct entry *entry = bpf_map_lookup_elem(&entries, &key);
    if (!entry)
        return 0;
${body}
    return 0;
}
`;

const LOCK = `struct inner { u64 n; struct bpf_spin_lock lock; };
struct entry { u64 sum; struct inner inner; };
SEC(".data.a") struct bpf_spin_lock lock;
SEC(".data.a") struct bpf_list_head heads[4] __contains(item, node);`;

test("a field beside the lock, and one further on", () => {
  checkRule(
    misplacedField,
    program(
      LOCK,
      `    bpf_spin_lock((void *)&entry->sum);
//                ^^^^^^^^^^^^^^^^^^^ bpf_spin_lock() is told a place where no struct bpf_spin_lock is: the verifier refuses the program
    bpf_spin_unlock((void *)&entry->sum);`,
    ),
  );
});

test("which of several lists it is must be known", () => {
  checkRule(
    misplacedField,
    program(
      LOCK,
      `    bpf_spin_lock(&lock);
    bpf_list_push_front_impl(&heads[skb->mark], NULL, NULL, 0);
//                           ^^^^^^^^^^^^^^^^^ which struct bpf_list_head bpf_list_push_front() is told depends on a variable: the verifier refuses the program
    bpf_spin_unlock(&lock);`,
    ),
  );
});

test("a lock in a structure within, a list of an array, a variable of the file", () => {
  checkNoFindings(
    misplacedField,
    program(
      LOCK,
      `    bpf_spin_lock(&entry->inner.lock);
    bpf_spin_unlock(&entry->inner.lock);
    bpf_spin_lock(&lock);
    for (int i = 0; i < 40; i++)
        bpf_list_push_front_impl(&heads[i % 4], NULL, NULL, 0);
    bpf_list_push_front_impl(&heads[3], NULL, NULL, 0);
    bpf_spin_unlock(&lock);`,
    ),
  );
});

test("of a type that the file does not tell nothing is said", () => {
  checkNoFindings(
    misplacedField,
    program("struct entry { struct elsewhere e; };", `    bpf_spin_lock((void *)entry);`),
  );
});

test("kept pointers have several marks, and stand in arrays", () => {
  checkNoFindings(
    misplacedField,
    program(
      `#define KEPT __kptr
struct entry {
    struct task_struct __kptr *task;
    struct cgroup __kptr *groups[4];
    struct file KEPT *file;
    struct bpf_cpumask __attribute__((btf_type_tag("kptr"))) *mask;
};
static struct task_struct __kptr *kept;
static struct task_struct __kptr *several[3];`,
      `    bpf_kptr_xchg(&entry->task, NULL);
    bpf_kptr_xchg(&entry->groups[2], NULL);
    bpf_kptr_xchg(&entry->file, NULL);
    bpf_kptr_xchg(&entry->mask, NULL);
    bpf_kptr_xchg(&kept, NULL);
    bpf_kptr_xchg(&several[1], NULL);`,
    ),
  );
});

test("a number is no kept pointer", () => {
  checkRule(
    misplacedField,
    program(
      "struct entry { u64 task; };",
      `    bpf_kptr_xchg(&entry->task, NULL);
//                ^^^^^^^^^^^^ bpf_kptr_xchg() of what is not marked __kptr: the verifier refuses the program`,
    ),
  );
});

test("an object is counted only where its type has a count", () => {
  const types = `struct entry { u64 n; };
struct plain { u64 n; };
struct counted { u64 n; struct bpf_refcount count; };`;
  checkRule(
    misplacedField,
    program(
      types,
      `    struct plain *p = bpf_obj_new_impl(bpf_core_type_id_local(struct plain), NULL);
    struct counted *c = bpf_obj_new_impl(bpf_core_type_id_local(struct counted), NULL);
    if (c)
        bpf_refcount_acquire_impl(c, NULL);
    if (p)
        bpf_refcount_acquire_impl(p, NULL);
//                                ^ bpf_refcount_acquire() of an object without a bpf_refcount: the verifier refuses the program`,
    ),
  );
});

test("of more than eleven such fields the kernel knows none", () => {
  const kept = (count: number): string => `struct slot { struct task_struct __kptr *task; };
struct slots { struct slot all[${count}]; };
struct entry { u64 sum; struct slots slots; };`;
  checkRule(
    misplacedField,
    program(
      kept(12),
      `    bpf_kptr_xchg(&entry->slots.all[0].task, NULL);
//                ^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_kptr_xchg() on one of more than 11 such fields, of which the kernel knows none: the verifier refuses it`,
    ),
  );
  checkNoFindings(misplacedField, program(kept(11), "    bpf_kptr_xchg(&entry->slots.all[0].task, NULL);"));
});
