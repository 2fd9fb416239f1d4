import { test } from "vitest";
import { unsleepableSection } from "../../server/src/analysis/rules/unsleepable-section.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (section: string): string => `SEC("${section}")\nint f(void *ctx) { return 0; }\n`;

test("says that there is no such kind", () => {
  checkRule(
    unsleepableSection,
    `
SEC("xdp.s")
//   ^^^^^ libbpf has no section "xdp.s" and refuses the file: such programs may not sleep
int f(struct xdp_md *ctx) { return 0; }
`,
  );
});

test("takes the letter out and leaves the rest", () => {
  checkFix(unsleepableSection, program("?kretprobe.s/do_exit"), program("?kretprobe/do_exit"));
  checkFix(unsleepableSection, program("kprobe.multi.s/tcp_*"), program("kprobe.multi/tcp_*"));
});

test("those that may sleep, and names that merely end so, are left alone", () => {
  for (const section of ["fentry.s/x", "lsm.s/file_open", "uprobe.s", "usdt.s", "iter.s/task", "struct_ops.s", "own.s"])
    checkNoFindings(unsleepableSection, program(section));
  checkNoFindings(unsleepableSection, program("uprobe/libc.so.6:malloc.s"));
  checkNoFindings(unsleepableSection, program("kprobe.s/x"), { loader: "iproute2" });
});
