// The injection grammar over C: which word gets which scope, and what is left alone.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import onig from "vscode-oniguruma";
import textmate, { type IGrammar, type IRawGrammar } from "vscode-textmate";

const injectionScope = "source.c.bpf.injection";
const onigLib = loadOniguruma();
const injectionPath = join(import.meta.dirname, "../../syntaxes/bpf-c.injection.json");

/** Stands in for VS Code's C grammar: nested bodies, calls, and strings that run on until the next quote. */
const ownBase = {
  scopeName: "source.c",
  patterns: [{ include: "#code" }],
  repository: {
    code: {
      patterns: [
        { begin: "/\\*", end: "\\*/", name: "comment.block.c" },
        { match: "//.*$", name: "comment.line.double-slash.c" },
        { begin: '"', end: '"', name: "string.quoted.double.c" },
        {
          begin: "^\\s*#\\s*define\\s+(\\w+)",
          beginCaptures: { "1": { name: "entity.name.function.preprocessor.c" } },
          end: "(?<!\\\\)(?=\\n)",
          name: "meta.preprocessor.macro.c",
          patterns: [{ include: "#code" }],
        },
        { match: "\\b(?:if|else|for|while|return)\\b", name: "keyword.control.c" },
        { match: "\\b(?:int|long|char|void|struct)\\b", name: "storage.type.c" },
        { match: "\\b(?:static|extern|const|inline)\\b", name: "storage.modifier.c" },
        { begin: "\\{", end: "\\}", name: "meta.block.c", patterns: [{ include: "#code" }] },
        {
          begin: "(?=\\b[A-Za-z_]\\w*\\s*\\()",
          end: "(?<=\\))",
          name: "meta.function-call.c",
          patterns: [
            { match: "\\G\\w+", name: "entity.name.function.c" },
            { begin: "\\(", end: "\\)", name: "meta.parens.c", patterns: [{ include: "#code" }] },
          ],
        },
        { begin: "\\(", end: "\\)", name: "meta.parens.c", patterns: [{ include: "#code" }] },
        { match: "\\b[0-9]\\w*\\b", name: "constant.numeric.c" },
        { match: ";", name: "punctuation.terminator.statement.c" },
      ],
    },
  },
};

const realGrammars = process.env["HOOKPOINT_C_GRAMMAR"];
const hosts: readonly (readonly [string, IGrammar])[] = [
  ["a small C grammar", await loadHost("source.c", () => JSON.stringify(ownBase))],
  ...(realGrammars === undefined
    ? []
    : ([
        ["VS Code's C grammar", await loadHost("source.c", (scope) => readReal(realGrammars, scope))],
        ["VS Code's C++ grammar", await loadHost("source.cpp", (scope) => readReal(realGrammars, scope))],
      ] as const)),
];

describe.each(hosts)("over %s", (_, grammar) => {
  const check = (marked: string) => expect(mismatches(grammar, marked)).toEqual([]);

  test("SEC: macro, parentheses, quotes", () => {
    check(`
SEC("xdp")
^^^ entity.name.function.preprocessor
   ^ punctuation.section.arguments.begin
    ^^^^^ string.quoted.double
    ^ punctuation.definition.string.begin
     ^^^ keyword.control.program-type
        ^ punctuation.definition.string.end
         ^ punctuation.section.arguments.end
int f(void) { return 0; }
^^^ storage.type
^^^^^^^^^^^^^^^^^^^^^^^^^ !meta.section
`);
  });

  test("SEC: optional mark, type with suffix, category and name", () => {
    check(`
SEC("?fentry.s/do_unlinkat")
     ^ keyword.operator.optional
      ^^^^^^^^ keyword.control.program-type
              ^ keyword.operator.separator
               ^^^^^^^^^^^ entity.name.function.attach-target
SEC("tracepoint/syscalls/sys_enter_execve")
     ^^^^^^^^^^ keyword.control.program-type
                ^^^^^^^^ entity.name.namespace.attach-target
                        ^ keyword.operator.separator
                         ^^^^^^^^^^^^^^^^ entity.name.function.attach-target
SEC("kprobe/do_sys_open+0x10")
            ^^^^^^^^^^^ entity.name.function.attach-target
                       ^ keyword.operator.offset
                        ^^^^ constant.numeric.offset
SEC("kprobe.multi/tcp_*")
     ^^^^^^^^^^^^ keyword.control.program-type
                  ^^^^ entity.name.function.attach-target
                      ^ keyword.operator.wildcard
`);
  });

  test("SEC: a path, a function in it, an offset", () => {
    check(`
SEC("uprobe//usr/lib/libc.so.6:malloc+16")
     ^^^^^^ keyword.control.program-type
           ^ keyword.operator.separator
            ^^^^^^^^^^^^^^^^^^ string.unquoted.path
                              ^ keyword.operator.separator
                               ^^^^^^ entity.name.function.attach-target
                                     ^ keyword.operator.offset
                                      ^^ constant.numeric.offset
SEC("usdt/./a.out:provider:probe")
          ^^^^^^^ string.unquoted.path
                  ^^^^^^^^ entity.name.namespace.attach-target
                           ^^^^^ entity.name.function.attach-target
`);
  });

  test("SEC: map, licence and struct_ops sections are data, not programs", () => {
    check(`
struct { int a; } counts SEC(".maps");
                         ^^^ entity.name.function.preprocessor
                              ^^^^^ support.type.data-section
char LICENSE[] SEC("license") = "GPL";
                    ^^^^^^^ support.type.data-section
                    ^^^^^^^ !keyword.control
int f(void) { return 0; }
^^^ storage.type
^^^^^^^^^^^^^^^^^^^^^^^^^ !meta.section
`);
  });

  test("SEC: a second string continues the target", () => {
    check(`
SEC("kprobe/" SYS_PREFIX "sys_nanosleep")
     ^^^^^^ keyword.control.program-type
              ^^^^^^^^^^ entity.name.function.preprocessor
                          ^^^^^^^^^^^^^ entity.name.function.attach-target
                                        ^ punctuation.section.arguments.end
`);
  });

  test("SEC split over lines ends at its parenthesis", () => {
    check(`
SEC(
  "kprobe/"
   ^^^^^^ keyword.control.program-type
  // the x86 name
  ^^^^^^^^^^^^^^^ comment.line
  PREFIX
  ^^^^^^ entity.name.function.preprocessor
  "sys_read"
   ^^^^^^^^ entity.name.function.attach-target
)
^ punctuation.section.arguments.end
int f(void) { return 0; }
^^^ storage.type
^^^^^^^^^^^^^^^^^^^^^^^^^ !meta.section
`);
  });

  test.each(['SEC("', 'SEC("xdp', "SEC(", 'SEC("xdp"', 'SEC("kprobe/" PREFIX', 'SEC("xdp)'])(
    "half-typed %s leaves the next lines alone",
    (typed) => {
      check(`
${typed}
int f(struct xdp_md *ctx)
^^^ storage.type
^^^^^^^^^^^^^^^^^^^^^^^^^ !meta.section
^^^^^^^^^^^^^^^^^^^^^^^^^ !string
{
  return bpf_get_prandom_u32();
         ^^^^^^^^^^^^^^^^^^^ support.function
}
${typed}

SEC("tc")
^^^ entity.name.function.preprocessor
     ^^ keyword.control.program-type
${typed}
static __always_inline int g(void)
       ^^^^^^^^^^^^^^^ storage.modifier
`);
    },
  );

  test("comments and strings are left alone", () => {
    check(`
// SEC("xdp") bpf_map_lookup_elem(&m, &k) XDP_PASS
   ^^^^^^^^^^ !entity.name.function
              ^^^^^^^^^^^^^^^^^^^ !support.function
                                          ^^^^^^^^ !constant.other
/* SEC("xdp")
   bpf_map_lookup_elem(&m, &k) __always_inline
   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ comment
   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ !support.function
*/
int f(void) {
  bpf_printk("call bpf_probe_read(x) SEC(y) XDP_DROP");
  ^^^^^^^^^^ support.function
                   ^^^^^^^^^^^^^^ !support.function
                                     ^^^ !entity.name.function
                                            ^^^^^^^^ !constant.other
  return XDP_PASS;
         ^^^^^^^^ constant.other
}
`);
  });

  test("helpers and kfuncs are support functions where they are called", () => {
    check(`
int f(void *ctx)
{
  long *v = bpf_map_lookup_elem(&counts, &key);
            ^^^^^^^^^^^^^^^^^^^ support.function
  if (v && !bpf_task_acquire(task)) return bpf_get_smp_processor_id();
            ^^^^^^^^^^^^^^^^ support.function
                                           ^^^^^^^^^^^^^^^^^^^^^^^^ support.function
  while (x) { g(1, (int)bpf_ktime_get_ns()); }
                        ^^^^^^^^^^^^^^^^ support.function
  int bpf_cookie = 1;
      ^^^^^^^^^^ !support.function
}
`);
  });

  test("a declaration or a member that is named alike is no helper call", () => {
    check(`
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
                           ^^^^^^^^^^^^^^^^ !support.function
static int bpf_own(void) { return ops->bpf_init(1); }
           ^^^^^^^ !support.function
                                       ^^^^^^^^ !support.function
`);
  });

  test("map members", () => {
    check(`
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  ^^^^^^ entity.name.function.preprocessor
         ^^^^ variable.other.member
               ^^^^^^^^^^^^^^^^^ variable.other.enummember
  __uint(max_entries, 256);
         ^^^^^^^^^^^ variable.other.member
                      ^^^ constant.numeric
  __ulong(map_extra, 1);
  ^^^^^^^ entity.name.function.preprocessor
  __type(key, __u32);
         ^^^ variable.other.member
              ^^^^^ storage.type
  __type(value, struct { int a; });
                ^^^^^^ storage.type
  __array(values, int (void *));
  ^^^^^^^ entity.name.function.preprocessor
          ^^^^^^ variable.other.member
} m SEC(".maps");
^^^ !meta.map-member
    ^^^ entity.name.function.preprocessor
int f(void) { return 0; }
^^^ storage.type
^^^^^^^^^^^^^^^^^^^^^^^^^ !meta.block.struct
`);
  });

  test("a half-typed map member ends at the next one", () => {
    check(`
struct {
  __uint(type, 
  __type(key, int);
  ^^^^^^ entity.name.function.preprocessor
         ^^^ variable.other.member
} m SEC(".maps");
    ^^^ entity.name.function.preprocessor
`);
  });

  test("constants", () => {
    check(`
int f(void) { bpf_ringbuf_output(&rb, e, 4, BPF_F_NO_PREALLOC | BPF_RB_NO_WAKEUP); return cond ? TC_ACT_OK : XDP_DROP; }
                                            ^^^^^^^^^^^^^^^^^ variable.other.enummember
                                                                ^^^^^^^^^^^^^^^^ variable.other.enummember
                                                                                                 ^^^^^^^^^ variable.other.enummember
                                                                                                             ^^^^^^^^ variable.other.enummember
int verdicts[] = {XDP_PASS, XDP_DROP};
                  ^^^^^^^^ variable.other.enummember
                            ^^^^^^^^ variable.other.enummember
`);
  });

  test("CO-RE macros, loop macros, attribute words", () => {
    check(`
static __noinline int f(struct task_struct *t)
       ^^^^^^^^^^ storage.modifier
{
  int i = BPF_CORE_READ(t, real_parent, tgid);
          ^^^^^^^^^^^^^ support.function
  if (bpf_core_field_exists(t->pid)) i = 1;
      ^^^^^^^^^^^^^^^^^^^^^ support.function
  bpf_for(i, 0, 10) i++;
  ^^^^^^^ keyword.control
  bpf_repeat(3) { i++; }
  ^^^^^^^^^^ keyword.control
  return 0;
}
extern int LINUX_KERNEL_VERSION __kconfig;
                                ^^^^^^^^^ storage.modifier
int g(struct task_struct *task __arg_trusted) { return 0; }
                               ^^^^^^^^^^^^^ storage.modifier
`);
  });

  test("a macro body is code too", () => {
    check(`
#define PROGRAM(name) \\
  SEC("xdp") \\
  ^^^ entity.name.function.preprocessor
       ^^^ keyword.control.program-type
  int name(struct xdp_md *ctx) { return XDP_PASS; }
                                        ^^^^^^^^ constant.other
int after;
^^^ !meta.preprocessor
`);
  });
});

// The C++ grammar takes a whole declaration in one match; programs are written in C, headers seldom hold these.
describe.each(hosts.filter(([host]) => !host.includes("C++")))("in C alone, over %s", (_, grammar) => {
  const check = (marked: string) => expect(mismatches(grammar, marked)).toEqual([]);

  test("a struct_ops variable, a kptr field", () => {
    check(`
struct tcp_congestion_ops reno SEC("?.struct_ops.link") = {};
                               ^^^ entity.name.function.preprocessor
                                    ^ keyword.operator.optional
                                     ^^^^^^^^^^^^^^^^ support.type.data-section
struct value { struct task_struct __kptr *task; };
                                  ^^^^^^ storage.modifier
`);
  });

  test("program macros name the function and its parameters", () => {
    check(`
int BPF_PROG(on_open, struct file *file, int ret)
    ^^^^^^^^ entity.name.function.preprocessor
             ^^^^^^^ entity.name.function.bpf
                      ^^^^^^ storage.type
                                   ^^^^ variable.parameter
                                             ^^^ variable.parameter
{
^ !meta.program-macro
  return 0;
}
int BPF_KPROBE(
  on_exec,
  ^^^^^^^ entity.name.function.bpf
  const char *name)
{ return 0; }
^^^^^^^^^^^^^ !meta.program-macro
int BPF_USDT(on_probe)
             ^^^^^^^^ entity.name.function.bpf
`);
  });

  test("a half-typed program macro ends at the body or the next program", () => {
    check(`
int BPF_KRETPROBE(on_exit, long ret
{
^ !meta.program-macro
  return 0;
}
int BPF_KPROBE(
SEC("xdp")
^^^ entity.name.function.preprocessor
     ^^^ keyword.control.program-type
`);
  });
});

/** Checks the marker lines (`^^^ scope`, `^^^ !scope`) under each code line; answers what does not hold. */
function mismatches(grammar: IGrammar, marked: string): string[] {
  const problems: string[] = [];
  let stack = textmate.INITIAL;
  let code = "";
  let scopesAt: (column: number) => readonly string[] = () => [];
  for (const line of marked.replace(/^\n/, "").split("\n")) {
    const mark = /^\s*(\^+) (!?)(\S+)$/.exec(line);
    if (mark === null) {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
      stack = ruleStack;
      code = line;
      scopesAt = (column) => tokens.find((token) => column < token.endIndex)?.scopes ?? [];
      continue;
    }
    const [, carets = "", not, wanted = ""] = mark;
    const start = line.indexOf("^");
    for (let column = start; column < start + carets.length; column++) {
      const scopes = scopesAt(column).slice(1);
      const has = scopes.some((scope) => scope === wanted || scope.startsWith(`${wanted}.`));
      if (has === (not === "!")) {
        problems.push(`${code} | column ${column} ${not ? "has" : "lacks"} ${wanted}: ${scopes.join(" ")}`);
        break;
      }
    }
  }
  return problems;
}

async function loadHost(scope: string, readBase: (scope: string) => string | undefined): Promise<IGrammar> {
  const registry = new textmate.Registry({
    onigLib,
    loadGrammar: async (name): Promise<IRawGrammar | null> => {
      if (name === injectionScope) return textmate.parseRawGrammar(readFileSync(injectionPath, "utf8"), "i.json");
      const text = readBase(name);
      return text === undefined ? null : textmate.parseRawGrammar(text, `${name}.json`);
    },
    getInjections: (name) => (name === scope ? [injectionScope] : undefined),
  });
  const grammar = await registry.loadGrammar(scope);
  if (grammar === null) throw new Error(`no grammar for ${scope}`);
  return grammar;
}

function readReal(folder: string, scope: string): string | undefined {
  const name = /^source\.(c|cpp|cpp\.embedded\.macro)$/.exec(scope)?.[1];
  return name === undefined ? undefined : readFileSync(join(folder, `${name}.tmLanguage.json`), "utf8");
}

async function loadOniguruma(): Promise<textmate.IOnigLib> {
  const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
  await onig.loadWASM(readFileSync(wasm));
  return {
    createOnigScanner: (patterns) => onig.createOnigScanner(patterns),
    createOnigString: (text) => onig.createOnigString(text),
  };
}
