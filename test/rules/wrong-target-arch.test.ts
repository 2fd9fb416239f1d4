import { test } from "vitest";
import { printkLeftIn } from "../../server/src/analysis/rules/printk-left-in.ts";
import { wrongTargetArch } from "../../server/src/analysis/rules/wrong-target-arch.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

test("names that libbpf knows, and those chosen by the preprocessor", () => {
  checkNoFindings(wrongTargetArch, "#define __TARGET_ARCH_x86\n#define __TARGET_ARCH_loongarch\n");
  checkNoFindings(wrongTargetArch, "#if defined(__aarch64__)\n#define __TARGET_ARCH_aarch64\n#endif\n");
});

test("another machine than the one that is set", () => {
  const text = "#define __TARGET_ARCH_x86 1\n#include <bpf/bpf_tracing.h>\n";
  checkNoFindings(wrongTargetArch, text);
  checkNoFindings(wrongTargetArch, text, { arch: "x86_64" });
  checkRule(
    wrongTargetArch,
    `
#define __TARGET_ARCH_x86 1
//      ^^^^^^^^^^^^^^^^^ __TARGET_ARCH_x86 is not the architecture of the setting hookpoint.arch, arm64
`,
    { arch: "arm64" },
  );
});

test("one that nobody knows has no fix", () => {
  checkRule(
    wrongTargetArch,
    "\n#define __TARGET_ARCH_vax\n//      ^^^^^^^^^^^^^^^^^ libbpf knows no __TARGET_ARCH_vax\n",
  );
});

test("output that is a branch is found and not removed", () => {
  const text = 'int f(int x)\n{\n\tif (x)\n\t\tbpf_printk("x");\n\treturn 0;\n}\n';
  checkFix(printkLeftIn, text, text);
});

test("output that only debugging compiles is left alone", () => {
  checkNoFindings(printkLeftIn, '#ifdef DEBUG\nint f(void) { bpf_printk("x"); return 0; }\n#endif\n');
});
