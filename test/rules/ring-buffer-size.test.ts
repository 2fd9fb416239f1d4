import { expect, test } from "vitest";
import { ringBufferSize } from "../../server/src/analysis/rules/ring-buffer-size.ts";
import { checkFix, checkNoFindings, findingsIn, type Options } from "../support/check.ts";

const map = (size: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, ${size}); } m SEC(".maps");`;
const found = (source: string, options: Options = {}) =>
  findingsIn(source, [ringBufferSize], options).map(({ message, severity }) => `${severity}: ${message}`);

test("what libbpf rounds up is fine, unless records were counted", () => {
  checkNoFindings(ringBufferSize, map("100000"));
  checkNoFindings(ringBufferSize, map("4096"), { arch: "arm64" });
  expect(found(map("64"))).toEqual(["info: max_entries of a RINGBUF is its size in bytes: 64 becomes one page"]);
});

test("cilium/ebpf hands it on as it is", () => {
  checkNoFindings(ringBufferSize, map("1 << 24"), { loader: "cilium/ebpf" });
  checkNoFindings(ringBufferSize, map("SIZE"), { loader: "cilium/ebpf" });
  checkNoFindings(ringBufferSize, map("0"), { loader: "cilium/ebpf" });
  expect(found(map("5000"), { loader: "ebpf-manager" })).toEqual([
    "error: a RINGBUF of 5000 bytes is no power of two of pages: the kernel refuses the map",
  ]);
  checkFix(ringBufferSize, map("5000"), map("8192"), { loader: "cilium/ebpf" });
});

test("pages may be larger on arm64", () => {
  checkNoFindings(ringBufferSize, map("32768"), { loader: "cilium/ebpf" });
  checkNoFindings(ringBufferSize, map("65536"), { loader: "cilium/ebpf", arch: "arm64" });
  expect(found(map("32768"), { loader: "cilium/ebpf", arch: "arm64" })).toEqual([
    "warning: a RINGBUF of 32768 bytes is less than a page of 64 KiB, as arm64 may have: there the kernel refuses the map",
  ]);
});
