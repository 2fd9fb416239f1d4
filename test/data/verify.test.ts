/** The comparisons of `npm run data:verify`, on small things of our own. What needs no privilege is asked for real. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare as compareDefs, run as runDefs } from "../../data/tools/verify/helper-defs.mjs";
import { compareTables, tablesIn } from "../../data/tools/verify/kernel-source.mjs";
import { casesFor, compare as compareMaps, fits, run as runMaps } from "../../data/tools/verify/map-create.mjs";
import { compare as compareSections, stringsFor } from "../../data/tools/verify/sections.mjs";
import { baseIn, entryFor } from "../../data/tools/verify/support/base.mjs";
import { judge, report } from "../../data/tools/verify/support/judge.mjs";
import type { Helper } from "../../server/src/analysis/knowledge/types.ts";

const why = (what: string) => [{ check: "c", what, because: "it is so" }];

test("a disagreement fails, an explanation silences it, one that explains nothing is told", () => {
  const outcome = { compared: 3, disagreements: ["a: yes", "b: no"] };
  expect(judge("c", outcome, []).passed).toBe(false);
  expect(judge("c", outcome, why("a: .*")).unexplained).toEqual(["b: no"]);
  const verdict = judge("c", outcome, [...why("[ab]: \\w+"), ...why("z")]);
  expect(verdict).toMatchObject({ passed: true, stale: ["z"] });
  expect(report(verdict)[0]).toBe("c: 3 compared, 1 agree, 2 explained, 0 unexplained");
  // An explanation is for the whole disagreement: "a" alone explains nothing.
  expect(judge("c", outcome, why("a")).unexplained).toHaveLength(2);
  expect(judge("c", { compared: 0, disagreements: [], cannot: ["needs root"] }, [], true).passed).toBe(false);
});

test("an entry speaks for a release and a program, or has no opinion", () => {
  const entries = [
    { in: ["KPROBE/plain"], since: "5.9", maybe: "5.8" },
    { in: ["XDP"], since: "4.9", until: "5.15" },
  ];
  expect(entryFor(entries, "KPROBE", "5.8")).toBe("no opinion");
  expect(entryFor(entries, "KPROBE", "5.9")).toBe(entries[0]);
  expect(entryFor(entries, "XDP/BPF_XDP", "5.4")).toBe(entries[1]);
  expect(entryFor(entries, "XDP", "5.15")).toBeUndefined();
});

const DEFS = "static long (* const bpf_a)(void *x, __u32 n) = (void *) 1;\nstatic void *(*bpf_b)(void) = (void *) 2;\n";
const A = {
  name: "bpf_a",
  id: 1,
  returns: "long",
  params: [
    { type: "void *", name: "x" },
    { type: "__u32", name: "n" },
  ],
};

test("libbpf's header: names, numbers and types", () => {
  const b = { name: "bpf_b", id: 2, returns: "void *", params: [] };
  expect(compareDefs(DEFS, [A, b]).disagreements).toEqual([]);
  const wrong = [
    { ...A, returns: "int" },
    { ...b, id: 3 },
    { ...b, name: "bpf_c", id: 2 },
  ];
  expect(compareDefs(DEFS, wrong).disagreements).toHaveLength(3);
});

test("sections: what a newer libbpf has is no disagreement, a wrong type is", () => {
  const fact = { name: "xdp", libbpf: "0.1", progType: "X" };
  const classify = (name: string) =>
    name === "xdp"
      ? { fact, progType: "X", attachType: undefined }
      : name === "new"
        ? { fact: { ...fact, libbpf: "9.0" }, progType: "X", attachType: undefined }
        : undefined;
  const theirs = new Map([
    ["xdp", { progType: 6, attachType: 0 }],
    ["new", undefined],
    ["foo", undefined],
  ] as const);
  expect(compareSections(theirs, classify, (name) => (name ? 6 : 0), "1.1").disagreements).toEqual([]);
  expect(compareSections(theirs, classify, (name) => (name ? 7 : 0), "1.1").disagreements).toHaveLength(1);
  expect(stringsFor([{ name: "kprobe+", progType: "K" }], [{ name: "maps" }])).toEqual(
    expect.arrayContaining(["kprobe/x", "kprobe", "maps"]),
  );
});

test("kernel sources: kinds, results and licences by words alone", () => {
  const tables = tablesIn([
    `const struct bpf_func_proto bpf_a_proto = {
	.func = bpf_a, /* x */
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_CONST_SIZE,
};
	case BPF_FUNC_a:
		return &bpf_a_proto;`,
  ]);
  const helper = {
    ...A,
    result: "number",
    params: [
      { ...A.params[0], kind: "context" },
      { ...A.params[1], kind: "size" },
    ],
    allowed: [{ in: ["XDP"], since: "4.9", gpl: true }],
  } as unknown as Helper;
  expect(compareTables(tables, [helper], "6.1")).toEqual({ compared: 4, disagreements: [] });
  const wrong = { ...helper, result: "nothing", allowed: [{ in: ["XDP"], since: "4.9" }] } as Helper;
  expect(compareTables(tables, [wrong], "6.1").disagreements).toHaveLength(2);
});

test("map definitions: one that keeps the rules, and one for each rule that it breaks", () => {
  expect([0, 4096, 6144, 8192].map((number) => fits({ min: 1, powerOfTwoPages: true }, number))).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect([4, 8, 12].map((number) => fits({ min: 8, multipleOf: 8 }, number))).toEqual([false, true, false]);
  const rules = {
    name: "M",
    key: { exactly: 4 },
    value: { min: 1 },
    entries: { min: 1 },
    flags: ["A", "B"],
    requires: ["B"],
    source: [],
  };
  const cases = casesFor(rules, ["A", "B", "C"]);
  expect(cases[0]).toMatchObject({ what: "as it should be", definition: { key: 4, flags: ["B"] }, fits: true });
  expect(cases.filter(({ what }) => /^[A-Z]$|^without/.test(what)).map((one) => [one.what, one.fits])).toEqual([
    ["A", true],
    ["C", false],
    ["without B", false],
  ]);
  const answered = cases.map((one) => ({ ...one, errno: one.fits ? 0 : 22 }));
  expect(compareMaps(answered).disagreements).toEqual([]);
  expect(compareMaps(answered.map((one) => ({ ...one, errno: 0 }))).disagreements).toContain(
    "M, C: we say no, the kernel yes",
  );
});

test.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)(
  "this kernel makes and refuses maps as we say",
  () => {
    const data = join(import.meta.dirname, "../../data");
    const outcome = runMaps(baseIn(data));
    expect(outcome.cannot ?? []).toEqual([]);
    expect(outcome.compared).toBeGreaterThan(300);
    const { entries } = JSON.parse(readFileSync(join(data, "tools/verify/explained.json"), "utf8"));
    expect(judge("map-create", outcome, entries).unexplained).toEqual([]);
  },
);

test.skipIf(!existsSync("/usr/include/bpf/bpf_helper_defs.h"))("the installed header says what we say", () => {
  const outcome = runDefs(baseIn(join(import.meta.dirname, "../../data")));
  expect(outcome.compared).toBeGreaterThan(400);
  // The types of six helpers have changed since: explained.json names them.
  expect(outcome.disagreements.filter((one) => !/^bpf_(?:d_path|kptr_xchg|dynptr_\w+): we say/.test(one))).toEqual([]);
});
