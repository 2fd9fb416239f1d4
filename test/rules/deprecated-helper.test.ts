import { expect, test } from "vitest";
import { deprecatedHelper } from "../../server/src/analysis/rules/deprecated-helper.ts";
import { actionsAt, checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const MESSAGE =
  "bpf_probe_read() does not say whose memory it reads, as bpf_probe_read_kernel() and bpf_probe_read_user() do";

test("flags the helper's name, not the whole call", () => {
  checkRule(
    deprecatedHelper,
    `
int f(void *d, void *s) { return bpf_probe_read(d, 4, s); }
//                               ^^^^^^^^^^^^^^ ${MESSAGE}
`,
  );
});

test("flags every call, nested ones too", () => {
  checkRule(
    deprecatedHelper,
    `
int f(void *d, void *s) { return g(bpf_probe_read(d, 4, s)) + bpf_probe_read(d, 4, s); }
//                                 ^^^^^^^^^^^^^^ ${MESSAGE}
//                                                            ^^^^^^^^^^^^^^ ${MESSAGE}
`,
  );
});

test("a kprobe is offered kernel memory first", () => {
  checkFix(
    deprecatedHelper,
    'SEC("kprobe/x")\nint f(void *c) { return bpf_probe_read(c, 4, c); }',
    'SEC("kprobe/x")\nint f(void *c) { return bpf_probe_read_kernel(c, 4, c); }',
  );
});

test("system calls, uprobes and usdt are offered user memory first", () => {
  for (const section of [
    "tracepoint/syscalls/sys_enter_openat",
    "tp/syscalls/sys_enter_openat",
    "uprobe//bin/sh:main",
    "?usdt/x:y:z",
  ]) {
    const program = (helper: string) => `SEC("${section}")\nint f(void *c) { return ${helper}(c, 4, c); }`;
    checkFix(deprecatedHelper, program("bpf_probe_read_str"), program("bpf_probe_read_user_str"));
  }
});

test("both kinds of memory are offered", () => {
  const actions = actionsAt("int f(void *d) { return bpf_pr$0obe_read(d, 4, d); }");
  expect(actions.map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
    ["Replace with bpf_probe_read_kernel() (kernel memory)", true],
    ["Replace with bpf_probe_read_user() (user memory)", false],
    ["Allow deprecated-helper here", undefined],
    ["Allow deprecated-helper in this file", undefined],
    ["Explain deprecated-helper", undefined],
  ]);
});

test("a function of the file's own by that name is left alone", () => {
  checkNoFindings(
    deprecatedHelper,
    `
static int bpf_probe_read(void *d, int n, void *s) { return 0; }
int f(void *d) { return bpf_probe_read(d, 4, d); }
`,
  );
});

test("comments and strings are left alone", () => {
  checkNoFindings(deprecatedHelper, 'int f(void) { /* bpf_probe_read(a) */ return g("bpf_probe_read(a)"); }');
});

test("silent while a target is older than the replacement", () => {
  const source = "int f(void *d) { return bpf_probe_read(d, 4, d); }";
  checkNoFindings(deprecatedHelper, source, { target: "5.4" });
  checkNoFindings(deprecatedHelper, source, { target: "6.1, 5.4" });
  checkRule(deprecatedHelper, `${source}\n//                      ^^^^^^^^^^^^^^ ${MESSAGE}`, { target: "5.5" });
});

test("a macro of the file's own by that name is left alone", () => {
  checkNoFindings(
    deprecatedHelper,
    `
#define bpf_probe_read(d, n, s) bpf_probe_read_kernel(d, n, s)
int f(void *d) { return bpf_probe_read(d, 4, d); }
`,
  );
});
