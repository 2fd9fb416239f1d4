// @ts-check
/** Sorts what verifiers refuse into the classes in which people think of it, and says which of it needs value ranges. */

/** @typedef {import("./labels.mjs").Label} Label */

/** @type {Readonly<Record<string, readonly string[]>>} families of the catalogue */
const CLASSES = {
  null: ["result-may-be-null"],
  "packet bounds": ["packet-out-of-bounds", "packet-misaligned", "packet-not-writable", "packet-read-only"],
  "memory bounds": [
    "map-value-out-of-bounds",
    "memory-out-of-bounds",
    "buffer-out-of-bounds",
    "map-key-out-of-bounds",
    "kernel-struct-out-of-bounds",
    "context-memory-out-of-bounds",
    "flow-keys-out-of-bounds",
    "misaligned-access",
    "read-only-memory",
  ],
  range: [
    "negative-index",
    "negative-size",
    "unbounded-index",
    "unbounded-offset",
    "unbounded-size",
    "offset-out-of-range",
    "offset-too-large",
    "zero-size",
    "return-value-range",
    "return-value-not-a-number",
    "callback-return",
    "rbtree-callback",
  ],
  uninitialised: ["uninitialised-register", "stack-uninitialised", "missing-exit"],
  reference: [
    "unreleased-reference",
    "release-without-reference",
    "two-references",
    "argument-reference-tail-call",
    "context-reference-released",
  ],
  "lock and RCU": [
    "lock-not-released",
    "second-lock",
    "wrong-unlock",
    "call-under-lock",
    "rcu-needed",
    "rcu-not-left",
    "rcu-unmatched",
    "preemption-not-enabled",
    "interrupts-not-restored",
    "sleeping-in-region",
    "graph-lock-not-held",
  ],
  "dynptr and iterator": [
    "dynptr-in-use",
    "dynptr-place",
    "dynptr-type",
    "dynptr-uninitialised",
    "iterator-in-use",
    "iterator-uninitialised",
    "iterator-not-at-hook",
  ],
  "graph and kptr": ["graph-node", "object-type", "kptr-store", "kptr-missing", "special-field-access"],
  "scalar dereference": ["scalar-dereference", "untrusted-pointer", "unusable-pointer", "foreign-memory"],
  "pointer arithmetic": [
    "pointer-arithmetic",
    "pointer-operator",
    "pointer-subtraction",
    "impossible-arithmetic",
    "mixed-pointers",
    "modified-pointer",
    "narrow-pointer-arithmetic",
    "kernel-pointer-offset",
    "spilled-pointer",
    "argument-with-offset",
  ],
  "argument type": [
    "argument-type",
    "context-argument",
    "kfunc-argument",
    "kfunc-memory",
    "constant-argument",
    "constant-string",
    "wrong-struct",
    "wrong-map-for-helper",
    "global-function-call",
    "global-function-prototype",
    "global-function-result",
    "callback-function",
    "map-value-address",
    "timer-map",
    "format-string",
    "packet-not-for-helper",
    "stack-arguments",
  ],
  context: ["context-access", "socket-access", "kernel-memory-read-only"],
  stack: [
    "stack-too-large",
    "stack-out-of-bounds",
    "stack-variable-offset",
    "stack-pointer-returned",
    "tail-call-stack",
  ],
  loops: ["endless-loop", "loop-not-allowed", "too-many-instructions", "too-many-jumps", "program-too-long"],
  calls: ["recursion", "calls-too-deep", "tail-call-in-function", "tail-call-map", "exception-callback"],
  "not allowed": [
    "helper-not-allowed",
    "helper-not-at-hook",
    "helper-for-trampolines",
    "kfunc-not-allowed",
    "gpl-only-call",
    "gpl-only-program",
    "sleeping-call",
    "unsleepable-hook",
    "map-in-sleepable-program",
    "map-field-in-tracing",
    "map-access-forbidden",
  ],
};

const CLASS_OF = new Map(Object.entries(CLASSES).flatMap(([name, ids]) => ids.map((id) => [id, name])));

/** @param {Label} label */
export function classOf({ family = "" }) {
  return CLASS_OF.get(family) ?? "other";
}

/** Classes in which nothing can be said without knowing between which numbers a value lies. */
const BY_RANGE = new Set(["loops", "range"]);
/** Of a range's families, those that a constant alone can offend. */
const BY_CONSTANT = new Set(["return-value-not-a-number", "rbtree-callback"]);

/** Whether one has to know between which numbers a value lies to see it. @param {Label} label */
export function needsRanges(label) {
  const { family = "", message = "" } = label;
  if (BY_CONSTANT.has(family)) return false;
  // A constant that is returned has one value and no more.
  if (family === "return-value-range" || family === "callback-return") return !/smin=(-?\d+) smax=\1\b/.test(message);
  const of = classOf(label);
  if (family === "zero-size") return !message.includes("=[0,0]");
  if (BY_RANGE.has(of) || family === "stack-variable-offset") return true;
  // A part of the address that varies has an id; without one the distance to the checked end is a constant.
  if (of === "packet bounds") return !/\bid=0\b/.test(message) && /\bid=\d/.test(message);
  // The least that it can be is behind the end already: that is a constant.
  if (/\boff=\d+ size=\d+\n.*\bmin value\b/.test(message)) return false;
  if (of === "memory bounds" || of === "stack") return /\b(?:min|max) value\b|variable|var_off|var-off/.test(message);
  return false;
}
