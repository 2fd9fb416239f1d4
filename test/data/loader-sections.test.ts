/** What sections mean beyond libbpf's table of now: to other loaders, to older libbpf, and behind the slash. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { parseAya, parseCilium, parseIproute2 } from "../../data/tools/extract/loader-sections.mjs";
import { patternsIn } from "../../data/tools/extract/sections.mjs";
import { readPins } from "../../data/tools/upstream.mjs";
import { compareVersions } from "../../data/tools/versions.mjs";
import { knowledgeBase } from "../../server/src/analysis/knowledge/knowledge-base.ts";
import { classifySection, dataSection } from "../../server/src/analysis/knowledge/sections.ts";
import type { LoaderSectionFact } from "../../server/src/analysis/knowledge/types.ts";

interface Removed {
  name: string;
  loader?: string;
  status: "removed" | "deprecated";
  deprecatedIn?: string;
  removedIn?: string;
  replacement?: string;
  alternatives?: string[];
  source: string[];
}

interface Target {
  name: string;
  target: "required" | "optional" | "none";
  pattern?: string;
  example: string;
  without?: string;
  bareSince?: string;
  attachSince?: string;
  source: string[];
}

const DATA = join(import.meta.dirname, "../../data");
const kb = knowledgeBase(buildKnowledge(DATA));
const read = (file: string) => JSON.parse(readFileSync(join(DATA, file), "utf8"));
const facts: LoaderSectionFact[] = read("facts/loader-sections.json").entries;
const removed: Removed[] = read("curated/removed-sections.json").entries;
const targets: Target[] = read("curated/section-targets.json").entries;

/** The section or function as the loader takes it. */
function asLoaded(loader: string, name: string): LoaderSectionFact | undefined {
  const own = facts.filter((fact) => fact.loader === loader).sort((a, b) => a.order - b.order);
  return own.find(({ pattern, match }) => {
    if (match === "exact") return name === pattern;
    if (match === "target") return name === pattern || name.startsWith(`${pattern}/`);
    if (match === "regexp") return new RegExp(`^(?:${pattern})$`).test(name);
    return name.startsWith(pattern);
  });
}

test("cilium/ebpf's table is read, an exact pattern as a prefix", () => {
  const table = (line: string) => `package x\n\nvar elfSectionDefs = []libbpfElfSectionDef{\n${line}\n}\n`;
  const source = ["cilium-ebpf:elf_sections.go", "cilium-ebpf:elf_reader.go"];
  const lines = `\t{"a.s+", sys.BPF_PROG_TYPE_LSM, sys.BPF_LSM_MAC, _SEC_ATTACH_BTF | _SEC_SLEEPABLE},
\t{"b/c", sys.BPF_PROG_TYPE_XDP, 0, _SEC_NONE},`;
  expect(parseCilium(table(lines))).toEqual([
    {
      pattern: "a.s",
      match: "target",
      progType: "BPF_PROG_TYPE_LSM",
      attachType: "BPF_LSM_MAC",
      sleepable: true,
      needsTarget: true,
      source,
    },
    { pattern: "b/c", match: "prefix", progType: "BPF_PROG_TYPE_XDP", source },
  ]);
  expect(() => parseCilium(table("\t{NAME, 0, 0, 0},"))).toThrow("cilium/ebpf: cannot read {NAME, 0, 0, 0},");
  expect(() => parseCilium("package x\n")).toThrow("has no elfSectionDefs");
});

const AYA = `impl FromStr for ProgramSection {
    fn from_str(section: &str) -> Result<Self, ParseError> {
        Ok(match kind {
            // a comment => with an arrow
            "one" | "uno" => Self::One,
            "two.s" => Self::Two {
                sleepable: true,
                multi: false,
            },
            "net" | "net.wide" => Self::Net {
                wide: kind == "net.wide",
                attach_type: match pieces.next() {
                    None => NetAttachType::Card,
                    Some("map") => NetAttachType::Map,
                    Some(_) => {
                        return Err(ParseError::Bad { section: section.to_owned() });
                    }
                },
            },
            "skb" => {
                let name = next()?;
                let kind = match name {
                    "in" => SkbKind::In,
                    _ => return Err(ParseError::Bad),
                };
                Self::Skb { kind }
            }
            "group" => {
                let name = next()?;
                match name {
                    "dev" => Self::Dev,
                    "sock" => Self::Sock {
                        attach_type: SockAttachType::default(),
                    },
                    _ => return Err(ParseError::Bad),
                }
            }
            "port" => {
                let attach_type = if let Some(attach_type) = pieces.next() {
                    if attach_type == "move" {
                        PortAttachType::Move
                    } else {
                        return Err(ParseError::Bad);
                    }
                } else {
                    PortAttachType::Stay
                };
                Self::Port { attach_type }
            }
            _ => return Err(ParseError::Bad),
        })
    }
}
`;

test("aya's parser is read, with the part behind the first slash where it counts", () => {
  expect(parseAya(AYA)).toEqual([
    { pattern: "one", match: "target", variant: "One" },
    { pattern: "uno", match: "target", variant: "One" },
    { pattern: "two.s", match: "target", variant: "Two", sleepable: true },
    { pattern: "net", match: "exact", variant: "Net", attach: "NetAttachType::Card" },
    { pattern: "net/map", match: "target", variant: "Net", attach: "NetAttachType::Map" },
    { pattern: "net.wide", match: "exact", variant: "Net", attach: "NetAttachType::Card" },
    { pattern: "net.wide/map", match: "target", variant: "Net", attach: "NetAttachType::Map" },
    { pattern: "skb/in", match: "target", variant: "Skb", attach: "SkbKind::In" },
    { pattern: "group/dev", match: "target", variant: "Dev" },
    { pattern: "group/sock", match: "target", variant: "Sock", attach: "SockAttachType::default" },
    { pattern: "port/move", match: "target", variant: "Port", attach: "PortAttachType::Move" },
    { pattern: "port", match: "exact", variant: "Port", attach: "PortAttachType::Stay" },
  ]);
  expect(() => parseAya(AYA.replace("match kind {", "match other {"))).toThrow("aya: aya-obj/src/obj.rs has no");
  expect(() => parseAya(AYA.replace("=> Self::One", "=> one()"))).toThrow("aya: cannot read one()");
});

test("iproute2's sections are read, without a type where several share one", () => {
  const names = '#define ELF_SECTION_A\t"a"\n#define ELF_SECTION_B\t"b"\n';
  const meta = (type: string, name: string) => `\t[${type}] = {\n\t\t.type\t= "x",\n\t\t.section\t= ${name},\n\t},\n`;
  const table = (rows: string) => `static const struct bpf_prog_meta __bpf_prog_meta[] = {\n${rows}};\n`;
  const rows = meta("T_1", "ELF_SECTION_A") + meta("T_2", "ELF_SECTION_B") + meta("T_3", "ELF_SECTION_B");
  const source = ["iproute2:lib/bpf_legacy.c", "iproute2:include/bpf_elf.h"];
  expect(parseIproute2(table(rows), names)).toEqual([
    { pattern: "a", match: "exact", progType: "T_1", source },
    { pattern: "b", match: "exact", source },
  ]);
  expect(() => parseIproute2(table(meta("T_1", "GONE")), names)).toThrow("include/bpf_elf.h does not define GONE");
  expect(() => parseIproute2("", names)).toThrow("has no sections in __bpf_prog_meta[]");
});

test("libbpf's patterns are read from tables of every age", () => {
  const table = `#define SEC_DEF(sec_pfx, ptype, ...) {}
static const struct bpf_sec_def section_defs[] = {
	BPF_PROG_SEC("old",			BPF_PROG_TYPE_OLD),
	SEC_DEF("mid/", MID,
		.attach_fn = attach_mid),
	/* SEC_DEF("gone", GONE), */
	BPF_EAPROG_SEC("x/y",
						BPF_X),
	SEC_DEF("new+",		NEW, 0, SEC_NONE | SEC_SLOPPY_PFX, attach_new),
};
SEC_DEF("outside", X)
`;
  expect(patternsIn(table)).toEqual(["old", "mid/", "x/y", "new+"]);
  expect(patternsIn("")).toEqual([]);
});

test.each([
  ["kprobe+", "0.1"],
  ["fentry.s+", "0.2"],
  ["sk_reuseport/migrate", "0.5"],
  ["tc", "0.6"],
  ["xdp/devmap", "0.7"],
  ["usdt+", "0.8"],
  ["ksyscall+", "1.0"],
  ["struct_ops.s+", "1.2"],
  ["tcx/ingress", "1.3"],
  ["kprobe.session+", "1.5"],
  ["tracepoint.s+", undefined],
])("%s is in libbpf since %s", (name, libbpf) => {
  const fact = kb.sections.find((section) => section.name === name);
  expect(fact?.libbpf).toBe(libbpf);
  expect(fact?.source.length).toBe(libbpf === undefined ? 1 : 2);
});

test.each([
  ["cilium/ebpf", "socket_or_anything", "SOCKET_FILTER"],
  ["cilium/ebpf", "xdp_prog", "XDP"],
  ["cilium/ebpf", "tcx/ingress", "SCHED_CLS"],
  ["cilium/ebpf", "kprobe/do_unlinkat", "KPROBE"],
  ["cilium/ebpf", "kprobes", undefined],
  ["cilium/ebpf", "seccomp", undefined],
  ["aya", "xdp/cpumap", "XDP"],
  ["aya", "xdp/mine", undefined],
  ["aya", "socket/mine", "SOCKET_FILTER"],
  ["aya", "classifier", "SCHED_CLS"],
  ["aya", "tc", undefined],
  ["aya", "sk_skb", undefined],
  ["aya", "struct_ops", undefined],
  ["aya", "freplace", "EXT"],
  ["aya", "uprobe.multi.s/x", "KPROBE"],
  ["iproute2", "classifier", "SCHED_CLS"],
  ["iproute2", "tc", undefined],
  ["eunomia-bpf", "tc", "SCHED_CLS"],
  ["ebpf-manager", "raw_tp/sys_enter", "RAW_TRACEPOINT"],
  ["bcc", "kretprobe__tcp_v4_connect", "KPROBE"],
  ["bpf_load", "socket1", "SOCKET_FILTER"],
  ["bpf_load", "kprobe/sys_write", "KPROBE"],
  ["bpf_load", "kprobe", undefined],
])("%s takes %s for %s", (loader, name, type) => {
  expect(asLoaded(loader, name)?.progType).toBe(type && `BPF_PROG_TYPE_${type}`);
});

test("loaders agree with libbpf on what both know, but for what they leave open", () => {
  const differences = facts
    .filter(({ loader, match }) => ["cilium/ebpf", "aya", "eunomia-bpf"].includes(loader) && match !== "regexp")
    .flatMap(({ name, pattern, progType, attachType, sleepable = false }) => {
      const section = classifySection(pattern, kb);
      if (section === undefined) return [`${name}: libbpf does not know it`];
      const same =
        section.progType === progType &&
        section.sleepable === sleepable &&
        (attachType === undefined || section.attachType === attachType);
      return same ? [] : [name];
    });
  expect(differences).toEqual([]);
});

test("attach types of aya come from the part of the name, its default and the kind of program", () => {
  const attachType = (name: string) => asLoaded("aya", name)?.attachType;
  expect(attachType("xdp")).toBe("BPF_XDP");
  expect(attachType("cgroup/sock")).toBe("BPF_CGROUP_INET_SOCK_CREATE");
  expect(attachType("cgroup/getsockname6")).toBe("BPF_CGROUP_INET6_GETSOCKNAME");
  expect(attachType("sk_reuseport/migrate")).toBe("BPF_SK_REUSEPORT_SELECT_OR_MIGRATE");
  expect(attachType("lsm_cgroup")).toBe("BPF_LSM_CGROUP");
  expect(attachType("uprobe.multi")).toBe("BPF_TRACE_UPROBE_MULTI");
  expect(attachType("kprobe")).toBeUndefined();
});

test("every loader fact is well formed", () => {
  const text = readFileSync(join(DATA, "facts/loader-sections.json"), "utf8");
  expect(text.split("\n").length).toBe(facts.length + 3);
  const names = facts.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  for (const loader of new Set(facts.map((fact) => fact.loader))) {
    const orders = facts.filter((fact) => fact.loader === loader).map(({ order }) => order);
    expect(orders.sort((a, b) => a - b)).toEqual(orders.map((_, index) => index));
  }
  for (const { name, loader, pattern, progType, attachType } of facts) {
    expect(name).toBe(`${loader} ${pattern}`);
    if (progType !== undefined) expect(kb.programType(progType), name).toBeDefined();
    if (attachType !== undefined) expect(kb.attachType(attachType), name).toBeDefined();
  }
  expect(facts.filter(({ loader }) => loader === "cilium/ebpf").length).toBeGreaterThan(100);
  expect(facts.filter(({ loader }) => loader === "aya").length).toBeGreaterThan(60);
});

test("every source is pinned or an address", () => {
  const upstreams = Object.keys(readPins(DATA));
  for (const { name, source } of [...facts, ...removed, ...targets]) {
    expect(source.length, name).toBeGreaterThan(0);
    for (const statement of source) {
      if (statement.startsWith("https://")) continue;
      expect(upstreams, name).toContain(/^([a-z0-9-]+):[^@]+(@.+)?$/.exec(statement)?.[1]);
    }
  }
});

const ofLibbpf = removed.filter(({ loader }) => loader === undefined);

test("what libbpf removed it no longer knows, what is deprecated it does", () => {
  for (const { name, status, removedIn, deprecatedIn } of ofLibbpf) {
    const sample = name.replace("*", "_x");
    if (status === "deprecated") expect(classifySection(sample, kb) ?? dataSection(sample), name).toBeDefined();
    else expect(classifySection(sample, kb), name).toBeUndefined();
    expect(removedIn !== undefined, name).toBe(status === "removed");
    if (removedIn && deprecatedIn) expect(compareVersions(deprecatedIn, removedIn), name).toBeLessThan(0);
  }
  for (const { name } of removed.filter((entry) => entry.loader === "cilium/ebpf"))
    expect(facts.find((fact) => fact.name === name.replace(/\/?\*$/, ""))).toBeUndefined();
});

test("what to write instead is known", () => {
  for (const { name, replacement, alternatives = [] } of removed)
    for (const section of [...(replacement ? [replacement] : []), ...alternatives])
      expect(classifySection(section, kb) ?? dataSection(section), `${name}: ${section}`).toBeDefined();
});

test("loose names ended for exact patterns of before 1.0, and for all of these", () => {
  const ended = ofLibbpf.filter(({ name, replacement }) => name === `${replacement}*`).map(({ name }) => name);
  const exact = kb.sections
    .filter(({ name, libbpf }) => !name.endsWith("+") && libbpf && compareVersions(libbpf, "0.6") < 0)
    .map(({ name }) => `${name}*`);
  // struct_ops was exact once; its loose names ended when it became struct_ops+.
  expect(ended).toEqual([...exact, "struct_ops*"].sort());
  expect(ofLibbpf.find(({ name }) => name === "xdp*")).toMatchObject({ removedIn: "1.0", replacement: "xdp" });
  expect(ofLibbpf.find(({ name }) => name === "xdp_devmap/*")).toMatchObject({ replacement: "xdp/devmap" });
  expect(ofLibbpf.find(({ name }) => name === "maps")).toMatchObject({ removedIn: "1.0", replacement: ".maps" });
});

test("every pattern has its target, and no other", () => {
  expect(targets.map(({ name }) => name)).toEqual(kb.sections.map(({ name }) => name).sort());
});

test("targets go with libbpf's flags", () => {
  for (const { name, target, without, bareSince, attachSince } of targets) {
    const fact = kb.sections.find((section) => section.name === name);
    expect(target === "none", name).toBe(!name.endsWith("+"));
    expect(target === "required", name).toBe(fact?.attachBtf);
    expect(without?.startsWith("refused at load") ?? false, name).toBe(target === "required");
    if (without === "loads, not attached by itself") expect(fact?.autoAttach, name).toBe(true);
    for (const later of [bareSince, attachSince])
      if (later) expect(compareVersions(later, fact?.libbpf ?? "99.0"), name).toBeGreaterThan(0);
  }
});

test("every example is of its pattern and fits it", () => {
  for (const { name, pattern, example } of targets) {
    const section = classifySection(example, kb);
    expect(section?.fact.name, example).toBe(name);
    if (pattern && section?.target !== undefined) expect(section.target, name).toMatch(new RegExp(pattern));
  }
});

test.each([
  ["kprobe+", "f+0x1f f+010 f+8 f.isra.0", "mod:f f+-1 f+ f+0x f+08x f* "],
  ["kretprobe+", "f", "f+1"],
  ["ksyscall+", "unlinkat _llseek", "__x64_sys_unlinkat sys_unlinkat"],
  ["kprobe.multi+", "tcp_* *_?ecv", "tcp_*+1"],
  ["uprobe+", "/bin/a:f libc.so.6:f@GLIBC_2.2.5+0x1 ./a.apk!/lib/b.so:f", "/bin/a f :f a:"],
  ["uretprobe.s+", "/bin/a:f", "/bin/a:f+1"],
  ["uprobe.multi+", "/bin/a:f_*", "/bin/a"],
  ["usdt+", "/bin/a:p:n", "/bin/a:p /bin/a:p:n:x p::n"],
  ["tp+", "sched/sched_switch", "sched sched/ sched:sched_switch sched/sched_switch/x"],
  ["raw_tp+", "sched_switch", "sched/sched_switch sched:sched_switch"],
  ["tp_btf+", "sched_switch nf:x", "sched/sched_switch btf_trace_sched_switch"],
  ["fentry+", "do_unlinkat xfs:xfs_file_open", "do_* a/b f+1"],
  ["fentry.multi+", "tcp_* xfs:xfs_?", "a:b:c a/b"],
  ["freplace+", "f", "prog:f"],
  ["lsm.s+", "file_open", "bpf_lsm_file_open file/open"],
  ["iter+", "task bpf_map_elem", "bpf_iter_task"],
])("targets of %s", (name, good, bad) => {
  const fits = new RegExp(targets.find((target) => target.name === name)?.pattern ?? "-");
  for (const target of good.split(" ")) expect(target).toMatch(fits);
  for (const target of bad.split(" ")) expect(target).not.toMatch(fits);
});
