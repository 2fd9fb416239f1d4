import { test } from "vitest";
import { vmlinuxMixed } from "../../server/src/analysis/rules/vmlinux-mixed.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

test("headers that have only macros go with vmlinux.h", () => {
  checkNoFindings(
    vmlinuxMixed,
    '#include "vmlinux.h"\n#include <linux/errno.h>\n#include <linux/version.h>\n#include <asm/unistd.h>\n#include <linux/limits.h>\n',
  );
});

test("a vmlinux.h in a folder may be one with a few types only", () => {
  checkNoFindings(vmlinuxMixed, "#include <bpf/vmlinux.h>\n#include <linux/bpf.h>\n");
});

test("silent where the preprocessor chooses, and where include guards are set by hand", () => {
  checkNoFindings(vmlinuxMixed, '#ifdef CORE\n#include "vmlinux.h"\n#else\n#include <linux/bpf.h>\n#endif\n');
  checkNoFindings(vmlinuxMixed, '#include "vmlinux.h"\n#ifndef CORE\n#include <linux/bpf.h>\n#endif\n');
  checkNoFindings(vmlinuxMixed, '#include "vmlinux.h"\n#define _LINUX_TYPES_H\n#include <linux/bpf.h>\n');
  checkNoFindings(vmlinuxMixed, '// #include "vmlinux.h"\n#include <linux/bpf.h>\n');
});

test("several macros of a header are defined together, each once in the end", () => {
  checkFix(
    vmlinuxMixed,
    `#include "vmlinux.h"
#include <linux/pkt_cls.h>
#include <linux/types.h>

int f(int a) { return a ? TC_ACT_SHOT : TC_ACT_OK; }
`,
    `#include "vmlinux.h"
#include <linux/types.h>

#define TC_ACT_SHOT 2
#define TC_ACT_OK 0

int f(int a) { return a ? TC_ACT_SHOT : TC_ACT_OK; }
`,
  );
});
