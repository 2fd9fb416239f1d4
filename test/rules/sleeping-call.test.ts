import { expect, test } from "vitest";
import { sleepingCall } from "../../server/src/analysis/rules/sleeping-call.ts";
import { actionsAt, checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (section: string, body = "bpf_copy_from_user(buf, 8, p);") => `
char buf[8];
SEC("${section}")
int f(void *p) { ${body} return 0; }
`;

test("says which programs may", () => {
  checkRule(
    sleepingCall,
    `${program("fentry/do_open")}//               ^^^^^^^^^^^^^^^^^^ bpf_copy_from_user() may sleep, which fentry programs may not; fentry.s programs may\n`,
  );
});

test("a kprobe never may", () => {
  checkRule(
    sleepingCall,
    `${program("kprobe/do_open")}//               ^^^^^^^^^^^^^^^^^^ bpf_copy_from_user() may sleep, which kprobe programs may not; bpf_probe_read_user() does not\n`,
  );
});

test("the section of every program that runs it is changed", () => {
  const source = (fentry: string, lsm: string) => `
static int copy(void *p) { char b[8]; return bpf_copy_from_user(b, 8, p); }
SEC("${fentry}/do_open")
int a(void *p) { return copy(p); }
SEC("?${lsm}/file_open")
int b(void *p) { return copy(p); }
`;
  checkFix(sleepingCall, source("fentry", "lsm"), source("fentry.s", "lsm.s"));
});

test("both ways out are offered", () => {
  const actions = actionsAt(program("uprobe", "bpf_copy_f$0rom_user(buf, 8, p);"));
  expect(actions.map(({ title }) => title)).toEqual(
    expect.arrayContaining(['Make it sleepable: SEC("uprobe.s")', "Replace with bpf_probe_read_user()"]),
  );
});

test("programs that may sleep", () => {
  for (const section of ["fentry.s/x", "lsm.s/x", "uprobe.s", "iter.s/task", "syscall", "?usdt.s/a:b:c"])
    checkNoFindings(sleepingCall, program(section));
});

test("kfuncs that sleep", () => {
  const source = `
extern int bpf_copy_from_user_str(void *dst, u32 n, const void *p, u64 flags) __ksym;
${program("uprobe", "bpf_copy_from_user_str(buf, 8, p, 0);")}`;
  expect(findingsIn(source, [sleepingCall]).map(({ message }) => message)).toEqual([
    "bpf_copy_from_user_str() may sleep, which uprobe programs may not; uprobe.s programs may",
  ]);
  checkNoFindings(sleepingCall, source.replace('"uprobe"', '"uprobe.s"'));
});

test("a work queue's callback may sleep, and a callback of the program's own may not", () => {
  const source = (call: string) => `
static int later(void *map, int *key, void *p) { char b[8]; bpf_copy_from_user(b, 8, p); return 0; }
SEC("fentry/x")
int f(void *p) { ${call}; return 0; }
`;
  checkNoFindings(sleepingCall, source("bpf_wq_set_callback(p, later, 0)"));
  checkNoFindings(sleepingCall, source("bpf_wq_set_callback_impl(p, later, 0, NULL)"));
  expect(findingsIn(source("bpf_for_each_map_elem(p, later, 0, 0)"), [sleepingCall])).toHaveLength(1);
});

test("what may not call it at all is another rule's business", () => {
  checkNoFindings(sleepingCall, program("tp/syscalls/sys_enter_openat"));
  checkNoFindings(sleepingCall, program("xdp"));
});

test("silent where the file does not tell", () => {
  checkNoFindings(sleepingCall, program("freplace/x"));
  checkNoFindings(sleepingCall, program("mine"));
  checkNoFindings(sleepingCall, `#define bpf_copy_from_user(d, n, p) 0\n${program("fentry/x")}`);
  checkNoFindings(sleepingCall, program("fentry/x", "if (CAN_SLEEP) bpf_copy_from_user(buf, 8, p);"));
  checkNoFindings(
    sleepingCall,
    `
static int copy(void *p, bool sleeps) { char b[8]; return sleeps ? bpf_copy_from_user(b, 8, p) : 0; }
SEC("fentry/x")
int a(void *p) { return copy(p, false); }
`,
  );
});

test("a section that a macro writes is left to its author", () => {
  const [finding] = findingsIn(
    `
#define HOOK "fentry/x"
SEC(HOOK)
int f(void *p) { char b[8]; return bpf_copy_from_user(b, 8, p); }
`,
    [sleepingCall],
  );
  expect(finding?.fixes?.map(({ title }) => title)).toEqual(["Replace with bpf_probe_read_user()"]);
});
