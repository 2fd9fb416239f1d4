import { test } from "vitest";
import { wrongUnlock } from "../../server/src/analysis/rules/wrong-unlock.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string): string => `extern void bpf_local_irq_save(unsigned long *flags__irq_flag) __ksym;
extern void bpf_local_irq_restore(unsigned long *flags__irq_flag) __ksym;
SEC("tc")
int f(struct __sk_buff *skb)
{
    unsigned long flags, all[2];
${body}
    return 0;
}
`;

test("flags that were written to, and elements in the wrong order", () => {
  checkRule(
    wrongUnlock,
    program(`    if (skb->mark) {
        bpf_local_irq_save(&flags);
        flags = 0;
        bpf_local_irq_restore(&flags);
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_local_irq_restore() is told flags that were written to since they were saved: the verifier refuses the program
        return 0;
    }
    bpf_local_irq_save(&all[0]);
    bpf_local_irq_save(&all[1]);
    bpf_local_irq_restore(&all[0]);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_local_irq_restore() does not end what was begun last: the verifier refuses the program
    bpf_local_irq_restore(&all[1]);`),
  );
});

test("flags that are used again, elements in order, and other variables that are written to", () => {
  checkNoFindings(
    wrongUnlock,
    program(`    bpf_local_irq_save(&flags);
    skb->mark = 1;
    all[0] = 2;
    bpf_local_irq_restore(&flags);
    flags = 0;
    bpf_local_irq_save(&flags);
    bpf_local_irq_restore(&flags);
    bpf_local_irq_save(&all[0]);
    bpf_local_irq_save(&all[1]);
    bpf_local_irq_restore(&all[1]);
    bpf_local_irq_restore(&all[0]);`),
  );
});

test("functions that vmlinux.h declares, beside a header that nobody can read", () => {
  const file = (end: string) => `#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include "nowhere.h"
struct bpf_res_spin_lock a SEC(".data.A");
SEC("tc")
int f(struct __sk_buff *skb)
{
    unsigned long first, second;
    bpf_local_irq_save(&first);
    bpf_local_irq_save(&second);
${end}
    return 0;
}
`;
  checkRule(
    wrongUnlock,
    file(`    bpf_local_irq_restore(&first);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_local_irq_restore() does not end what was begun last: the verifier refuses the program`),
  );
  checkNoFindings(wrongUnlock, file("    bpf_local_irq_restore(&second);\n    bpf_local_irq_restore(&first);"));
});
