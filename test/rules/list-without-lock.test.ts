import { test } from "vitest";
import { listWithoutLock } from "../../server/src/analysis/rules/list-without-lock.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const HEAD = `extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
struct bpf_list_head items;
struct bpf_spin_lock lock;`;

test("on the path on which nobody holds it", () => {
  checkRule(
    listWithoutLock,
    `
${HEAD}
SEC("tc")
int f(struct __sk_buff *skb)
{
  if (skb->len) {
    bpf_spin_lock(&lock);
    bpf_list_pop_front(&items);
    bpf_spin_unlock(&lock);
  }
  bpf_list_pop_front(&items);
//                   ^^^^^^ bpf_list_pop_front() while no lock is held: the verifier refuses the program
  return 0;
}
`,
  );
});

test("silent in functions that somebody may call with the lock, and after what nobody knows", () => {
  checkNoFindings(
    listWithoutLock,
    `${HEAD}
static void pop(void) { bpf_list_pop_front(&items); }
__noinline int g(int x) { bpf_list_pop_front(&items); return 0; }
SEC("tc")
int f(struct __sk_buff *skb) { bpf_spin_lock(&lock); pop(); bpf_spin_unlock(&lock); return g(1); }
SEC("tc")
int h(struct __sk_buff *skb) { take(&lock); pop(); return 0; }
SEC("tc")
int i(struct bpf_list_head *list) { return !bpf_list_pop_front(other(list)); }`,
  );
});
