import { expect, test } from "vitest";
import { misspelledLicence } from "../../server/src/analysis/rules/misspelled-licence.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const PROGRAM = '\nSEC("xdp")\nint f(struct xdp_md *ctx) { return XDP_PASS; }\n';
const PRINTS = '\nSEC("xdp")\nint f(struct xdp_md *ctx) { bpf_printk("x"); return XDP_PASS; }\n';
const licence = (text: string) => `char LICENSE[] SEC("license") = "${text}";`;

test("other spellings become the kernel's", () => {
  for (const [written, meant] of [
    ["gpl", "GPL"],
    ["GPLv2", "GPL v2"],
    ["GPL-2.0", "GPL v2"],
    ["GPL v3", undefined],
    ["GPL ", "GPL"],
    ["Dual BSD or GPL", "Dual BSD/GPL"],
    ["Dual BSD/GLP", "Dual BSD/GPL"],
    ["Dual MPL/GPLv2", "Dual MPL/GPL"],
  ] as const)
    if (meant === undefined) checkNoFindings(misspelledLicence, licence(written) + PROGRAM);
    else checkFix(misspelledLicence, licence(written) + PROGRAM, licence(meant) + PROGRAM);
});

test("an error where something is GPL only", () => {
  const told = (source: string) =>
    findingsIn(source, [misspelledLicence]).map(({ severity, message }) => `${severity}: ${message}`);
  expect(told(licence("gpl") + PROGRAM)).toEqual([
    'warning: the kernel takes licence "gpl" for proprietary; write "GPL"',
  ]);
  expect(told(licence("gpl") + PRINTS)).toEqual([
    'error: the kernel takes licence "gpl" for proprietary and refuses bpf_trace_printk() (by bpf_printk()); write "GPL"',
  ]);
});

test("other licences are nobody's mistake", () => {
  for (const text of [
    "MIT",
    "MPL",
    "LGPL",
    "LGPL-2.1",
    "AGPL",
    "Dual BSD/LGPL",
    "Dual MIT/BSD",
    "Proprietary",
    "Apache-2.0",
    "",
  ])
    checkNoFindings(misspelledLicence, licence(text) + PRINTS);
});

test("what the kernel takes is right", () => {
  for (const text of ["GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"])
    checkNoFindings(misspelledLicence, licence(text) + PRINTS);
});

test("strings side by side and macros are left alone", () => {
  checkNoFindings(misspelledLicence, `char L[] SEC("license") = "Dual " "BSD/GPL";${PROGRAM}`);
  checkNoFindings(misspelledLicence, `#include "x.h"\nchar L[] SEC("license") = LICENCE;${PROGRAM}`);
});
