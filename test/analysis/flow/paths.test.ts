/** Which ways through a program are walked: each snippet uses a pointer, and says whether it may be NULL there on some way. */

import { describe, expect, test } from "vitest";
import { uncheckedNull } from "../../../server/src/analysis/rules/unchecked-null.ts";
import { findingsIn } from "../../support/check.ts";

const HEAD = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

const volatile bool wanted;
const volatile int place;
#define SETTING(name) const volatile int made__##name;
SETTING(place)
int state;
u64 *kept;

static __always_inline u64 *find(u32 key)
{
	return bpf_map_lookup_elem(&hits, &key);
}

static int find_into(u32 key, u64 **into)
{
	*into = find(key);
	return *into ? 0 : -1;
}

static bool is_there(u64 *hit)
{
	return hit != NULL;
}

#define BAIL_IF_NULL(p) if (!(p)) return 1
#define RETURN_UNLESS(p, value) do { if (!(p)) return (value); } while (0)
#define EITHER(a, b) ((a) ? (a) : (b))
`;

function usesNull(body: string, { before = "", param = "struct xdp_md *ctx" } = {}): boolean {
  const text = `${HEAD}${before}
SEC("xdp")
int program(${param})
{
	u64 *hit = find(1);
${body}
	return 2;
}

char LICENSE[] SEC("license") = "GPL";
`;
  return findingsIn(text, [uncheckedNull]).length > 0;
}

const ASKED: readonly (readonly [string, string])[] = [
  [
    "a setting for which there is no case",
    "switch (place) { case 0: case 1: if (!hit) return 1; break; default: state = 1; } *hit += 1;",
  ],
  [
    "a setting that a macro makes, for which there is no case",
    "switch (made__place) { case 0: case 1: if (!hit) return 1; break; default: state = 1; } *hit += 1;",
  ],
  ["an early return", "if (!hit) return 1; *hit += 1;"],
  ["a comparison with NULL", "if (hit == NULL) return 1; *hit += 1;"],
  ["the other way around", "if (NULL != hit) { *hit += 1; }"],
  ["with 0", "if (hit != 0) *hit += 1;"],
  ["short-circuit and", "if (hit && *hit > 3) return 1;"],
  ["short-circuit or", "if (!hit || *hit > 3) return 1;"],
  ["or, and used behind it", "if (!hit || ctx->ingress_ifindex) return 1; *hit += 1;"],
  ["a ternary", "u64 n = hit ? *hit : 0; if (n) return 1;"],
  ["a conditional without a middle", "u64 zero = 0; u64 *there = hit ?: &zero; *there += 1;"],
  ["a flag that remembers", "bool ok = hit != NULL; if (!ok) return 1; *hit += 1;"],
  ["a flag set on the way", "int ok = 0; if (hit) ok = 1; if (ok) *hit += 1;"],
  ["a negated flag", "bool missing = !hit; if (missing) return 1; *hit += 1;"],
  ["a copy that is asked", "u64 *other = hit; if (!other) return 1; *hit += 1;"],
  ["a copy that is used", "u64 *other; if (!hit) return 1; other = hit; *other += 1;"],
  ["the result of a function", "if (find_into(2, &hit)) return 1; *hit += 1;"],
  ["a function that asks", "if (!is_there(hit)) return 1; *hit += 1;"],
  ["a macro that returns", "BAIL_IF_NULL(hit); *hit += 1;"],
  ["a macro with a loop around it", "RETURN_UNLESS(hit, 1); *hit += 1;"],
  ["a macro from elsewhere, which may ask", "CHECKED(hit); *hit += 1;"],
  ["likely", "if (likely(hit)) *hit += 1;"],
  ["unlikely", "if (unlikely(!hit)) return 1; *hit += 1;"],
  ["__builtin_expect", "if (__builtin_expect(hit == NULL, 0)) return 1; *hit += 1;"],
  ["a goto", "if (!hit) goto out; *hit += 1; out:;"],
  ["a goto back", "again: if (!hit) { hit = find(2); if (!hit) return 1; goto again; } *hit += 1;"],
  ["a loop that goes on", "for (int i = 0; i < 8; i++) { hit = find(i); if (!hit) continue; *hit += 1; }"],
  ["a loop that ends", "for (int i = 0; i < 8; i++) { hit = find(i); if (!hit) break; *hit += 1; }"],
  ["a loop until it is there", "for (int i = 0; !hit && i < 8; i++) hit = find(i); if (hit) *hit += 1;"],
  ["while it is there", "int n = 0; while (hit && n++ < 4) { *hit += 1; hit = find(n); }"],
  ["do", "int n = 0; do { hit = find(n); if (!hit) return 1; *hit += 1; } while (n++ < 4);"],
  ["a switch", "switch ((long)hit) { case 0: return 1; default: *hit += 1; }"],
  ["a switch on what was found", "int kind = hit ? 1 : 0; switch (kind) { case 1: *hit += 1; break; case 0: break; }"],
  [
    "a second try",
    "if (!hit) { u32 key = 1; u64 n = 0; bpf_map_update_elem(&hits, &key, &n, 0); hit = find(1); if (!hit) return 1; } *hit += 1;",
  ],
  ["the same setting twice", "if (wanted && !hit) return 1; if (wanted) *hit += 1;"],
  [
    "the same field twice",
    "if (ctx->ingress_ifindex == 3 && !hit) return 1; if (ctx->ingress_ifindex == 3) *hit += 1;",
  ],
  ["a number that decides both", "int n = ctx->ingress_ifindex; if (n > 3 && !hit) return 1; if (n > 5) *hit += 1;"],
  ["a comma", "if (state = 1, !hit) return 1; *hit += 1;"],
  ["statements in an expression", "u64 n = ({ u64 *p = find(2); p ? *p : 0; }); if (n) return 1;"],
  ["an assignment in a condition", "u64 *p; if (!(p = find(2))) return 1; *p += 1;"],
  ["a pointer kept in a structure", "struct { u64 *p; } s; s.p = hit; if (!s.p) return 1; *s.p += 1;"],
  ["a pointer kept in an array", "u64 *all[2] = {}; all[1] = hit; if (!all[1]) return 1; *all[1] += 1;"],
  ["code that is never reached", "return 1; *hit += 1;"],
  ["a condition that is never true", "if (0) *hit += 1;"],
  ["only its address", "if (&*hit == NULL) return 1;"],
  ["its size", "if (sizeof(*hit) != 8) return 1;"],
  ["two of which one is there", "u64 *b = find(2); if (!hit && !b) return 1; u64 *c = EITHER(hit, b); *c += 1;"],
  ["a choice of the build", "\n#ifdef STRICT\nif (!hit) return 1;\n*hit += 1;\n#endif\n"],
  [
    "a choice of the build, twice",
    "\n#ifdef STRICT\nif (!hit) return 1;\n#endif\nstate = 1;\n#ifdef STRICT\n*hit += 1;\n#endif\n",
  ],
];

const MISSED: readonly (readonly [string, string])[] = [
  ["at once", "*hit += 1;"],
  ["read", "return *hit;"],
  ["with an index", "hit[0] = 1;"],
  ["asked too late", "*hit += 1; if (!hit) return 1;"],
  ["asked on one way only", "if (ctx->ingress_ifindex > 3 && !hit) return 1; *hit += 1;"],
  ["another one asked", "u64 *other = find(2); if (!other) return 1; *hit += 1;"],
  ["asked, and looked up anew", "if (!hit) return 1; hit = find(2); *hit += 1;"],
  ["asked the wrong way around", "if (hit) return 1; *hit += 1;"],
  ["within a loop", "for (int i = 0; i < 8; i++) { hit = find(i); *hit += 1; }"],
  ["behind a loop that may not run", "for (int i = 0; i < ctx->ingress_ifindex; i++) if (!hit) return 1; *hit += 1;"],
  ["behind a goto", "if (ctx->ingress_ifindex) goto use; if (!hit) return 1; use: *hit += 1;"],
  ["in one case of a switch", "switch (ctx->ingress_ifindex) { case 1: if (!hit) return 1; case 2: *hit += 1; }"],
  ["in the second operand of or", "if (hit || *hit > 3) return 1;"],
  ["in the wrong arm of a ternary", "u64 n = hit ? 0 : *hit; if (n) return 1;"],
  ["in a function", "u64 n = 0; struct { u64 *p; } s = {}; s.p = hit; n = *s.p; if (n) return 1;"],
  ["after a function that only says", "is_there(hit); *hit += 1;"],
  ["in a choice of the build", "\n#ifdef LAX\n*hit += 1;\n#endif\n"],
  ["in a macro", "\n#define ADD(p) (*(p) += 1)\nADD(hit);"],
  [
    "chosen by statements within an expression",
    "u64 own = 0; u64 *p = ({ u64 *q; if (ctx->rx_queue_index) q = hit; else q = &own; q; }); *p += 1;",
  ],
  [
    "where a case of a setting says otherwise",
    "switch (place) { case 0: state = 1; break; case 1: if (!hit) return 1; } *hit += 1;",
  ],
  [
    "where a variable has a value without a case",
    "switch (state) { case 0: case 1: if (!hit) return 1; break; default: state = 1; } *hit += 1;",
  ],
  ["where a setting says otherwise", "if (wanted && !hit) return 1; *hit += 1;"],
];

describe("a pointer that was asked about", () => {
  test.each(ASKED)("%s", (_, body) => {
    expect(usesNull(body)).toBe(false);
  });
});

describe("a pointer that may still be NULL", () => {
  test.each(MISSED)("%s", (_, body) => {
    expect(usesNull(body)).toBe(true);
  });
});

describe("of many choices each is followed in both ways to where it matters", () => {
  const places = [0, 1, 2, 3, 4, 5, 6, 7];
  const cases = places.flatMap((place) => [
    { place, taken: 1 },
    { place, taken: 0 },
  ]);
  test.each(cases)("choice $place taken $taken", ({ place, taken }) => {
    const choices = places.map((i) => `u32 s${i} = 0; if (ctx->rx_queue_index & ${1 << i}) s${i} = 1;`).join("\n");
    const sum = places.map((i) => `s${i} * ${3 ** i}`).join(" + ");
    expect(usesNull(`${choices}\nif (s${place} == ${taken}) *hit += 1;\nstate = ${sum};`)).toBe(true);
  });
});

test("a callback is walked through where it is handed over", () => {
  const callback = (statement: string): string => `static long each(u32 i, void *arg)
{
	u64 **into = arg;
	u64 *hit = find(i);

	${statement}
	*hit += 1;
	return 0;
}
`;
  const body = "bpf_loop(4, each, &hit, 0);";
  expect(usesNull(body, { before: callback("if (!hit) return 1;") })).toBe(false);
  expect(usesNull(body, { before: callback("") })).toBe(true);
});

test("a program too large to be walked through whole is left alone where it ends", () => {
  const many = Array.from({ length: 400 }, (_, i) => `if (ctx->ingress_ifindex == ${i}) state += ${i};`).join("\n");
  const start = process.cpuUsage().user;
  usesNull(`${many}\nif (!hit) return 1; *hit += 1;`);
  // Not a measurement: a walk that tries every way would not end at all.
  expect(process.cpuUsage().user - start).toBeLessThan(20_000_000);
});
