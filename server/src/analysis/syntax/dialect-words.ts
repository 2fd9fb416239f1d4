/** The words of the BPF dialect. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** libbpf's macros in the place of a function's declarator: their first argument is its name. */
export const PROGRAM_MACRO =
  /^(?:BPF_(?:PROG2?|KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT|STRUCT_OPS(?:_SLEEPABLE)?)|(?:BPF_)?ITER)$/;

export const MEMBER_MACROS = words("__uint __ulong __type __array");

export const SECTION_MACROS = words("SEC __section");

/** Attributes without arguments, by the names libbpf and the kernel give them. */
export const ATTRIBUTE_WORDS = words(
  `__always_inline __noinline __weak __hidden __ksym __kconfig __kptr __kptr_untrusted __percpu_kptr __arena __rodata
  __arg_ctx __arg_nonnull __arg_nullable __arg_trusted __arg_untrusted __arg_arena __contains_percpu __naked __used
  __maybe_unused __packed __unused __uptr __percpu __rcu __user __iomem __must_check __cold __hot __init __noreturn
  __read_mostly __cacheline_aligned __bpf_fastcall __exported __inline__ __inline __noclone __flatten noinline
  __success __failure __success_unpriv __failure_unpriv __test_only __auxiliary __bitwise __force __noasan __extension__
  __arena_global __stackslot __restrict`,
);

/** Attributes with arguments. */
export const ATTRIBUTE_CALLS = words(
  `__aligned __free __contains __msg __msg_unpriv __not_msg __xlated __jited __retval __retval_unpriv __log_level __flag
  __description __btf_path __arch __caps_unpriv __load_if_JITed __linear_size __stderr __stdout
  __section_aligned __tag __stack_depth __priv __btf_func_path __printf __nonnull __no_sanitize__`,
);

/** The same, by words that may as well be names: they are attributes only where a declaration begins. */
export const LEADING_ATTRIBUTE_CALLS = words("private hidden");

/** Words that are followed by a parenthesis and are no calls. */
export const STATEMENT_KEYWORDS = words("if while for switch do else return case defined _Static_assert static_assert");

/** Operators that take a type between parentheses, which the grammar knows. */
export const SIZEOF_LIKE = words(
  "sizeof typeof __typeof__ __typeof alignof _Alignof __alignof__ offsetof __builtin_offsetof __builtin_va_arg _Generic",
);

export const TAG_KEYWORDS = words("struct union enum");

export const LOOP_KEYWORDS = words("for while do if switch");

export const STATEMENT_WORDS = words("for while do if switch return goto break continue case default");

/** Macros that stand before a statement of their own, whatever it is. */
export const LOOP_MACROS = words("bpf_for bpf_for_each bpf_repeat");

export const ASM_WORDS = words("asm __asm__ __asm");

export const STORAGE_WORDS = words("static extern inline const volatile register typedef _Noreturn");

/** Words that begin a type and are no names of one. */
export const TYPE_WORDS = words(
  "struct union enum void char short int long float double signed unsigned bool _Bool __int128 const volatile static extern inline",
);

/** Type names that begin like an attribute. */
export const UNDERSCORE_TYPE =
  /^__(?:[us](?:8|16|32|64|128)|[bl]e(?:16|32|64)|sum16|wsum|kernel_\w+|int128|signed__|const__|typeof__)$/;
