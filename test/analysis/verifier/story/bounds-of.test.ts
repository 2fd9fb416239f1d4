import { expect, test } from "vitest";
import { boundsOf, rangeText } from "../../../../server/src/analysis/verifier/story/bounds-of.ts";

const S64 = { smin: -(1n << 63n), smax: (1n << 63n) - 1n };
const U64 = { umin: 0n, umax: (1n << 64n) - 1n };

test.each([
  ["scalar()", { type: "scalar", ...S64, ...U64 }],
  ["inv(id=0)", { type: "scalar", ...S64, ...U64 }],
  ["40", { type: "scalar", smin: 40n, smax: 40n, umin: 40n, umax: 40n }],
  ["P0", { type: "scalar", smin: 0n, smax: 0n }],
  ["inv-1", { type: "scalar", smin: -1n, smax: -1n, umin: (1n << 64n) - 1n }],
  ["invP12", { type: "scalar", smin: 12n, smax: 12n }],
  ["0xffffffff", { type: "scalar", umax: 0xffffffffn }],
  ["inv(id=0,umax_value=255,var_off=(0x0; 0xff))", { smin: 0n, smax: 255n, umin: 0n, umax: 255n }],
  ["inv(id=2,umin_value=11,umax_value=4294967295,var_off=(0x0; 0xffffffff))", { smin: 11n, smax: 4294967295n }],
  ["inv(id=0,smin_value=-2147483648,smax_value=15)", { smin: -2147483648n, smax: 15n, ...U64 }],
  ["scalar(umax=60,var_off=(0x0; 0x3c))", { umin: 0n, umax: 60n, smin: 0n, smax: 60n }],
  ["Pscalar(id=1,umax=60)", { type: "scalar", umax: 60n }],
  ["scalar(smin=0xffffffff80000000,smax=smax32=15)", { smin: -2147483648n, smax: 15n, ...U64 }],
  ["scalar(smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))", { smin: 0n, smax: 15n, umin: 0n, umax: 15n }],
  ["scalar(smax=0x7fffffff00000000,umax=0xffffffff00000000,smin32=0)", { smin: S64.smin, smax: 0x7fffffff00000000n }],
  ["pkt(id=2,off=0,r=14,umax=60,var_off=(0x0; 0x3c))", { type: "pkt", umax: 60n, smin: 0n }],
  ["map_value_or_null(id=1,map=seen,ks=4,vs=32)", { type: "map_value_or_null", map: "seen" }],
  ["fp-8", { type: "fp-8" }],
])("%s", (text, expected) => {
  expect(boundsOf(text)).toMatchObject(expected);
});

test("bits and fields", () => {
  const bounds = boundsOf("pkt(id=2,off=14,r=20,umax=60,var_off=(0x0; 0x3c))");
  expect(bounds?.bits).toEqual({ value: 0n, unknown: 0x3cn });
  expect(bounds?.fields.get("r")).toBe("20");
  expect(bounds?.fields.get("off")).toBe("14");
  expect(boundsOf("map_value(map=seen)")?.map).toBe("seen");
});

test("nothing said is nothing known, and what is cut off is read as far as it goes", () => {
  expect(boundsOf(undefined)).toBeUndefined();
  expect(boundsOf("")).toBeUndefined();
  expect(boundsOf("scalar(smin=0,smax=um")).toMatchObject({ type: "scalar", smin: 0n });
  expect(boundsOf("scalar(umax=zzz,=,,==)")).toMatchObject({ type: "scalar", ...U64 });
});

test.each([
  ["7", "7"],
  ["scalar(umax=60)", "between 0 and 60"],
  ["scalar(smin=-4,smax=15)", "between -4 and 15"],
  ["scalar(smax=15)", "at most 15, and may be negative"],
  ["scalar(umin=3)", "at least 3 without a sign"],
  ["scalar(smax=umax=0xffffffffff)", "between 0 and 0xffffffffff"],
  ["scalar()", undefined],
])("%s in words", (text, words) => {
  const bounds = boundsOf(text);
  expect(bounds && rangeText(bounds)).toBe(words);
});
