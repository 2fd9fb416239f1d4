/** The kfuncs as committed, and how releases become facts. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { extract } from "../../data/tools/extract/kfuncs.mjs";
import { MINI_KERNEL, withKernel } from "../support/kernel.ts";

const { kfuncs, programTypes } = buildKnowledge(join(import.meta.dirname, "../../data"));

const HEADER = "enum bpf_prog_type {\n\tBPF_PROG_TYPE_UNSPEC,\n\tBPF_PROG_TYPE_KPROBE,\n\tBPF_PROG_TYPE_XDP,\n};\n";
const filter = "net/core/filter.c";
const without = (MINI_KERNEL[filter] ?? "").replace(/BTF_KFUNCS_START[\s\S]*/, "");

test("releases, types and commits come together; ebpf-docs closes a gap, and is told where it errs", () => {
  const docs = (version: string) => `- name: program_types
  features: []
- name: kfuncs
  features:
    - { name: bpf_thing_get, version: ${version}, commit: abc }
    - { name: bpf_other, version: v6.1 }
`;
  const facts = (version: string) =>
    extract(
      withKernel(
        { "v6.5": { [filter]: without }, "v6.10": {}, "v6.12": {}, "v6.13": { [filter]: without } },
        {
          read: (upstream, path) =>
            upstream === "ebpf-docs" ? docs(version) : path.endsWith("bpf.h") ? HEADER : undefined,
          refs: () => ["v6.0.0"],
        },
      ),
    );
  const { entries, disagreements } = facts("v6.8");
  expect(entries).toMatchObject([
    {
      name: "bpf_thing_get",
      flags: ["KF_ACQUIRE", "KF_RET_NULL"],
      since: "6.8",
      until: "6.13",
      commit: "abc",
      allowed: [{ in: ["XDP"], since: "6.8", until: "6.13", gpl: true }],
    },
  ]);
  expect(disagreements).toEqual(["bpf_other: in ebpf-docs, in no tree"]);
  const wrong = facts("v6.2");
  expect(wrong.entries).toMatchObject([{ since: "6.10", maybe: "6.6", allowed: [{ since: "6.10", maybe: "6.6" }] }]);
  expect(wrong.disagreements[0]).toBe("bpf_thing_get: 6.10 by the trees, 6.2 by ebpf-docs");
});

test("well-known kfuncs have their flags, releases and prototypes", () => {
  const kfunc = (name: string) => kfuncs.find((fact) => fact.name === name);
  expect(kfunc("bpf_rcu_read_lock")).toMatchObject({ since: "6.2", allowed: [{ in: ["*"] }] });
  expect(kfunc("bpf_obj_new_impl")?.flags).toEqual(expect.arrayContaining(["KF_ACQUIRE", "KF_RET_NULL"]));
  expect(kfunc("bpf_iter_num_new")).toMatchObject({ since: "6.4" });
  expect(kfunc("bpf_task_release")).toMatchObject({
    returns: "void",
    params: [{ type: "struct task_struct *", name: "p" }],
  });
  expect(kfunc("bpf_xdp_metadata_rx_hash")?.allowed).toMatchObject([{ in: ["XDP"], since: "6.3" }]);
});

test("every fact is well formed and names what the base has", () => {
  const types = new Set(["*", ...programTypes.map(({ name }) => name.replace("BPF_PROG_TYPE_", ""))]);
  expect(kfuncs.length).toBeGreaterThan(300);
  for (const { name, flags, since, allowed } of kfuncs) {
    for (const version of [since, ...allowed.flatMap((one) => [one.since, one.until, one.maybe])])
      if (version !== undefined) expect(version, name).toMatch(/^\d+\.\d+$/);
    for (const flag of flags) expect(flag, name).toMatch(/^KF_[A-Z0-9_]+$/);
    for (const type of allowed.flatMap((one) => one.in)) expect(types.has(type), `${name}: ${type}`).toBe(true);
  }
});
