/** What the macros and inline functions of libbpf's headers want of an argument, in words. */

type Words = Readonly<Record<string, string>>;

const FURTHER = "further fields, each reached through the one before";
const FORMAT: Words = { fmt: "the format, as a string literal", args: "the values that the format names" };
const REGISTERS = "the registers: the program's `ctx`";
const OTHER_REGISTERS = "the address of a `struct pt_regs`, which need not be `ctx`";

/** The first group that fits a macro and knows the parameter decides. */
const GROUPS: readonly (readonly [RegExp, Words])[] = [
  [
    /^BPF_(?:CORE|PROBE)_READ(?:_USER)?(?:_INTO|_STR_INTO)?$/,
    { src: "the pointer to begin with", a: "the first field", "...": FURTHER },
  ],
  [/_STR_INTO$/, { dst: "the address of the array that the text is copied to; its size is the limit" }],
  [/_INTO$/, { dst: "the address of the variable that is filled" }],
  [/_BITFIELD/, { s: "a pointer to the struct", field: "its bit-field", new_val: "what is written" }],
  [
    /^bpf_core_read/,
    { dst: "where the copy goes", sz: "how many bytes at most", src: "the address of the field: `&p->field`" },
  ],
  [/^bpf_core_field_/, { field: "a field: `p->field`, or a type and a field, `struct x, field`" }],
  [/^bpf_core_enum_/, { enum_type: "the enum's type: `enum x`", enum_value: "one of its names" }],
  [/^bpf_core_cast$/, { ptr: "the address", type: "the kernel's type that lies there: `struct task_struct`" }],
  [/^bpf_core_type_/, { type: "a type by its name: `struct x`, `union x`, `enum x` or a typedef" }],
  [/^PT_REGS_SYSCALL_REGS$/, { ctx: "the `ctx` of a kprobe on a system call's function" }],
  [/^PT_REGS_\w*CORE/, { x: OTHER_REGISTERS }],
  [/^PT_REGS_\w*SYSCALL$/, { x: "the saved registers of the system call, which the program may read as they are" }],
  [/^PT_REGS_/, { x: REGISTERS }],
  [/^BPF_KPROBE_READ_RET_IP$/, { ip: "the variable that is filled", ctx: REGISTERS }],
  [/^bpf_(?:hton|ntoh|be64|cpu_to)/, { x: "a number" }],
  [/^(?:un)?likely$/, { x: "the condition" }],
  [
    /^bpf_for$/,
    { i: "a variable, declared before", start: "its first value", end: "the value that ends it and is not reached" },
  ],
  [/^bpf_repeat$/, { N: "how many times" }],
  [
    /^bpf_for_each$/,
    {
      type: "the iterator's name, as in `bpf_iter_<type>_new()`",
      cur: "a pointer, declared before, to what the iterator gives",
      args: "what `bpf_iter_<type>_new()` takes further",
    },
  ],
  [/^BPF_SEQ_PRINTF$/, { ...FORMAT, seq: "the output: `ctx->meta->seq`" }],
  [/^BPF_SNPRINTF$/, { ...FORMAT, out: "the buffer", out_size: "its size in bytes" }],
  [/^bpf_stream_printk$/, { ...FORMAT, stream_id: "the output: `BPF_STDOUT` or `BPF_STDERR`" }],
  [/^bpf_printk$/, FORMAT],
  [/^SEC$/, { name: "the section's name, in quotes" }],
  [/^__uint$/, { name: "an attribute of the map: `type`, `max_entries` …", val: "a constant of 32 bits" }],
  [/^__ulong$/, { name: "an attribute of the map: `map_extra`", val: "a constant of 64 bits" }],
  [/^__type$/, { name: "`key` or `value`", val: "its C type" }],
  [/^__array$/, { name: "`values`", val: "the type of what each slot holds" }],
  [
    /^container_of$/,
    { ptr: "the address of the member", type: "the struct that it lies in", member: "its name there" },
  ],
  [/^offsetof$/, { type: "a struct or union", member: "one of its members" }],
  [/^barrier_var$/, { var: "the variable" }],
  [/^bpf_ksym_exists$/, { sym: "a kfunc or variable that is declared `__ksym __weak`" }],
  [/^KERNEL_VERSION$/, { a: "the first number of the release", b: "the second", c: "the third; 255 at most" }],
  [
    /^bpf_tail_call_static$/,
    {
      ctx: "the program's context",
      map: 'the address of a program array defined with `SEC(".maps")`',
      slot: "its index, a constant known when the program is compiled",
    },
  ],
  [
    /usdt/,
    {
      ctx: "the program's context",
      arg_num: "which argument, counted from 0",
      res: "the address of the variable that is filled",
    },
  ],
];

/** @param param as the header writes it: `x`, `args...`, `struct pt_regs *ctx` */
export function macroParameterWords(macro: string, param: string): string | undefined {
  const name = /(\w+)\W*$/.exec(param)?.[1] ?? "...";
  return GROUPS.find(([pattern, words]) => pattern.test(macro) && Object.hasOwn(words, name))?.[1][name];
}
