import { expect, test } from "vitest";
import { sameFile } from "../../../server/src/analysis/verifier/same-file.ts";

test.each([
  ["x.bpf.c", "/home/me/src/x.bpf.c", true],
  ["./src/x.bpf.c", "/home/me/src/x.bpf.c", true],
  ["../src/x.bpf.c", "/home/me/src/x.bpf.c", true],
  ["/build/7/src/x.bpf.c", "/home/me/src/x.bpf.c", true],
  ["/build/7/bpf/x.bpf.c", "/home/me/src/x.bpf.c", false],
  ["bpf/x.bpf.c", "/home/me/src/x.bpf.c", false],
  ["C:\\src\\x.bpf.c", "/mnt/c/src/x.bpf.c", true],
  ["/src/ünï cöde/x.bpf.c", "/work/ünï cöde/x.bpf.c", true],
  ["ax.bpf.c", "/src/x.bpf.c", false],
  ["", "/src/x.bpf.c", false],
])("%s and %s: %s", (logged, real, expected) => {
  expect(sameFile(logged, real)).toBe(expected);
});
