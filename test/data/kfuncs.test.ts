/** The kfuncs as committed, and how sets become facts. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { extract } from "../../data/tools/extract/kfuncs.mjs";

const { kfuncs, programTypes, attachTypes } = buildKnowledge(join(import.meta.dirname, "../../data"));

test("a function of several sets is one fact, and exceptions are left out", () => {
  const files: Readonly<Record<string, string>> = {
    "data/kfuncs.yaml": `sets:
  one:
    funcs:
      - name: f
        flags: [KF_RET_NULL, KF_ACQUIRE]
      - name: g
        except:
          program_types:
            - name: B
    program_types:
      - name: A
      - name: B
        since:
          version: 6.10
  two:
    funcs:
      - name: f
        flags: [KF_RCU]
    program_types:
      - name: C
`,
    "data/feature-versions.yaml":
      "- name: kfuncs\n  features:\n    - name: f\n      version: v6.10\n      commit: abc\n    - name: h\n      version: v6.1\n",
  };
  const { entries, disagreements } = extract({ read: (_, path) => files[path], refs: () => [] });
  expect(entries).toMatchObject([
    {
      name: "f",
      sets: ["one", "two"],
      flags: ["KF_ACQUIRE", "KF_RCU", "KF_RET_NULL"],
      programTypes: [{ name: "A" }, { name: "B", since: "6.10" }, { name: "C" }],
      since: "6.10",
      commit: "abc",
    },
    { name: "g", programTypes: [{ name: "A" }] },
  ]);
  expect(disagreements).toEqual(["g: in a set, but its release is not known", "h: has a release, but is in no set"]);
});

test("well-known kfuncs have their flags and releases", () => {
  const kfunc = (name: string) => kfuncs.find((fact) => fact.name === name);
  expect(kfunc("bpf_rcu_read_lock")).toMatchObject({ since: "6.2" });
  expect(kfunc("bpf_obj_new_impl")?.flags).toEqual(expect.arrayContaining(["KF_ACQUIRE", "KF_RET_NULL"]));
  expect(kfunc("bpf_iter_num_new")).toMatchObject({ since: "6.4" });
});

test("every fact is well formed and names what the base has", () => {
  const types = new Set(["BPF_PROG_TYPE_UNSPEC", ...programTypes.map(({ name }) => name)]);
  const attaches = new Set(attachTypes.map(({ name }) => name));
  expect(kfuncs.length).toBeGreaterThan(200);
  expect(kfuncs.map(({ name }) => name)).toEqual([...new Set(kfuncs.map(({ name }) => name))].sort());
  for (const { name, flags, since, programTypes: allowed, attachTypes: attached = [] } of kfuncs) {
    const versions = [since, ...allowed.flatMap((type) => [type.since, type.until])];
    for (const version of versions) if (version !== undefined) expect(version, name).toMatch(/^\d+\.\d+$/);
    for (const flag of flags) expect(flag, name).toMatch(/^KF_[A-Z0-9_]+$/);
    for (const type of allowed) expect(types.has(type.name), `${name}: ${type.name}`).toBe(true);
    for (const type of attached) expect(attaches.has(type), `${name}: ${type}`).toBe(true);
  }
});
