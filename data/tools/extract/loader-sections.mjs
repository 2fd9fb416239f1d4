// @ts-check
/** Loader sections: what the strings in `SEC()`, and some function names, mean to loaders other than libbpf. */

import { mustRead } from "../upstream.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").LoaderSectionFact} LoaderSectionFact */
/** @typedef {import("../upstream.mjs").Upstreams} Upstreams */
/** @typedef {Omit<LoaderSectionFact, "name" | "loader" | "order">} Section What a table says of a pattern. */

const CILIUM = "elf_sections.go";
const IPROUTE2 = "lib/bpf_legacy.c";
const IPROUTE2_NAMES = "include/bpf_elf.h";

/**
 * @param {Upstreams} upstreams
 * @returns {{ entries: LoaderSectionFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const tables = {
    "cilium/ebpf": parseCilium(mustRead(upstreams, "cilium-ebpf", CILIUM)),
    aya: readAya((path) => mustRead(upstreams, "aya", path)),
    iproute2: [
      ...parseIproute2(mustRead(upstreams, "iproute2", IPROUTE2), mustRead(upstreams, "iproute2", IPROUTE2_NAMES)),
      ...IPROUTE2_TAIL_CALLS,
    ],
    ...WRITTEN,
  };
  const entries = Object.entries(tables).flatMap(([loader, sections]) =>
    sections.map((section, order) => ({ name: `${loader} ${section.pattern}`, loader, order, ...section })),
  );
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = entries.find(({ name }, index) => name === entries[index - 1]?.name);
  if (twice) throw new Error(`loader-sections: ${twice.name} is there twice`);
  return { entries, disagreements: [] };
}

/** cilium/ebpf generates its table from libbpf's, but takes an exact pattern for a prefix. @param {string} source @returns {Section[]} */
export function parseCilium(source) {
  const table = /\belfSectionDefs = \[\]libbpfElfSectionDef\{(.*?)\n\}/s.exec(source)?.[1] ?? "";
  const lines = table.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new Error(`cilium/ebpf: ${CILIUM} has no elfSectionDefs`);
  return lines.map((line) => {
    const [, pattern, progType, attachType, flags = ""] =
      /^\t\{"([^"]+)", sys\.(BPF_PROG_TYPE_\w+), (?:0|sys\.(\w+)), ([\w |]+)\},$/.exec(line) ?? [];
    // A pattern that ends in a slash needs one in the section; the table has none of these now.
    if (!pattern || pattern.endsWith("/") || !progType) throw new Error(`cilium/ebpf: cannot read ${line.trim()}`);
    const has = (/** @type {string} */ flag) => flags.split(" | ").includes(flag);
    return {
      pattern: pattern.replace(/\+$/, ""),
      match: pattern.endsWith("+") ? "target" : "prefix",
      progType,
      ...(attachType && { attachType }),
      ...(has("_SEC_SLEEPABLE") && { sleepable: true }),
      ...(has("_SEC_ATTACH_BTF") && { needsTarget: true }),
      source: [`cilium-ebpf:${CILIUM}`, "cilium-ebpf:elf_reader.go"],
    };
  });
}

/** The section that `tc` and `ip` look for when their command line names none. @param {string} source @param {string} names @returns {Section[]} */
export function parseIproute2(source, names) {
  const strings = new Map([...names.matchAll(/^#define (ELF_SECTION_\w+)\s+"([^"]+)"/gm)].map(([, a, b]) => [a, b]));
  const table = /\b__bpf_prog_meta\[\] = \{(.*?)\n\};/s.exec(source)?.[1] ?? "";
  /** @type {Map<string, string[]>} */
  const types = new Map();
  for (const [, progType = "", name = ""] of table.matchAll(/\[(\w+)\] = \{[^}]*?\.section\s*=\s*(\w+)/g)) {
    const section = strings.get(name);
    if (section === undefined) throw new Error(`iproute2: ${IPROUTE2_NAMES} does not define ${name}`);
    types.set(section, [...(types.get(section) ?? []), progType]);
  }
  if (types.size === 0) throw new Error(`iproute2: ${IPROUTE2} has no sections in __bpf_prog_meta[]`);
  return [...types].map(([pattern, [progType, ...others]]) => ({
    pattern,
    match: "exact",
    // "prog" stands for XDP and all of LWT alike.
    ...(progType && others.length === 0 && { progType }),
    source: [`iproute2:${IPROUTE2}`, `iproute2:${IPROUTE2_NAMES}`],
  }));
}

/** @type {Section[]} */
const IPROUTE2_TAIL_CALLS = [
  // Number of a map and of a slot in it, in C's notation: the program is put there.
  {
    pattern: "(?:0[xX][0-9a-fA-F]+|[0-9]+)/(?:0[xX][0-9a-fA-F]+|[0-9]+)",
    match: "regexp",
    source: [`iproute2:${IPROUTE2}`, "iproute2:lib/bpf_libbpf.c"],
  },
];

const AYA = {
  sections: "aya-obj/src/obj.rs",
  programs: "aya/src/bpf.rs",
  types: "aya/src/programs/mod.rs",
  kernelTypes: "aya/src/programs/info.rs",
};

/**
 * The attach type that aya loads these with, or attaches these to, whatever the section says further.
 *
 * @type {Record<string, [attachType: string, file: string]>}
 */
const AYA_ATTACH = {
  BtfTracePoint: ["BPF_TRACE_RAW_TP", "tp_btf.rs"],
  CgroupDevice: ["BPF_CGROUP_DEVICE", "cgroup_device.rs"],
  CgroupSysctl: ["BPF_CGROUP_SYSCTL", "cgroup_sysctl.rs"],
  FEntry: ["BPF_TRACE_FENTRY", "fentry.rs"],
  FExit: ["BPF_TRACE_FEXIT", "fexit.rs"],
  FlowDissector: ["BPF_FLOW_DISSECTOR", "flow_dissector.rs"],
  Iter: ["BPF_TRACE_ITER", "iter.rs"],
  LircMode2: ["BPF_LIRC_MODE2", "lirc_mode2.rs"],
  Lsm: ["BPF_LSM_MAC", "lsm.rs"],
  LsmCgroup: ["BPF_LSM_CGROUP", "lsm_cgroup.rs"],
  SkLookup: ["BPF_SK_LOOKUP", "sk_lookup.rs"],
  SkMsg: ["BPF_SK_MSG_VERDICT", "sk_msg.rs"],
  SockOps: ["BPF_CGROUP_SOCK_OPS", "sock_ops.rs"],
};

/** @param {(path: string) => string} read @returns {Section[]} */
function readAya(read) {
  const programTypes = ayaProgramTypes(read);
  return parseAya(read(AYA.sections)).map(({ variant, attach, multi, sleepable, ...section }) => {
    const progType = programTypes.get(variant);
    if (!progType) throw new Error(`aya: cannot tell the program type of ProgramSection::${variant}`);
    const attachType = ayaAttachType(read, variant, attach, multi);
    return {
      ...section,
      progType,
      ...(attachType && { attachType: attachType.name }),
      ...(sleepable && { sleepable }),
      source: [`aya:${AYA.sections}`, `aya:${AYA.programs}`, ...(attachType ? [`aya:${attachType.path}`] : [])],
    };
  });
}

/**
 * @typedef {object} AyaSection What aya's parser makes of the parts between the slashes.
 * @property {string} pattern
 * @property {"exact" | "target"} match
 * @property {string} variant of its `ProgramSection`
 * @property {string} [attach] as its own enums have it, `CgroupSkbAttachType::Ingress`
 * @property {true} [multi]
 * @property {true} [sleepable]
 */

/** Reads `ProgramSection::from_str`. @param {string} source @returns {AyaSection[]} */
export function parseAya(source) {
  const body = blockAfter(source, "match kind {");
  const sections = body === undefined ? [] : armsOf(body).flatMap(({ pattern, value }) => ayaSections(pattern, value));
  if (sections.length === 0) throw new Error(`aya: ${AYA.sections} has no sections in ProgramSection::from_str`);
  return sections;
}

/** @param {string} pattern @param {string} value @returns {AyaSection[]} */
function ayaSections(pattern, value) {
  const kinds = [...pattern.matchAll(/"([^"]+)"/g)].map(([, kind = ""]) => kind);
  if (value.includes("pieces") || value.includes("next()")) {
    const further = secondParts(value);
    return kinds.flatMap((kind) =>
      further.map(({ part, value: own }) => ({
        ...(part === undefined
          ? { pattern: kind, match: /** @type {const} */ ("exact") }
          : { pattern: `${kind}/${part}`, match: /** @type {const} */ ("target") }),
        // The part makes the program, or only says where it is attached.
        ...ayaProgram(/\bSelf::/.test(own) ? own : value, own),
      })),
    );
  }
  // What follows a slash is not looked at.
  return kinds.map((kind) => ({ pattern: kind, match: "target", ...ayaProgram(value, value) }));
}

/** @param {string} program @param {string} attachment @returns {Pick<AyaSection, "variant" | "attach" | "multi" | "sleepable">} */
function ayaProgram(program, attachment) {
  const variant = /\bSelf::(\w+)/.exec(program)?.[1];
  if (variant === undefined) throw new Error(`aya: cannot read ${program.trim()}`);
  const attach = /\b(?!Self\b)(?:[A-Z]\w*)::\w+/.exec(attachment)?.[0];
  return {
    variant,
    ...(attach && { attach }),
    ...(/\bmulti: true/.test(program) && { multi: true }),
    ...(/\bsleepable: true/.test(program) && { sleepable: true }),
  };
}

/** What may stand behind the first slash, nothing included. @param {string} value @returns {{ part: string | undefined, value: string }[]} */
function secondParts(value) {
  const [, part, yes = "", no = ""] =
    /if let Some\(\w+\) = pieces\.next\(\) \{\s*if \w+ == "([^"]+)" \{\s*(\S+)\s*\} else .*\} else \{\s*(\S+)\s*\};/s.exec(
      value,
    ) ?? [];
  if (part !== undefined) {
    return [
      { part, value: yes },
      { part: undefined, value: no },
    ];
  }
  const arms = armsOf(blockAfter(value, /\bmatch (?:name|pieces\.next\(\)) \{/) ?? "");
  const accepted = arms.filter((arm) => !/\bErr\(/.test(arm.value));
  if (accepted.length === 0) throw new Error(`aya: cannot read ${value.trim()}`);
  return accepted.map((arm) => ({ part: /"([^"]+)"/.exec(arm.pattern)?.[1], value: arm.value }));
}

/** The program type by variant of `ProgramSection`. @param {(path: string) => string} read @returns {Map<string, string>} */
function ayaProgramTypes(read) {
  const made = blockAfter(read(AYA.programs), "match &section {") ?? "";
  const types = blockAfter(read(AYA.types), /fn prog_type\(&self\) -> ProgramType \{/) ?? "";
  const kernelTypes = new Map(
    [...read(AYA.kernelTypes).matchAll(/\bProgramType::(\w+)(?:\(_\))? => Self::(BPF_PROG_TYPE_\w+)/g)].map(
      ([, type, name]) => [type, name],
    ),
  );
  /** @type {Map<string, string>} */
  const byProgram = new Map();
  for (const [, programs = "", type] of types.matchAll(/((?:Self::\w+\(_\)[\s|]*)+)=>[\s{]*ProgramType::(\w+)/g)) {
    const name = kernelTypes.get(type);
    if (name) for (const [, program = ""] of programs.matchAll(/Self::(\w+)/g)) byProgram.set(program, name);
  }
  /** @type {Map<string, string>} */
  const byVariant = new Map();
  for (const arm of armsOf(made)) {
    const variant = /ProgramSection::(\w+)/.exec(arm.pattern)?.[1];
    const progType = byProgram.get(/\bProgram::(\w+)\(/.exec(arm.value)?.[1] ?? "");
    if (variant && progType) byVariant.set(variant, progType);
  }
  return byVariant;
}

/**
 * @param {(path: string) => string} read
 * @param {string} variant
 * @param {string | undefined} attach
 * @param {true | undefined} multi
 * @returns {{ name: string, path: string } | undefined}
 */
function ayaAttachType(read, variant, attach, multi) {
  if (multi) return { name: "BPF_TRACE_UPROBE_MULTI", path: "aya/src/programs/uprobe.rs" };
  if (attach === undefined) {
    const [name, file] = AYA_ATTACH[variant] ?? [];
    if (!name) return undefined;
    const path = `aya/src/programs/${file}`;
    if (!read(path).includes(name)) throw new Error(`aya: ${path} does not use ${name} for ${variant}`);
    return { name, path };
  }
  const [type = "", value = ""] = attach.split("::");
  const path = `aya-obj/src/programs/${type
    .replace(/(?:AttachType|Kind)$/, "")
    .replace(/\B[A-Z]/g, "_$&")
    .toLowerCase()}.rs`;
  const text = read(path);
  const member = value === "default" ? /#\[default\]\s+(\w+)/.exec(text)?.[1] : value;
  const name = new RegExp(`\\b${type}::${member} => Self::(\\w+)`).exec(text)?.[1];
  if (!name) throw new Error(`aya: ${path} has no attach type for ${attach}`);
  return { name, path };
}

/** What stands between the brace at the end of the start and the one that closes it. @param {string} source @param {string | RegExp} start */
function blockAfter(source, start) {
  const found = typeof start === "string" ? source.indexOf(start) : source.search(start);
  if (found < 0) return undefined;
  const open = source.indexOf("{", found);
  return source.slice(open + 1, closing(source, open));
}

/** The arms of a `match`, in order. @param {string} body @returns {{ pattern: string, value: string }[]} */
function armsOf(body) {
  const text = body.replace(/\/\/.*/g, "");
  const arms = [];
  for (let at = 0, arrow = text.indexOf("=>"); arrow >= 0; arrow = text.indexOf("=>", at)) {
    const pattern = text.slice(at, arrow).trim();
    const start = arrow + 2 + (/\S/.exec(text.slice(arrow + 2))?.index ?? 0);
    const end = armEnd(text, start);
    arms.push({ pattern, value: text.slice(start, end) });
    at = text[end] === "," ? end + 1 : end;
  }
  return arms;
}

/** @param {string} text @param {number} start */
function armEnd(text, start) {
  // A block needs no comma behind it.
  if (text[start] === "{") return closing(text, start) + 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === ",") return at;
    if (/[{([]/.test(text[at] ?? "")) at = closing(text, at);
  }
  return text.length;
}

/** Where the bracket at a place is closed. @param {string} text @param {number} open */
function closing(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (/[{([]/.test(text[at] ?? "")) depth++;
    if (/[})\]]/.test(text[at] ?? "") && --depth === 0) return at;
  }
  throw new Error(`a bracket is not closed: ${text.slice(open, open + 40)}`);
}

/**
 * Loaders that have no table, or none that a machine could read: the comparisons in their code, in order.
 *
 * @type {Record<string, Section[]>}
 */
const WRITTEN = {
  "eunomia-bpf": [
    // All others are libbpf's to attach; eunomia-bpf attaches these three, and fails at any other.
    ...written("exact", ["eunomia-bpf:bpf-loader-rs/bpf-loader-lib/src/skeleton/preload/mod.rs"], {
      tc: { progType: "BPF_PROG_TYPE_SCHED_CLS" },
      xdp: { progType: "BPF_PROG_TYPE_XDP", attachType: "BPF_XDP" },
      perf_event: { progType: "BPF_PROG_TYPE_PERF_EVENT" },
    }),
  ],
  "ebpf-manager": [
    // Loads with cilium/ebpf's table. Of kprobes it attaches only what the first part of the name calls one of these.
    ...written("target", ["ebpf-manager:probe.go", "ebpf-manager:kprobe.go"], {
      kprobe: { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
      kretprobe: { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
    }),
    ...written("target", ["ebpf-manager:probe.go", "ebpf-manager:uprobe.go"], {
      uprobe: { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
      uretprobe: { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
    }),
    ...written("target", ["ebpf-manager:tracepoint.go"], {
      tracepoint: { progType: "BPF_PROG_TYPE_TRACEPOINT", needsTarget: true },
      tp: { progType: "BPF_PROG_TYPE_TRACEPOINT", needsTarget: true },
    }),
    ...written("target", ["ebpf-manager:raw_tp.go"], {
      raw_tracepoint: { progType: "BPF_PROG_TYPE_RAW_TRACEPOINT", needsTarget: true },
      raw_tp: { progType: "BPF_PROG_TYPE_RAW_TRACEPOINT", needsTarget: true },
      "raw_tracepoint.w": { progType: "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE", needsTarget: true },
      "raw_tp.w": { progType: "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE", needsTarget: true },
    }),
  ],
  bcc: [
    // No SEC(): bcc puts every function into a section of its own and looks at the function's name.
    ...written("function", ["bcc:src/python/bcc/__init__.py", "bcc:src/cc/libbpf.c"], {
      kprobe__: { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
      kretprobe__: { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
      tracepoint__: { progType: "BPF_PROG_TYPE_TRACEPOINT", needsTarget: true },
      raw_tracepoint__: { progType: "BPF_PROG_TYPE_RAW_TRACEPOINT", needsTarget: true },
      kfunc__: { progType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_FENTRY", needsTarget: true },
      kretfunc__: { progType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_FEXIT", needsTarget: true },
      lsm__: { progType: "BPF_PROG_TYPE_LSM", attachType: "BPF_LSM_MAC", needsTarget: true },
      // bcc attaches these two only when told to.
      kmod_ret__: { progType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_MODIFY_RETURN", needsTarget: true },
      bpf_iter__: { progType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_ITER", needsTarget: true },
    }),
    ...written("function", ["bcc:src/cc/frontends/clang/b_frontend_action.cc"], {
      syscall__: { progType: "BPF_PROG_TYPE_KPROBE" },
    }),
  ],
  // samples/bpf/bpf_load.c is gone since 5.11; programs written for it still go about.
  bpf_load: [
    ...written("prefix", ["linux:samples/bpf/bpf_load.c@v5.10.7"], {
      socket: { progType: "BPF_PROG_TYPE_SOCKET_FILTER" },
      "kprobe/": { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
      "kretprobe/": { progType: "BPF_PROG_TYPE_KPROBE", needsTarget: true },
      "tracepoint/": { progType: "BPF_PROG_TYPE_TRACEPOINT", needsTarget: true },
      "raw_tracepoint/": { progType: "BPF_PROG_TYPE_RAW_TRACEPOINT", needsTarget: true },
      xdp: { progType: "BPF_PROG_TYPE_XDP" },
      perf_event: { progType: "BPF_PROG_TYPE_PERF_EVENT" },
      "cgroup/skb": { progType: "BPF_PROG_TYPE_CGROUP_SKB" },
      "cgroup/sock": { progType: "BPF_PROG_TYPE_CGROUP_SOCK" },
      sockops: { progType: "BPF_PROG_TYPE_SOCK_OPS" },
      sk_skb: { progType: "BPF_PROG_TYPE_SK_SKB" },
      sk_msg: { progType: "BPF_PROG_TYPE_SK_MSG" },
    }),
  ],
};

/**
 * @param {Section["match"]} match
 * @param {string[]} source
 * @param {Record<string, Pick<Section, "progType" | "attachType" | "needsTarget">>} sections
 * @returns {Section[]}
 */
function written(match, source, sections) {
  return Object.entries(sections).map(([pattern, says]) => ({ pattern, match, ...says, source }));
}
