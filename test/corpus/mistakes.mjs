// @ts-check
/** Mistakes that people make in BPF programs, each as a change of the text, for mutations.mjs. */

/**
 * @typedef {object} Mistake
 * @property {string} name
 * @property {readonly string[]} by rules of which one must find it; none where it is the compiler's alone
 * @property {RegExp} find one place of these is taken
 * @property {string | ((...groups: string[]) => string)} put in its place
 * @property {readonly string[]} also what other rules may rightly say of it
 */

/**
 * @param {string} name @param {string} by @param {RegExp} find @param {Mistake["put"]} put @param {string} also
 * @returns {Mistake}
 */
function mistake(name, by, find, put, also = "") {
  const words = (/** @type {string} */ text) => text.split(" ").filter(Boolean);
  return { name, by: words(by), find, put, also: words(also) };
}

const LICENCES = ["GPLv2", "GPL-2.0", "gpl", "Dual BSD/GPLv2", "GPL-2.0-only", "Dual MIT & GPL", "GPL "];
const HELPERS = "(?:map_lookup_elem|map_update_elem|map_delete_elem|ringbuf_reserve|ringbuf_output|get_stackid)";

/** @type {readonly Mistake[]} */
export const MISTAKES = [
  // Sections
  mistake("letters swapped in a section", "unknown-section", /(?<=\bSEC\("(?!lic))(\w\w)(\w)(\w)/g, "$1$3$2"),
  mistake("letter missing in a section", "unknown-section", /(?<=\bSEC\("(?!lic)\w{2})\w(?=\w{2})/g, ""),
  mistake("letter twice in a section", "unknown-section", /(?<=\bSEC\("(?!lic)\w)(\w)(?=\w)/g, "$1$1"),
  mistake("section in capitals", "unknown-section", /(?<=\bSEC\("(?!lic))\w+/g, (word = "") => word.toUpperCase()),
  mistake("blank in a section", "malformed-section-target unknown-section", /(?<=\bSEC\("\w+)\//g, "/ "),
  mistake(
    "colons for slashes",
    "malformed-section-target unknown-section",
    /(?<=SEC\("(?:tp|tracepoint))\/(\w+)\//g,
    ":$1:",
  ),
  mistake("tracepoint without category", "malformed-section-target", /(?<=SEC\("(?:tp|tracepoint)\/)\w+\//g, ""),
  mistake("tracepoint without name", "malformed-section-target", /(?<=SEC\("(?:tp|tracepoint)\/\w+)\/\w+/g, ""),
  mistake("sleepable kprobe", "unsleepable-section", /(?<=SEC\("k(?:ret)?probe)(?=\/)/g, ".s"),
  mistake("question mark in the middle", "misplaced-question-mark", /(?<=\bSEC\("\w+\/)(?=\w)/g, "?"),
  mistake("section missing", "sectionless-program", /^SEC\("(?!lic|\.)[^"]*"\)\s+(?=int \w+\(struct)/gm, ""),
  mistake("section of a macro missing", "sectionless-program", /^SEC\("(?!lic|\.)[^"]*"\)\s+(?=int BPF_)/gm, ""),
  mistake("static program", "static-program", /(?<=^SEC\("(?!lic|\.)[^"]*"\)\s+)int\b/gm, "static int"),
  mistake(
    "inline program",
    "inline-program static-program",
    /(?<=^SEC\("(?!lic|\.)[^"]*"\)\s+)int\b/gm,
    "static __always_inline int",
  ),
  mistake("context of tc in XDP", "wrong-context-type", /\bstruct xdp_md(?= \*)/g, "struct __sk_buff"),
  mistake(
    "context of XDP in tc",
    "wrong-context-type",
    /(?<=\("t[cp]\b[^"]*"\)\s+int \w+\()struct \w+(?= \*)/g,
    "struct xdp_md",
  ),
  // Licence
  mistake("no licence", "missing-licence gpl-only-helper", /^.*SEC\("license"\).*\n/gm, ""),
  ...LICENCES.map((one) =>
    mistake(
      `licence "${one}"`,
      "misspelled-licence",
      /(?<=SEC\("license"\) = )"[^"]*"/g,
      `"${one}"`,
      "gpl-only-helper",
    ),
  ),
  mistake('licence "GPL v3"', "gpl-only-helper", /(?<=SEC\("license"\) = )"[^"]*"/g, '"GPL v3"'),
  mistake('licence "MIT"', "gpl-only-helper", /(?<=SEC\("license"\) = )"[^"]*"/g, '"MIT"'),
  mistake("licence in section licence", "missing-licence", /(?<=SEC\(")license/g, "licence", "gpl-only-helper"),
  mistake("licence without section", "missing-licence", / SEC\("license"\)/g, "", "gpl-only-helper"),
  // Maps
  mistake("max_entry", "unknown-map-attribute", /(?<=__uint\()max_entries/g, "max_entry"),
  mistake("keys", "unknown-map-attribute", /(?<=__type\()key(?=,)/g, "keys"),
  mistake("__type of the type", "unknown-map-attribute wrong-map-macro", /__uint(?=\(type)/g, "__type"),
  mistake("__type of max_entries", "unknown-map-attribute wrong-map-macro", /__uint(?=\(max_entries)/g, "__type"),
  mistake("map type missing", "missing-map-type", /^\s*__uint\(type, .*\n/gm, ""),
  mistake("unknown map type", "unknown-map-type", /(?<=BPF_MAP_TYPE_)HASH\b/g, "HASHMAP"),
  mistake("letter missing in a map type", "unknown-map-type", /(?<=__uint\(type, BPF_MAP_TYPE_\w{2})\w/g, ""),
  mistake("map type without BPF_", "unknown-map-type", /(?<=__uint\(type, )BPF_(?=MAP)/g, ""),
  mistake("max_entries missing", "wrong-max-entries", /^\s*__uint\(max_entries, .*\n/gm, ""),
  mistake("max_entries 0", "wrong-max-entries", /(?<=__uint\(max_entries, )\w+(?=\))/g, "0"),
  mistake("max_entries twice", "duplicate-map-attribute", /^\s*__uint\(max_entries, .*\n/gm, "$&$&"),
  mistake("key missing", "wrong-key-size", /^\s*__type\(key, .*\n/gm, ""),
  mistake("value missing", "wrong-value-size", /^\s*__type\(value, .*\n/gm, ""),
  mistake("another key_size", "conflicting-map-size", /^(\s*)__type\(key, .*\n/gm, "$&$1__uint(key_size, 3);\n"),
  mistake("another value_size", "conflicting-map-size", /^(\s*)__type\(value, .*\n/gm, "$&$1__uint(value_size, 3);\n"),
  mistake("map in section maps", "not-a-map-definition legacy-map", /(?<=SEC\(")\.(?=maps)/g, ""),
  mistake("map in section .map", "wrong-argument-kind", /(?<=SEC\("\.map)s/g, ""),
  mistake("map without section", "wrong-argument-kind", /(?<=^\}.*) SEC\("\.maps"\)/gm, ""),
  mistake("static map", "static-map", /^struct \{(?=\s*\n\s*__uint)/gm, "static struct {"),
  mistake(
    "array with a key of eight bytes",
    "wrong-key-size",
    /(?<=_ARRAY\);\n(?:\s*__uint.*\n)*\s*__type\(key, )(?:u32|__u32|int)\b/g,
    "__u64",
  ),
  mistake(
    "flag of hashes at an array",
    "illegal-map-flag",
    /BPF_MAP_TYPE_ARRAY\);\n(\s*)/g,
    "$&__uint(map_flags, BPF_F_NO_PREALLOC);\n$1",
  ),
  mistake("odd ring buffer", "ring-buffer-size", /(?<=RINGBUF\);\n\s*__uint\(max_entries, ).*(?=\);)/g, "10000"),
  mistake("small ring buffer", "ring-buffer-size", /(?<=RINGBUF\);\n\s*__uint\(max_entries, ).*(?=\);)/g, "256"),
  mistake("ring buffer with a value", "wrong-value-size", /RINGBUF\);\n(\s*)/g, "$&__type(value, __u64);\n$1"),
  mistake(
    "pinning that does not exist",
    "invalid-pinning",
    /^(\s*)__uint\(max_entries, .*\n/gm,
    "$&$1__uint(pinning, 2);\n",
  ),
  mistake(
    "array for a perf buffer",
    "wrong-map-type",
    /_PERF_EVENT_ARRAY(?=\);)/g,
    "_ARRAY",
    "wrong-max-entries size-without-btf",
  ),
  mistake("semicolon missing in a map", "", /(?<=^\s*__uint\(max_entries, .*\));/gm, ""),
  // Calls
  mistake("map by value", "map-by-value", new RegExp(`(?<=\\bbpf_${HELPERS}\\((?:ctx, )?)&(?=\\w)`, "g"), ""),
  mistake("key by value", "wrong-argument-kind", /(?<=\bbpf_map_\w+_elem\(&?\w+, )&/g, ""),
  mistake("map and key change places", "wrong-argument-kind", /(?<=\bbpf_map_\w+_elem\()&(\w+), (&\w+)/g, "$2, &$1"),
  mistake(
    "argument missing",
    "wrong-argument-count",
    /(?<=\bbpf_map_update_elem\([^(),]*, [^(),]*, [^(),]*), \w+(?=\))/g,
    "",
  ),
  mistake(
    "argument too many",
    "wrong-argument-count",
    /(?<=\bbpf_map_(?:lookup|delete)_elem\([^(),]*, [^(),]*)(?=\))/g,
    ", 0",
  ),
  mistake("flags missing", "wrong-argument-count", /(?<=\bbpf_ringbuf_(?:submit|discard)\(\w+), 0(?=\))/g, ""),
  mistake(
    "argument for none",
    "wrong-argument-count",
    /(?<=\bbpf_(?:ktime_get_ns|get_current_pid_tgid)\()(?=\))/g,
    "0",
  ),
  mistake(
    "flags of another helper",
    "illegal-flags",
    /(?<=\bbpf_map_update_elem\([^()]*, )(?:BPF_ANY|0)(?=\))/g,
    "BPF_F_CURRENT_CPU",
  ),
  mistake("0 for the context", "wrong-argument-kind", /(?<=\bbpf_(?:perf_event_output|get_stackid)\()ctx/g, "0"),
  mistake(
    "helper of tc in tracing",
    "helper-not-allowed",
    /(?<=SEC\("(?:tp|k)[^}]*[;{]\n)(\t+)(?=return 0;\n)/g,
    "$1bpf_skb_pull_data((void *)ctx, 0);\n$1",
    "gpl-only-helper",
  ),
  mistake("unknown helper", "", /\bbpf_map_lookup_elem(?=\()/g, "bpf_map_lookup_element"),
  mistake("printf", "libc-call", /\bbpf_printk(?=\()/g, "printf"),
  mistake(
    "value missing in bpf_printk",
    "printk-format printk-arguments",
    /(?<=\bbpf_printk\("[^"]*"(?:, [\w>-]+)*), [\w>-]+(?=\))/g,
    "",
  ),
  mistake("%f in bpf_printk", "printk-format", /(?<=\bbpf_printk\("[^"]*)%d/g, "%f"),
  mistake("%s in bpf_printk", "printk-format", /(?<=\bbpf_printk\("[^"]*)%d/g, "%s"),
  mistake("__ksym missing", "undeclared-kfunc", /(?<=^extern [^;{}]*\)) __ksym(?=;)/gm, ""),
  mistake("kfunc not declared", "undeclared-kfunc", /^extern [^;{}]*\)[^;{}]*__ksym;\n/gm, ""),
  // Toolchain
  mistake("vmlinux.h missing", "vmlinux-not-first missing-include", /^#include [<"]vmlinux.h[>"]\n/gm, ""),
  mistake("vmlinux.h last", "vmlinux-not-first", /^(#include [<"]vmlinux.h[>"]\n)((?:#include.*\n)+)/gm, "$2$1"),
  mistake("bpf_helpers.h missing", "missing-include", /^#include <bpf\/bpf_helpers.h>\n/gm, ""),
  mistake("bpf_tracing.h missing", "missing-include", /^#include <bpf\/bpf_tracing.h>\n/gm, ""),
  mistake("bpf_core_read.h missing", "missing-include", /^#include <bpf\/bpf_core_read.h>\n/gm, ""),
  mistake("bpf_endian.h missing", "missing-include", /^#include <bpf\/bpf_endian.h>\n/gm, ""),
  mistake("usdt.bpf.h missing", "missing-include", /^#include <bpf\/usdt.bpf.h>\n/gm, ""),
  mistake(
    "linux/bpf.h beside vmlinux.h",
    "vmlinux-mixed",
    /^#include [<"]vmlinux.h[>"]\n/gm,
    "$&#include <linux/bpf.h>\n",
  ),
  mistake(
    "linux/in.h beside vmlinux.h",
    "vmlinux-mixed",
    /^#include [<"]vmlinux.h[>"]\n/gm,
    "$&#include <linux/in.h>\n",
  ),
  mistake("stdio.h", "libc-header", /^#include [<"]vmlinux.h[>"]\n/gm, "$&#include <stdio.h>\n"),
  mistake(
    "constant missing",
    "missing-constant",
    /^#define (?:ETH_|AF_|PF_|TC_|E[A-Z]+|IPPROTO|S_I|O_)\w*\s.*\n/gm,
    "",
  ),
  mistake("float", "floating-point", /^\t(?:u64|__u64|int|long)(?= \w+ = )/gm, "\tdouble"),
];
