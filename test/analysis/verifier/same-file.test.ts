import { expect, test } from "vitest";
import { commonTail, fileMeant, sameFile } from "../../../server/src/analysis/verifier/same-file.ts";

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

test("the common tail is counted in parts", () => {
  expect(commonTail("/a/b/c/x.h", "/z/b/c/x.h")).toBe(3);
  expect(commonTail("/a/./b/../c/x.h", "/q/c/x.h")).toBe(2);
  expect(commonTail("x.h", "y.h")).toBe(0);
});

test("of several files the one with the longest tail is meant, and none of two that fit alike", () => {
  const files = ["/w/one/src/x.bpf.c", "/w/two/src/x.bpf.c", "/w/two/y.bpf.c"];
  expect(fileMeant("/build/two/src/x.bpf.c", files)).toBe("/w/two/src/x.bpf.c");
  expect(fileMeant("x.bpf.c", files)).toBeUndefined();
  expect(fileMeant("y.bpf.c", files)).toBe("/w/two/y.bpf.c");
  expect(fileMeant("/w/one/src/x.bpf.c", files)).toBe("/w/one/src/x.bpf.c");
  expect(fileMeant("z.bpf.c", files)).toBeUndefined();
});
