import { expect, test } from "vitest";
import { missingConstant } from "../../server/src/analysis/rules/missing-constant.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const HEAD = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n';

test("enumerators are types, so vmlinux.h has them", () => {
  checkNoFindings(missingConstant, `${HEAD}int f(int a) { return a ? XDP_PASS : IPPROTO_TCP; }\n`);
});

test("own definitions, as a macro, an enumerator or a variable", () => {
  const use = "int f(void) { return ETH_P_IP; }\n";
  checkNoFindings(missingConstant, `${HEAD}#define ETH_P_IP 0x800\n${use}`);
  checkNoFindings(missingConstant, `${HEAD}#ifndef ETH_P_IP\n#define ETH_P_IP 0x800\n#endif\n${use}`);
  checkNoFindings(missingConstant, `${HEAD}enum { ETH_P_IP = 0x800 };\n${use}`);
  checkNoFindings(missingConstant, `${HEAD}const volatile int ETH_P_IP;\n${use}`);
  checkNoFindings(missingConstant, `${HEAD}enum { PATH_MAX = 64 };\nchar path[PATH_MAX];\n`);
});

test("any other include may bring it", () => {
  const use = "int f(void) { return ETH_P_IP; }\n";
  checkNoFindings(missingConstant, `${HEAD}#include "common.h"\n${use}`);
  checkNoFindings(missingConstant, `${HEAD}#include <linux/if_ether.h>\n${use}`);
  checkNoFindings(missingConstant, `#include <linux/bpf.h>\n${use}`);
  checkNoFindings(missingConstant, use);
});

test("comments, strings and members of that name are no uses", () => {
  checkNoFindings(missingConstant, `${HEAD}/* ETH_P_IP */ const char *s = "ETH_P_IP";\n`);
});

test("what is different elsewhere is not defined", () => {
  checkNoFindings(missingConstant, `${HEAD}int f(void) { return EADDRINUSE; }\n`);
});

test("used twice, defined once", () => {
  checkFix(
    missingConstant,
    `${HEAD}int f(int a) { return a == AF_INET || a + 1 == AF_INET; }\n`,
    `${HEAD}\n#define AF_INET 2\nint f(int a) { return a == AF_INET || a + 1 == AF_INET; }\n`,
  );
});

test("what a macro before a function makes a string of is no use", () => {
  const program = (tag: string) =>
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n${tag}\nSEC("xdp")\nint f(struct xdp_md *ctx) { return 0; }\n`;
  checkNoFindings(missingConstant, program("__flag(BPF_F_TEST_STATE_FREQ)"));
  checkNoFindings(missingConstant, program("__success __flag(BPF_F_TEST_STATE_FREQ)"));
  expect(
    findingsIn(program('struct { __uint(max_entries, ETH_P_IP); } m SEC(".maps");'), [missingConstant]),
  ).toHaveLength(1);
});
