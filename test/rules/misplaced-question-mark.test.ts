import { test } from "vitest";
import { misplacedQuestionMark } from "../../server/src/analysis/rules/misplaced-question-mark.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (section: string): string => `SEC("${section}")\nint f(void *ctx) { return 0; }\n`;

test("says where it would mean something", () => {
  checkRule(
    misplacedQuestionMark,
    `
SEC("xdp?")
//   ^^^^ "?" makes a program optional only before the whole name; write "?xdp"
int f(struct xdp_md *ctx) { return 0; }
`,
  );
});

test("puts it in front, once", () => {
  for (const [wrong, right] of [
    ["??xdp", "?xdp"],
    ["kprobe?/do_exit", "?kprobe/do_exit"],
    ["fentry/?do_exit", "?fentry/do_exit"],
    ["?lsm/file_open?", "?lsm/file_open"],
  ] as const)
    checkFix(misplacedQuestionMark, program(wrong), program(right));
});

test("in wildcards, paths and names of one's own it is a character like any other", () => {
  for (const section of [
    "kprobe.multi/tcp_?",
    "uprobe//opt/a?b:main",
    "struct_ops/a?",
    "what?",
    "?xdp",
    "?kprobe.multi/?x",
  ])
    checkNoFindings(misplacedQuestionMark, program(section));
  checkNoFindings(misplacedQuestionMark, program("??xdp"), { loader: "iproute2" });
});

test("of data only struct_ops may be optional", () => {
  checkRule(
    misplacedQuestionMark,
    `
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC("?.maps");
//                                                                                    ^^^^^^ "?" makes programs and ".struct_ops" optional, no other data: libbpf passes over "?.maps"
struct tcp_congestion_ops ops SEC("?.struct_ops.link") = { .name = "mine" };
int other SEC("?mine");
`,
  );
  checkFix(misplacedQuestionMark, 'int x SEC("?.data");', 'int x SEC(".data");');
});
