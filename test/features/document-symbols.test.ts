import { expect, test } from "vitest";
import { symbolsOf } from "../support/check.ts";

test("programs and maps, in the order of the file", () => {
  expect(
    symbolsOf(`
struct { __uint(type, BPF_MAP_TYPE_HASH); } counts SEC(".maps");
static int helper(void) { return 0; }
SEC("kprobe/do_exit")
int BPF_KPROBE(on_exit, long code) { return 0; }
struct event_map events SEC(".maps");
`),
  ).toEqual(["counts object HASH", "on_exit function kprobe/do_exit", "events object map"]);
});

test("an empty file has none", () => {
  expect(symbolsOf("")).toEqual([]);
});
