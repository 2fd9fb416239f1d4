import { expect, test } from "vitest";
import { leavesPlainC } from "../server/src/beside.ts";
import { readSettings } from "../server/src/settings.ts";

const URI = "file:///a.bpf.c";
const clangd = { name: "clangd", missing: {} };

test("plain C is left to another server where there is one, unless somebody says otherwise", () => {
  const auto = readSettings({});
  expect(leavesPlainC(auto, URI, undefined)).toBeUndefined();
  expect(leavesPlainC(auto, URI, { missing: {} })).toBeUndefined();
  expect(leavesPlainC(auto, URI, clangd)).toEqual({ missing: [] });
  expect(leavesPlainC(auto, URI, { ...clangd, missing: { [URI]: ["a.h"] } })).toEqual({ missing: ["a.h"] });
  expect(leavesPlainC(auto, URI, { ...clangd, missing: { "file:///b.bpf.c": ["a.h"] } })).toEqual({ missing: [] });
  expect(leavesPlainC(readSettings({ clangd: "off" }), URI, clangd)).toBeUndefined();
  expect(leavesPlainC(readSettings({ clangd: "on" }), URI, undefined)).toEqual({ missing: [] });
  expect(readSettings({ clangd: 7 }).clangd).toBe("auto");
});
