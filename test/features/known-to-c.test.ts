/** Beside a server for C: what that shows as well is left out, and nothing else. */

import { expect, test } from "vitest";
import { completeAt, hoverAt, signatureAt } from "../support/check.ts";

const beside = { besideC: [] };
const UAPI = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n";
const IN_XDP = (body: string) => `SEC("xdp") int f(struct xdp_md *ctx) { ${body} }`;
const labels = (source: string, options = {}) => completeAt(source, options)?.map(({ label }) => label) ?? [];

test("a hover keeps what is ours and leaves out the declaration", () => {
  const source = `${UAPI}${IN_XDP("return bpf_xdp_adjust_$0head(ctx, 4);")}`;
  expect(hoverAt(source)).toMatch(/^```c\nlong bpf_xdp_adjust_head\(/);
  expect(hoverAt(source, beside)).toMatch(/^BPF helper #44 · since Linux 4\.10\n/);
  expect(hoverAt(source, { ...beside, target: "4.9" })).toMatch(/^⚠️ \*\*Not on 4\.9/);
});

test("what no header of the file declares is shown in full", () => {
  const source = `#include <linux/bpf.h>\n${IN_XDP("return bpf_xdp_adjust_$0head(ctx, 4);")}`;
  expect(hoverAt(source, beside)).toBe(hoverAt(source));
  expect(labels(source, beside)).toEqual(labels(source));
  const other = `#include "../../nowhere/all.h"\n${IN_XDP("return bpf_xdp_adjust_$0head(ctx, 4);")}`;
  expect(hoverAt(other, beside)).toMatch(/^BPF helper/);
});

test("a constant that is only a number is hovered by the other server alone", () => {
  const source = (header: string) => `#include <linux/${header}>\n${IN_XDP("return ETH_P_$0802_3;")}`;
  expect(hoverAt(source("if_ether.h"))).toContain("ETH_P_802_3");
  expect(hoverAt(source("if_ether.h"), beside)).toBeUndefined();
  expect(hoverAt(source("bpf.h"), beside)).toContain("#include <linux/if_ether.h>");
});

test("sections, maps and programs are ours", () => {
  for (const source of [`SEC("x$0dp") int f(void *ctx) { return 0; }`, `SEC("xdp") int f$0(void *ctx) { return 0; }`]) {
    const full = hoverAt(UAPI + source);
    expect(full).toContain("BPF_PROG_TYPE_XDP");
    expect(hoverAt(UAPI + source, beside)).toBe(full);
  }
  const map = `${UAPI}struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, int); } ma$0p SEC(".maps");`;
  expect(hoverAt(map)).toContain("map: ARRAY");
  expect(hoverAt(map, beside)).toBe(hoverAt(map));
});

test("names that C declares are not offered a second time", () => {
  const map = 'struct { __uint(type, BPF_MAP_TYPE_ARRAY); } counts SEC(".maps");\n';
  const places: readonly (readonly [string, string])[] = [
    ["bpf_xdp_adjust_h$0", "bpf_xdp_adjust_head"],
    ["return XDP_$0", "XDP_PASS"],
    ["bpf_map_lookup_elem(&c$0)", "counts"],
    ["long a = ctx->$0", "data_end"],
    ["long a = BPF_F_$0", "BPF_F_INDEX_MASK"],
    ["bpf_rep$0", "bpf_repeat"],
  ];
  for (const [body, name] of places) {
    expect(labels(UAPI + map + IN_XDP(body)), body).toContain(name);
    expect(labels(UAPI + map + IN_XDP(body), beside), body).not.toContain(name);
  }
  expect(labels('#include <bpf/$0>\nSEC("xdp") int f(void *ctx);', beside)).toEqual([]);
});

test("what C knows nothing of is offered as ever", () => {
  const places = [
    `${UAPI}SEC("fen$0")`,
    `${UAPI}char LICENSE[] SEC("license") = "$0";`,
    `${UAPI}struct { __uint(m$0 } m SEC(".maps");`,
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n${IN_XDP("bpf_rcu_read_$0")}`,
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n${IN_XDP("return ETH_P_$0")}`,
  ];
  for (const source of places) {
    const [all, left] = [labels(source), labels(source, beside)];
    expect(left.length, source).toBeGreaterThan(0);
    expect(all, source).toEqual(expect.arrayContaining([...left]));
  }
});

test("signature help speaks of helpers, and leaves functions of the file to the other server", () => {
  const own = `${UAPI}static int add(int a, int b) { return a + b; }\n${IN_XDP("return add(1, $02);")}`;
  expect(signatureAt(own)?.label).toBe("int add(int a, «int b»)");
  expect(signatureAt(own, beside)).toBeUndefined();
  const helper = `${UAPI}${IN_XDP("return bpf_xdp_adjust_head(ctx, $04);")}`;
  expect(signatureAt(helper, beside)).toEqual(signatureAt(helper));
});

test("behind a bracket or comma an editor asks us alone, so all is offered", () => {
  const source = `${UAPI}${IN_XDP("bpf_map_update_elem(&m, &k, &v,$0)")}`;
  expect(labels(source, { ...beside, typed: "," })).toContain("BPF_NOEXIST");
  expect(labels(source, beside)).not.toContain("BPF_NOEXIST");
});

test("names of a header that the other server does not find are ours", () => {
  const source = `${UAPI}${IN_XDP("return bpf_xdp_adjust_$0head(ctx, 4);")}`;
  expect(hoverAt(source, { besideC: ["bpf/bpf_helpers.h"] })).toBe(hoverAt(source));
  expect(hoverAt(source, { besideC: ["linux/bpf.h"] })).toBe(hoverAt(source, beside));
  const types = `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n${IN_XDP("return XDP_$0")}`;
  expect(labels(types, beside)).not.toContain("XDP_PASS");
  expect(labels(types, { besideC: ["vmlinux.h"] })).toContain("XDP_PASS");
  expect(labels(types, { besideC: ["vmlinux.h"] })).not.toContain("bpf_xdp_adjust_head");
});

test("alone too each name is offered once", () => {
  const offered = labels(`${UAPI}${IN_XDP("return XDP_P$0")}`);
  expect(offered.filter((label) => label === "XDP_PASS")).toHaveLength(1);
});
