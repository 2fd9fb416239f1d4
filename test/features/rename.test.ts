/** Renaming: what is changed, what is said, and what is refused. */

import { expect, test } from "vitest";
import { applyEdits } from "../../server/src/analysis/text.ts";
import { prepareRename, rename } from "../../server/src/features/rename.ts";
import { fileOf, kb } from "../support/check.ts";
import { fixture } from "../support/fixture.ts";

const ours = { kb, isOurs: (_: string) => true };

async function renamed(source: string, newName: string, { annotates = false, place = ours } = {}) {
  const marked = fixture(source);
  if (marked.cursor === undefined) throw new Error("the fixture has no $0");
  const file = await fileOf(marked);
  const asked = prepareRename(file, marked.cursor, place);
  if ("problem" in asked) return asked.problem;
  expect(asked.placeholder).toBe(
    file.text.slice(file.lines.offsetAt(asked.range.start), file.lines.offsetAt(asked.range.end)),
  );
  const made = rename([file], asked.named, newName, { annotates });
  if ("problem" in made) return made.problem;
  const changes = Object.entries(made.edit.changes ?? {});
  const texts = changes.map(([uri, edits]) =>
    applyEdits(uri === file.uri ? file.text : (marked.files.get(uri.slice(7)) ?? ""), edits),
  );
  return { text: texts.join("\n//---\n"), alsoKnown: made.alsoKnown, edit: made.edit };
}

test("a map over the file and its header, with what loaders are told", async () => {
  const found = await renamed(
    `
#include "maps.h"
static void *f(u32 *key) { return bpf_map_lookup_elem(&cou$0nts, key); } // counts
//- /maps.h
struct { __uint(type, BPF_MAP_TYPE_HASH); } counts SEC(".maps");
`,
    "sums",
  );
  expect(found).toMatchObject({
    text: `#include "maps.h"
static void *f(u32 *key) { return bpf_map_lookup_elem(&sums, key); } // counts
//---
struct { __uint(type, BPF_MAP_TYPE_HASH); } sums SEC(".maps");
`,
  });
  expect(found).toMatchObject({ alsoKnown: expect.stringContaining('"counts" is "sums" in skeletons') });
});

test("what is said stands at the edit where the editor shows it", async () => {
  const pinned = `struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(pinning, LIBBPF_PIN_BY_NAME); } coun$0ts SEC(".maps");\n`;
  const found = await renamed(pinned, "sums", { annotates: true });
  expect(found).toMatchObject({
    edit: {
      documentChanges: [
        { textDocument: { uri: "file:///test.bpf.c" }, edits: [{ annotationId: "rename", newText: "sums" }] },
      ],
      changeAnnotations: { rename: { description: expect.stringContaining("pinned") } },
    },
  });
  expect(await renamed("static int quiet$0;\n", "calm", { annotates: true })).toMatchObject({
    alsoKnown: "",
    text: "static int calm;\n",
  });
});

test("a local, where another has the same name", async () => {
  expect(
    await renamed("int n; static int f(int n) { int m = n; { int n = m; m = n$0; } return n; }", "k"),
  ).toMatchObject({
    text: "int n; static int f(int n) { int m = n; { int k = m; m = k; } return n; }",
  });
});

test("what is not ours is not renamed, and the reason is told", async () => {
  const helper = "static int f(void *c) { return bpf_get$0_smp_processor_id(); }";
  expect(await renamed(helper, "x")).toBe('"bpf_get_smp_processor_id" is a helper of the kernel.');
  expect(await renamed("extern void bpf_rcu_read$0_lock(void) __ksym;", "x")).toBe(
    '"bpf_rcu_read_lock" is a function of the kernel.',
  );
  expect(await renamed("extern int CONFIG_$0HZ __kconfig;", "x")).toBe(
    '"CONFIG_HZ" is an option of the kernel\'s configuration.',
  );
  expect(await renamed("static int f(struct task_str$0uct *t) { return 0; }", "x")).toBe(
    '"task_struct" is defined neither in this file nor in a header of the workspace.',
  );
  expect(await renamed("extern int el$0sewhere;", "x")).toBe(
    '"elsewhere" is only declared here. Rename it where it is defined.',
  );
  expect(await renamed("int x; // noth$0ing", "x")).toBe("There is no name here that can be renamed.");
  expect(await renamed('SEC("kprobe/x") int BPF_KPROBE(f) { return g(ct$0x); }', "x")).toBe(
    '"ctx" has its name from the macro that makes the program.',
  );
  expect(await renamed('#define MAKE(x) int made_##x SEC(".data.x")\nMAKE(one);\nint *p = &made_$0one;', "x")).toBe(
    'A macro makes "made_one": its name is nowhere written as a whole.',
  );
  const shared =
    '#include "event.h"\nstatic int f(struct eve$0nt *e) { return 0; }\n//- /event.h\nstruct event { int a; };\n';
  expect(await renamed(shared, "x")).toBe(
    '"event" stands in a header, which files that are no BPF code may include as well.',
  );
  const foreign = { kb, isOurs: (uri: string) => !uri.endsWith("system.h") };
  const system = '#include "system.h"\nint *p = &limit$0;\n//- /system.h\nint limit;\n';
  expect(await renamed(system, "x", { place: foreign })).toBe(
    '"limit" stands in system.h, which is no file of this workspace.',
  );
});

test("a name that cannot be, or that something else has, is refused", async () => {
  expect(await renamed("int a$0;", "1x")).toBe('"1x" is no name in C.');
  expect(await renamed("int a$0;", "while")).toBe('"while" is a word of C.');
  expect(await renamed("int a$0;\nint b;", "b")).toBe('"b" is taken: test.bpf.c, line 2.');
  // A local is in the way only where the other is used.
  expect(await renamed("int a$0;\nint f(int b) { return a + b; }", "b")).toBe('"b" is taken: test.bpf.c, line 2.');
  expect(await renamed("int a$0;\nint f(int b) { return b; }", "b")).toMatchObject({
    text: "int b;\nint f(int b) { return b; }",
  });
  expect(await renamed("int g; int f(int a$0) { return a + g; }", "g")).toBe('"g" is taken: test.bpf.c, line 1.');
  expect(await renamed("int f(int a$0) { int b = a; return b; }", "b")).toBe('"b" is taken: test.bpf.c, line 1.');
  expect(await renamed("struct b { int b; }; int a$0;", "b")).toMatchObject({ text: "struct b { int b; }; int b;" });
});

test("a local that a macro speaks of, or brings along, keeps its name", async () => {
  const macro = "#define LOOK(m) bpf_map_lookup_elem(&m, &key)\n#define ALL LOOK(a)\n";
  expect(await renamed(`${macro}static void *f(u32 key$0) { return ALL; }`, "k")).toBe(
    'The macro "ALL" speaks of "key", too.',
  );
  expect(await renamed(`${macro}static int g(u32 key$0) { return key; }`, "k")).toMatchObject({
    text: `${macro}static int g(u32 k) { return k; }`,
  });
  expect(await renamed("#define DECLARE int cou$0nter = 0;\nstatic int f(void) { DECLARE return counter; }", "x")).toBe(
    '"counter" is declared by a macro, and known wherever that is used.',
  );
  expect(await renamed("#define MAX(a, b) ({ typeof(a) _$0a = (a); _a > b ? _a : b; })\n", "x")).toMatchObject({
    text: "#define MAX(a, b) ({ typeof(a) x = (a); x > b ? x : b; })\n",
  });
  expect(await renamed('#define MAKE(n$0) int m##n, n##_x SEC(".data.x")\nMAKE(one);\n', "x")).toMatchObject({
    text: '#define MAKE(x) int m##x, x##_x SEC(".data.x")\nMAKE(one);\n',
  });
});
