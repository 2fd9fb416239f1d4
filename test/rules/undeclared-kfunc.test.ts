import { expect, test } from "vitest";
import { undeclaredKfunc } from "../../server/src/analysis/rules/undeclared-kfunc.ts";
import { checkFix, findingsIn } from "../support/check.ts";

const HEADERS = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n";
const program = (call: string) => `\nSEC("tc")\nint f(struct __sk_buff *skb) { ${call}; return 0; }\n`;

const messagesOf = (text: string) => findingsIn(text, [undeclaredKfunc]).map(({ message }) => message);

test("once for each", () => {
  expect(messagesOf(`${HEADERS}${program("bpf_rcu_read_lock(); bpf_rcu_read_lock(); bpf_rcu_read_unlock()")}`)).toEqual(
    [
      "bpf_rcu_read_lock() is a kfunc that nothing declares: clang refuses the call",
      "bpf_rcu_read_unlock() is a kfunc that nothing declares: clang refuses the call",
    ],
  );
});

test("in the names that a file without vmlinux.h has", () => {
  const call = program("bpf_strnlen(0, 4)");
  checkFix(
    undeclaredKfunc,
    `${HEADERS}${call}`,
    `${HEADERS}\nextern int bpf_strnlen(const char *s__ign, unsigned long count) __ksym;\n${call}`,
  );
});

test("not with a structure that the file does not define", () => {
  const [finding] = findingsIn(`${HEADERS}${program("bpf_task_from_pid(1)")}`, [undeclaredKfunc]);
  expect(finding?.message).toContain("bpf_task_from_pid()");
  expect(finding?.fixes).toBeUndefined();
  const defined = "struct task_struct { int pid; } __attribute__((preserve_access_index));";
  expect(
    findingsIn(`${HEADERS}${defined}${program("bpf_task_from_pid(1)")}`, [undeclaredKfunc])[0]?.fixes,
  ).toHaveLength(1);
});

test("silent where some header may declare it", () => {
  const call = program("bpf_rcu_read_lock()");
  expect(messagesOf(`#include "vmlinux.h"\n${call}`)).toEqual([]);
  expect(messagesOf(`${HEADERS}#include "kfuncs.h"\n${call}`)).toEqual([]);
  // A fragment, or a header.
  expect(messagesOf(call)).toEqual([]);
  expect(messagesOf(`${HEADERS}static void f(void) { bpf_rcu_read_lock(); }`)).toEqual([]);
  // libbpf's own.
  expect(messagesOf(`${HEADERS}${program("bpf_iter_num_new(0, 0, 4)")}`)).toEqual([]);
});

test("silent where the file declares it or makes its own", () => {
  const call = program("bpf_rcu_read_lock()");
  for (const line of [
    "extern void bpf_rcu_read_lock(void) __ksym;",
    "extern void bpf_rcu_read_lock(void) __ksym __weak;",
    "extern void bpf_rcu_read_lock(void) __weak __ksym;",
    'extern void bpf_rcu_read_lock(void) __attribute__((section(".ksyms")));',
    "extern void bpf_rcu_read_lock(void) MY_KSYM;",
    "extern void bpf_rcu_read_unlock(void) __ksym, bpf_rcu_read_lock(void) __ksym;",
    "static void bpf_rcu_read_lock(void) {}",
    "#define bpf_rcu_read_lock() 0",
  ])
    expect(messagesOf(`${HEADERS}${line}\n${call}`)).toEqual([]);
});

test("__ksym is added behind whatever stands there", () => {
  const call = program("bpf_rcu_read_lock()");
  for (const end of [");", ") __weak;", ")\n\t__weak;"])
    checkFix(
      undeclaredKfunc,
      `extern void bpf_rcu_read_lock(void${end}\n${call}`,
      `extern void bpf_rcu_read_lock(void${end.replace(";", " __ksym;")}\n${call}`,
    );
});
