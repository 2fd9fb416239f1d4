/** What is curated by hand names only what there is. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { flagValue } from "../../server/src/analysis/knowledge/helper-flags.ts";
import { kb } from "../support/check.ts";
import { root } from "../support/paths.ts";

/** Their flags, BTF_F_…, stand in a header of which the base has no constants. */
const UNKNOWN = ["bpf_seq_printf_btf", "bpf_snprintf_btf"];

test("every helper with flags says which, by names whose value is known", () => {
  for (const { name, params, flags } of kb.facts.helpers) {
    const hasThem = params.some((param) => param.name === "flags");
    expect(flags !== undefined, name).toBe(hasThem && !UNKNOWN.includes(name));
    const sets = flags === undefined ? [] : [flags, ...(flags.instead ?? [])];
    const names = sets.flatMap(({ takes }) => takes).concat((flags?.numbers ?? []).map(({ mask }) => mask));
    for (const one of [...names, ...(flags?.exclude ?? [])]) expect(flagValue(one, kb), `${name} ${one}`).toBeDefined();
    for (const type of (flags?.instead ?? []).flatMap((part) => part.in))
      expect(kb.programType(`BPF_PROG_TYPE_${type}`), `${name} ${type}`).toBeDefined();
  }
});

test("the verifier's abilities came with releases", () => {
  const releases = new Set(kb.facts.kernels.map(({ name }) => name));
  for (const { name, since } of kb.facts.abilities) expect(releases.has(since), `${name} ${since}`).toBe(true);
});

test("what is said of helpers and packets is said of helpers that there are", () => {
  const { entries } = JSON.parse(readFileSync(join(root, "data/curated/packet-helpers.json"), "utf8"));
  for (const { name, changes, takes } of entries) {
    const helper = kb.helper(name);
    expect(helper?.packet, name).toMatchObject(changes === true ? { changes } : { takes });
    // Who takes a pointer into the packet takes a pointer into memory.
    if (takes === true)
      expect(
        helper?.params.some(({ kind }) => /^(?:memory|key|value|stack)$/.test(kind ?? "")),
        name,
      ).toBe(true);
  }
});
