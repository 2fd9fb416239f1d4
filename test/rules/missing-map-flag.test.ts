import { test } from "vitest";
import { missingMapFlag } from "../../server/src/analysis/rules/missing-map-flag.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const map = (members: string) => `struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE);${members} } m SEC(".maps");`;

test("is added to what is there", () => {
  checkFix(missingMapFlag, map(""), map(" __uint(map_flags, BPF_F_NO_PREALLOC);"));
  checkFix(missingMapFlag, map(" __uint(map_flags, 0);"), map(" __uint(map_flags, BPF_F_NO_PREALLOC);"));
  checkFix(
    missingMapFlag,
    map(" __uint(map_flags, BPF_F_RDONLY_PROG);"),
    map(" __uint(map_flags, BPF_F_RDONLY_PROG | BPF_F_NO_PREALLOC);"),
  );
});

test("as a number, or by another name, it counts as well", () => {
  checkNoFindings(missingMapFlag, map(" __uint(map_flags, 1);"));
  checkNoFindings(missingMapFlag, map(" __uint(map_flags, (BPF_F_NO_PREALLOC));"));
  checkNoFindings(missingMapFlag, `#define FLAGS BPF_F_NO_PREALLOC\n${map(" __uint(map_flags, FLAGS);")}`);
  checkNoFindings(missingMapFlag, map(" __uint(map_flags, FLAGS_FROM_ELSEWHERE);"));
});

test("silent where the definition is not understood", () => {
  checkNoFindings(missingMapFlag, map(" COMMON_PART;"));
  checkNoFindings(missingMapFlag, map(" __uint(map_flags, );"));
});
