import { expect, test } from "vitest";
import { legacyMap } from "../../server/src/analysis/rules/legacy-map.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const LEGACY = 'struct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH, .key_size = 4 };';

test("flags the name", () => {
  checkRule(
    legacyMap,
    `
struct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH };
//                             ^ map m is in section "maps": since 1.0 libbpf refuses the file; ".maps" is its place
`,
  );
});

test("comments, line breaks and what only looks like a comma stay as they are", () => {
  checkFix(
    legacyMap,
    `
/* before */
struct bpf_map_def SEC("maps") m = { // head
	.type        = BPF_MAP_TYPE_HASH, /* a, b */
	/* the key */
	.key_size    = sizeof(struct key),
	.value_size  = MAX(1, 2) * sizeof(__u64), // not one type
	.max_entries = 1 << 24 /* many */,
	.map_flags   = BPF_F_NO_PREALLOC // last
}; /* behind */
`,
    `
/* before */
struct { // head
	__uint(type, BPF_MAP_TYPE_HASH); /* a, b */
	/* the key */
	__type(key, struct key);
	__uint(value_size, MAX(1, 2) * sizeof(__u64)); // not one type
	__uint(max_entries, 1 << 24) /* many */;
	__uint(map_flags, BPF_F_NO_PREALLOC); // last
} m SEC(".maps"); /* behind */
`,
  );
});

test("the section may stand behind the name, and be the map's own", () => {
  checkFix(
    legacyMap,
    'struct bpf_map_def m __section("maps/m") = {\n\t.type = BPF_MAP_TYPE_ARRAY,\n};',
    'struct {\n\t__uint(type, BPF_MAP_TYPE_ARRAY);\n} m __section(".maps");',
  );
});

test("what has more to say than both forms know gets no fix", () => {
  for (const source of [
    'struct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH, .pinning = PIN_GLOBAL_NS };',
    'struct bpf_map_def SEC("maps") m = { BPF_MAP_TYPE_HASH, 4, 8, 100 };',
    'struct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH, .max_entries = -1 };',
    'static struct bpf_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH };',
    'struct bpf_map_def SEC("maps") m = { .key_size = 4 };',
    'struct bpf_map_def SEC("maps") m[2] = { { .type = BPF_MAP_TYPE_HASH } };',
    'struct my_map_def SEC("maps") m = { .type = BPF_MAP_TYPE_HASH };',
  ])
    expect(findingsIn(source, [legacyMap]).map(({ severity, fixes }) => [severity, fixes])).toEqual([["error", []]]);
});

test("with headers of the project's own the loader may be its own too", () => {
  const [finding] = findingsIn(`#include "bpf_helpers.h"\n${LEGACY}`, [legacyMap]);
  expect([finding?.severity, finding?.fixes?.[0]?.safety]).toEqual(["warning", "unsafe"]);
  const [usual] = findingsIn(`#include <bpf/bpf_helpers.h>\n${LEGACY}`, [legacyMap]);
  expect([usual?.severity, usual?.fixes?.[0]?.safety]).toEqual(["error", "safe"]);
});

test("other loaders, iproute2's structure and alternatives are left alone", () => {
  for (const loader of ["cilium/ebpf", "ebpf-manager", "aya", "iproute2", "bcc"])
    checkNoFindings(legacyMap, LEGACY, { loader });
  checkNoFindings(legacyMap, 'struct bpf_elf_map SEC("maps") m = { .type = BPF_MAP_TYPE_HASH, .size_key = 4 };');
  checkNoFindings(legacyMap, `#ifdef OLD_LIBBPF\n${LEGACY}\n#endif`);
  checkNoFindings(legacyMap, 'struct { __uint(type, BPF_MAP_TYPE_HASH); } m SEC(".maps");');
  checkNoFindings(legacyMap, "BPF_HASH(m, u32, u64);\nint f(void *ctx) { return 0; }");
});

test("libbpf's form in the old section only changes its section", () => {
  const map = (section: string) =>
    `struct {\n\t__uint(type, BPF_MAP_TYPE_HASH);\n\t__type(key, int);\n} m SEC("${section}");`;
  checkFix(legacyMap, map("maps"), map(".maps"));
});
