import { expect, test } from "vitest";
import { mapFlagNotOnTarget } from "../../server/src/analysis/rules/map-flag-not-on-target.ts";
import { checkFix, checkRule, findingsIn } from "../support/check.ts";

const map = (type: string, flags: string) =>
  `struct {\n\t__uint(type, BPF_MAP_TYPE_${type});\n\t__uint(map_flags, ${flags});\n} m SEC(".maps");\n`;
const told = (source: string, target: string) =>
  findingsIn(source, [mapFlagNotOnTarget], { target }).map(({ message }) => message);

test("marks the flags", () => {
  checkRule(
    mapFlagNotOnTarget,
    `
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
//                 ^^^^^^^^^^^^^^ BPF_F_MMAPABLE is not on 5.4: first in 5.5
	__uint(max_entries, 1);
} m SEC(".maps");
`,
    { target: "5.4, 5.5" },
  );
});

test("a flag that came later than the flag for this type", () => {
  expect(told(map("RINGBUF", "BPF_F_RB_OVERWRITE"), "6.12")).toEqual([
    "BPF_F_RB_OVERWRITE is not on 6.12: first in 6.19",
  ]);
});

test("only the flag goes", () => {
  checkFix(mapFlagNotOnTarget, map("HASH", "BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG"), map("HASH", "BPF_F_NO_PREALLOC"), {
    target: "4.19",
  });
});

test("silent about numbers, own names, types that are not there either, and branches", () => {
  expect(told(map("ARRAY", "1024"), "4.9")).toEqual([]);
  expect(told(map("ARRAY", "MY_FLAGS"), "4.9")).toEqual([]);
  expect(told(map("ARENA", "BPF_F_MMAPABLE"), "5.4")).toEqual([]);
  expect(
    told(
      `struct {\n\t__uint(type, BPF_MAP_TYPE_ARRAY);\n#ifdef X\n\t__uint(map_flags, BPF_F_MMAPABLE);\n#endif\n} m SEC(".maps");\n`,
      "5.4",
    ),
  ).toEqual([]);
  expect(told(map("ARRAY", "BPF_F_MMAPABLE"), "5.5")).toEqual([]);
});

test("maps of another size are no inner maps without their flag", () => {
  const source = map("ARRAY", "BPF_F_INNER_MAP");
  expect(told(source, "5.4")).toHaveLength(1);
  checkFix(mapFlagNotOnTarget, source, source, { target: "5.4" });
});

test("a flag that the type takes on no kernel is another rule's matter", () => {
  expect(told(map("HASH", "BPF_F_MMAPABLE"), "5.4")).toEqual([]);
});
