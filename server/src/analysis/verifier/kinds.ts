/** What the verifier calls the things in registers, in words: "map_value" is "a pointer to the value of a map". */

/** @param kind as the log has it, also with what it puts before and behind: `rcu_ptr_or_null_task_struct` */
export function kindInWords(kind: string): string {
  const mayBeNull = /or_null/.test(kind);
  const bare = kind.replace(/_or_null$/, "").replace(/or_null_/, "");
  const words = EXACT[bare] ?? kernelPointer(bare) ?? `what the verifier calls ${bare}`;
  return mayBeNull ? `${words} that may be NULL` : words;
}

/** Whether a kind is a plain number, in the words of any version. */
export function isNumber(kind: string): boolean {
  return /^(?:scalar|inv|P?-?\d|0x)/.test(kind);
}

export function mayBeNull(kind: string): boolean {
  return /or_null/.test(kind);
}

function kernelPointer(kind: string): string | undefined {
  const found = /^((?:rdonly_|alloc_|user_|percpu_|untrusted_|trusted_|rcu_|non_own_)*)ptr_(\w*)$/.exec(kind);
  if (found === null) return undefined;
  const [, before = "", struct = ""] = found;
  const to = struct === "" ? "the kernel's memory" : `a struct ${struct}`;
  const how = [...before.matchAll(/[a-z]+(?:_own)?(?=_)/g)].flatMap(([word]) => BEFORE[word] ?? []);
  const article = /^(?:untrusted|owned|RCU)/.test(how[0] ?? "") ? "an" : "a";
  return `${article} ${[...how, "pointer"].join(" ")} to ${to}`;
}

const BEFORE: Readonly<Record<string, string>> = {
  rdonly: "read-only",
  alloc: "owned",
  user: "user-space",
  percpu: "per-CPU",
  untrusted: "untrusted",
  trusted: "trusted",
  rcu: "RCU-protected",
  non_own: "borrowed",
};

const BUFFER = "a pointer to a buffer of the kernel";

const EXACT: Readonly<Record<string, string>> = {
  "?": "nothing that was set",
  scalar: "a plain number",
  inv: "a plain number",
  imm: "a plain number",
  ctx: "the context of the program",
  fp: "a pointer to the stack",
  map_ptr: "a map itself",
  map_key: "a pointer to the key of a map",
  map_value: "a pointer to the value of a map",
  pkt: "a pointer into the packet",
  pkt_meta: "a pointer to the metadata before the packet",
  pkt_end: "the end of the packet",
  flow_keys: "a pointer to the flow keys",
  sock: "a pointer to a socket",
  sock_common: "a pointer to the common part of a socket",
  tcp_sock: "a pointer to a TCP socket",
  xdp_sock: "a pointer to an XDP socket",
  tp_buffer: "a pointer to the buffer of a tracepoint",
  mem: "a pointer to memory",
  alloc_mem: "a pointer to memory that was reserved",
  ringbuf_mem: "a pointer to a record of a ring buffer",
  dynptr_mem: "a pointer to what a dynptr describes",
  rdonly_mem: "a pointer to read-only memory",
  untrusted_rdonly_mem: "an untrusted pointer to read-only memory",
  rdonly_untrusted_mem: "an untrusted pointer to read-only memory",
  rdwr_buf: BUFFER,
  rdonly_buf: "a pointer to a read-only buffer of the kernel",
  buf: BUFFER,
  func: "a function",
  dynptr_ptr: "a dynptr",
  arena: "a pointer into an arena",
  insn: "the address of an instruction",
};
