import { test } from "vitest";
import { missingSectionTarget } from "../../server/src/analysis/rules/missing-section-target.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (section: string): string => `SEC("${section}")\nint f(void *ctx) { return 0; }\n`;

test("says what is missing, with a slash or without", () => {
  const message = `"lsm" names no target, as "lsm/file_open" does: the load fails unless bpf_program__set_attach_target() sets one`;
  checkRule(missingSectionTarget, `SEC("lsm")\n//   ^^^ ${message}\nint f(void *ctx) { return 0; }`);
  checkRule(missingSectionTarget, `SEC("lsm/")\n//   ^^^^ ${message}\nint f(void *ctx) { return 0; }`);
});

test("silent where user space must say it anyway, or may", () => {
  for (const section of [
    "freplace",
    "?fentry",
    "kprobe",
    "tp",
    "raw_tp",
    "uprobe",
    "usdt",
    "xdp",
    "fentry/do_exit",
    "own",
  ])
    checkNoFindings(missingSectionTarget, program(section));
  for (const loader of ["aya", "iproute2", "bcc"]) checkNoFindings(missingSectionTarget, program("fentry"), { loader });
});
