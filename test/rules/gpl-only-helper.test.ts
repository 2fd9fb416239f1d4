import { expect, test } from "vitest";
import { gplOnlyHelper } from "../../server/src/analysis/rules/gpl-only-helper.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const LICENCE = 'char LICENSE[] SEC("license") = "Proprietary";';

test("each thing once, at its first use", () => {
  checkRule(
    gplOnlyHelper,
    `
${LICENCE}
static void g(void) { bpf_printk("x"); }
//                    ^^^^^^^^^^ bpf_trace_printk() (by bpf_printk()) is GPL only, and the licence here is "Proprietary"
SEC("kprobe/x")
int f(void *c) { g(); bpf_printk("x"); bpf_probe_read(c, 4, c); return 0; }
//                                     ^^^^^^^^^^^^^^ bpf_probe_read() is GPL only, and the licence here is "Proprietary"
`,
  );
});

test("whole program types", () => {
  const found = findingsIn(`${LICENCE}\nSEC("lsm.s/bpf")\nint f(void *c) { return 0; }`, [gplOnlyHelper]);
  expect(found.map(({ message }) => message)).toEqual([
    'lsm.s programs are GPL only, and the licence here is "Proprietary"',
  ]);
});

test("the licence that is there stays a choice", () => {
  const [finding] = findingsIn(
    'char L[] SEC("license") = "Apache-2.0 OR MIT";\nSEC("xdp")\nint f(void *c) { bpf_printk("x"); return 0; }',
    [gplOnlyHelper],
  );
  expect(finding?.fixes?.map(({ title }) => title)).toEqual(['Change to "Dual MIT/GPL"', 'Change to "GPL"']);
});

test("depends on the program type, and on the kernel", () => {
  const source = `${LICENCE}\nSEC("xdp")\nint f(void *c) { return bpf_ktime_get_ns() & 1; }`;
  checkNoFindings(gplOnlyHelper, source);
  checkNoFindings(gplOnlyHelper, source, { target: "5.10" });
  expect(findingsIn(source, [gplOnlyHelper], { target: "5.4, 5.10" }).map(({ message }) => message)).toEqual([
    'bpf_ktime_get_ns() is GPL only on 5.4, and the licence here is "Proprietary"',
  ]);
  checkNoFindings(gplOnlyHelper, `${LICENCE}\nSEC("xdp")\nint f(void *c) { return bpf_redirect(1, 0); }`);
});

test("silent under a compatible licence, a misspelt one, and none", () => {
  const program = 'SEC("xdp")\nint f(void *c) { bpf_printk("x"); return 0; }';
  for (const text of ["GPL", "Dual BSD/GPL", "gpl", "GPLv2"])
    checkNoFindings(gplOnlyHelper, `char L[] SEC("license") = "${text}";\n${program}`);
  checkNoFindings(gplOnlyHelper, program);
});

test("silent about what may never be loaded", () => {
  for (const code of [
    'SEC("xdp")\nint f(void *c) { if (0) bpf_printk("x"); return 0; }',
    '#ifdef DEBUG\nSEC("xdp")\nint f(void *c) { bpf_printk("x"); return 0; }\n#endif',
    '#define bpf_printk(...)\nSEC("xdp")\nint f(void *c) { bpf_printk("x"); return 0; }',
    'static void g(void) { bpf_printk("x"); }',
    'SEC("freplace/x")\nint f(void *c) { bpf_printk("x"); return 0; }',
    'SEC("my_own")\nint f(void *c) { bpf_printk("x"); return 0; }',
  ])
    checkNoFindings(gplOnlyHelper, `${LICENCE}\n${code}`);
});
