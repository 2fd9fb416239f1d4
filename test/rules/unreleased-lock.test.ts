import { test } from "vitest";
import { callUnderLock } from "../../server/src/analysis/rules/call-under-lock.ts";
import { sleepInSection } from "../../server/src/analysis/rules/sleep-in-section.ts";
import { unreleasedLock } from "../../server/src/analysis/rules/unreleased-lock.ts";
import { wrongUnlock } from "../../server/src/analysis/rules/wrong-unlock.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, before = "", section = "tc"): string => `
struct entry { struct bpf_spin_lock lock; u64 count; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct entry); } entries SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct bpf_res_spin_lock); } locks SEC(".maps");
extern int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
extern void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
extern void bpf_local_irq_save(unsigned long *flags__irq_flag) __ksym;
extern void bpf_local_irq_restore(unsigned long *flags__irq_flag) __ksym;
${before}
SEC("${section}")
int f(struct __sk_buff *skb)
{
    u32 key = 0;
    struct entry *e = bpf_map_lookup_elem(&entries, &key);
    if (!e)
        return 0;
${body}
}
`;

test("a section that a function of the file begins is its caller's to end", () => {
  checkRule(
    unreleasedLock,
    program(
      `    begin();
//  ^^^^^^^ what bpf_preempt_disable() begins is not ended before the return in line 21: the verifier refuses the program
    return 0;`,
      "static void begin(void) { bpf_preempt_disable(); }",
    ),
  );
  checkNoFindings(
    unreleasedLock,
    program(
      "    begin();\n    bpf_preempt_enable();\n    return 0;",
      "static void begin(void) { bpf_preempt_disable(); }",
    ),
  );
});

test("a resilient lock is held where taking it gave 0", () => {
  checkNoFindings(
    unreleasedLock,
    program(`    struct bpf_res_spin_lock *lock = bpf_map_lookup_elem(&locks, &key);
    if (!lock)
        return 0;
    if (bpf_res_spin_lock(lock))
        goto out;
    e->count++;
    bpf_res_spin_unlock(lock);
out:
    return 0;`),
  );
});

test("silent where a variable ends it, or a function that nobody has seen may", () => {
  checkNoFindings(unreleasedLock, program("    bpf_rcu_read_lock();\n    somewhere();\n    return 0;"));
  checkNoFindings(
    unreleasedLock,
    program(
      "    int guard __attribute__((__cleanup__(leave))) = enter();\n    return guard;",
      "static int enter(void) { bpf_rcu_read_lock(); return 0; }\nstatic void leave(int *p) { bpf_rcu_read_unlock(); }",
    ),
  );
});

test("flags of interrupts go back in the opposite order", () => {
  checkRule(
    wrongUnlock,
    program(`    unsigned long a, b;
    bpf_local_irq_save(&a);
    bpf_local_irq_save(&b);
    bpf_local_irq_restore(&a);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_local_irq_restore() does not end what was begun last: the verifier refuses the program
    bpf_local_irq_restore(&b);
    return 0;`),
  );
});

test("printing and global functions under a lock", () => {
  checkRule(
    callUnderLock,
    program(
      `    bpf_spin_lock(&e->lock);
    bpf_printk("x");
//  ^^^^^^^^^^^^^^^ bpf_printk() is called while a lock is held: the verifier refuses the program
    reckon(1);
//  ^^^^^^^^^ reckon() is called while a lock is held: the verifier refuses the program
    bpf_spin_unlock(&e->lock);
    return 0;`,
      "__noinline int reckon(int a) { return a + bpf_get_prandom_u32(); }",
    ),
  );
  checkNoFindings(
    callUnderLock,
    program(
      `    bpf_spin_lock(&e->lock);
    e->count = twice(e->count);
    __builtin_memset(&e->count, 0, 8);
    bpf_spin_unlock(&e->lock);
    bpf_printk("x");
    return 0;`,
      "static __always_inline u64 twice(u64 a) { return 2 * a; }",
    ),
  );
});

test("what may sleep, only in programs that may", () => {
  const body = `    char text[4];
    bpf_rcu_read_lock();
    bpf_copy_from_user(text, 4, (void *)e->count);
    bpf_rcu_read_unlock();
    return 0;`;
  checkNoFindings(sleepInSection, program(body));
});

test("a function that is verified alone may sleep by what it calls", () => {
  const before = `int __noinline fetch(u32 i) { char c; if (i) bpf_copy_from_user(&c, 1, NULL); return i; }
int __noinline outer(u32 i) { return fetch(i) + 1; }
int __noinline plain(u32 i) { return i + 1; }`;
  const body = (name: string, told = ""): string =>
    `    unsigned long flags;
    bpf_local_irq_save(&flags);
    ${name}(key);
${told}    bpf_local_irq_restore(&flags);
    ${name}(key);
    return 0;`;
  const told =
    "//  ^^^^^^^^^^ outer() may sleep, which bpf_local_irq_save() forbids: the verifier refuses the program\n";
  checkRule(sleepInSection, program(body("outer", told), before, "syscall"));
  checkNoFindings(sleepInSection, program(body("plain"), before, "syscall"));
});

test("what orders a tree runs under its lock", () => {
  checkRule(
    callUnderLock,
    program(
      "    bpf_spin_lock(&e->lock);\n    bpf_rbtree_add(&root, node, less);\n    bpf_spin_unlock(&e->lock);\n    return 0;",
      `extern int bpf_rbtree_add(struct bpf_rb_root *root, struct bpf_rb_node *node, bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b)) __ksym;
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
    return bpf_ktime_get_ns() & 1;
//         ^^^^^^^^^^^^^^^^^^ bpf_ktime_get_ns() is called while a lock is held: the verifier refuses the program
}`,
    ),
  );
});
