import { expect, test } from "vitest";
import { invalidPinning } from "../../server/src/analysis/rules/invalid-pinning.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const map = (pinning: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(pinning, ${pinning}); } m SEC(".maps");`;

test("both kinds, and what is not known, are left alone", () => {
  checkNoFindings(invalidPinning, map("LIBBPF_PIN_BY_NAME"));
  checkNoFindings(invalidPinning, map("LIBBPF_PIN_NONE"));
  checkNoFindings(invalidPinning, map("1"));
  checkNoFindings(invalidPinning, map("PIN_FROM_ELSEWHERE"));
});

test("a name of the file's own is looked at", () => {
  checkFix(
    invalidPinning,
    `#define PIN_GLOBAL_NS 2\n${map("PIN_GLOBAL_NS")}`,
    `#define PIN_GLOBAL_NS 2\n${map("LIBBPF_PIN_BY_NAME")}`,
  );
});

test("loaders differ", () => {
  checkNoFindings(invalidPinning, map("16"), { loader: "cilium/ebpf" });
  const [finding] = findingsIn(map("2"), [invalidPinning], { loader: "aya" });
  expect([finding?.severity, finding?.message]).toEqual(["warning", "there is no pinning 2: aya does not pin the map"]);
});
