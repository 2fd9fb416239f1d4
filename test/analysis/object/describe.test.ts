/** What is said of objects, beside what LLVM and bpftool say of the same. */

import { expect, test } from "vitest";
import { describeObject } from "../../../server/src/analysis/object/describe.ts";
import { objectFacts } from "../../../server/src/analysis/object/facts.ts";
import { listObject } from "../../../server/src/analysis/object/listing.ts";
import { openObject } from "../../../server/src/analysis/object/open.ts";
import { kb } from "../../support/check.ts";
import { bytesOf, compiled, EVERYTHING, llvm, run } from "../../support/objects.ts";
import { needTool } from "../../support/tools.ts";
import { findProgram } from "../../vscode/process.mjs";

const facts = objectFacts(kb);
const describe = (path: string) => describeObject(openObject(bytesOf(path)), facts);

test("programs, what their sections mean, and what they use through what they call", (ctx) => {
  const { programs, subprograms, licence, version, problems } = describe(compiled(EVERYTHING, ["-g"], ctx));
  expect([licence, version, problems]).toEqual(["Dual MIT/GPL", 0x060102, []]);
  expect(programs.map(({ name, section }) => `${section} ${name}`)).toEqual([
    "tp/sched/sched_switch on_switch",
    "?lsm.s/file_open on_open",
  ]);
  const [first, second] = programs;
  expect(first).toMatchObject({
    meaning: { type: "TRACEPOINT", target: "sched/sched_switch", sleepable: false, autoload: true },
    helpers: ["bpf_map_lookup_elem", "bpf_loop"],
    kfuncs: ["bpf_rcu_read_lock"],
    maps: ["seen"],
  });
  expect([...(first?.subprograms ?? [])].sort()).toEqual(["each", "outside", "thrice"]);
  expect(second).toMatchObject({ meaning: { type: "LSM", sleepable: true, autoload: false }, maps: ["outer"] });
  expect(subprograms.map(({ name, isGlobal }) => [name, isGlobal]).sort()).toEqual([
    ["each", false],
    ["outside", true],
    ["thrice", false],
  ]);
  const sum = subprograms.reduce((total, one) => total + one.instructions, first?.instructions ?? 0);
  expect(first?.allInstructions).toBe(sum);
});

test("maps with their types and sizes", (ctx) => {
  const { maps } = describe(compiled(EVERYTHING, ["-g"], ctx));
  const byName = Object.fromEntries(maps.map((map) => [map.name, map]));
  expect(Object.keys(byName).sort()).toEqual(["one", "outer", "seen"]);
  expect(byName["seen"]).toEqual({
    name: "seen",
    section: ".maps",
    type: 1,
    key: "u32",
    keySize: 4,
    value: "struct point",
    valueSize: 20,
    maxEntries: 16,
    flags: 1,
    pinning: 1,
    more: {},
  });
  expect(byName["one"]).toMatchObject({ type: 2, keySize: 4, valueSize: 8, maxEntries: 1 });
  expect(byName["outer"]).toMatchObject({
    type: 12,
    maxEntries: 2,
    holds: ["[0] one"],
    more: { values: "struct inner *[]" },
  });
});

test("a structure that the kernel takes functions from is a map, with the functions in it", (ctx) => {
  const text = `
struct congestion { int pad; void (*init)(void *sk); unsigned (*ssthresh)(void *sk); char name[16]; };
__attribute__((section("struct_ops"), used)) void my_init(void *ctx) {}
__attribute__((section("struct_ops"), used)) unsigned my_ssthresh(void *ctx) { return 2; }
struct congestion mine __attribute__((section(".struct_ops.link"), used)) = { .ssthresh = my_ssthresh, .init = my_init, .name = "mine" };
`;
  const { maps, programs } = describe(compiled(text, ["-g"], ctx));
  expect(programs.map(({ name, meaning }) => [name, meaning?.type])).toEqual([
    ["my_init", "STRUCT_OPS"],
    ["my_ssthresh", "STRUCT_OPS"],
  ]);
  expect(maps).toEqual([
    {
      name: "mine",
      section: ".struct_ops.link",
      value: "struct congestion",
      valueSize: 40,
      maxEntries: 1,
      holds: ["init = my_init", "ssthresh = my_ssthresh"],
      more: {},
    },
  ]);
});

test("global data with types and first values", (ctx) => {
  const { variables } = describe(compiled(EVERYTHING, ["-g"], ctx));
  const said = Object.fromEntries(variables.map(({ name, section, type, value }) => [name, [section, type, value]]));
  expect(said).toMatchObject({
    wanted: [".rodata", "const volatile int", "42"],
    count: [".bss", "int", "0"],
    hidden: [".data", "long", "-7"],
    who: [".data", "char [16]", JSON.stringify('wörld "x"')],
    place: [".data", "struct point", '{ .x = 3, .mood = LOUD, .name = "here" }'],
    ready: [".data", "_Bool", "true"],
    many: [".data", "u64 [4]", "{ 1, 2, 3, 0 }"],
    pointer: [".bss", "u32 *", "0"],
  });
});

test("what is the kernel's, and what CO-RE asks for", (ctx) => {
  const { externs, coreRelocations } = describe(compiled(EVERYTHING, ["-g"], ctx));
  expect([...externs].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: "bpf_prog_active", kind: "ksym", type: "const void bpf_prog_active", isWeak: false },
    { name: "bpf_rcu_read_lock", kind: "kfunc", type: "void bpf_rcu_read_lock(void)", isWeak: true },
    { name: "CONFIG_HZ", kind: "kconfig", type: "int CONFIG_HZ", isWeak: true },
  ]);
  expect(coreRelocations.map(({ access }) => access)).toEqual([
    "offset of file.in.deep[2]",
    "offset of inode.i_ino",
    "value of kernels::SECOND",
  ]);
});

test("legacy maps are five numbers", (ctx) => {
  const text = `
struct { unsigned type, key_size, value_size, max_entries, map_flags; }
  first __attribute__((section("maps"), used)) = { 1, 4, 8, 100, 1 },
  second __attribute__((section("maps"), used)) = { 2, 4, 16, 3, 0 };
char LICENSE[] __attribute__((section("license"), used)) = "GPL";
`;
  const { maps } = describe(compiled(text, ["-g"], ctx));
  expect(maps).toEqual([
    { name: "first", section: "maps", type: 1, keySize: 4, valueSize: 8, maxEntries: 100, flags: 1, more: {} },
    { name: "second", section: "maps", type: 2, keySize: 4, valueSize: 16, maxEntries: 3, flags: 0, more: {} },
  ]);
});

/** Everything but where it lies: what another form of the same object must say as well. */
function essence(path: string) {
  const { programs, subprograms, maps, variables, externs, coreRelocations, licence, version } = describe(path);
  const named = <T extends { readonly name: string }>(all: readonly T[]) =>
    [...all].sort((a, b) => a.name.localeCompare(b.name));
  return {
    programs: named(programs),
    subprograms: named(subprograms).map(({ name, instructions }) => [name, instructions]),
    maps: named(maps),
    variables: named(variables).map(({ name, section, type, value }) => [name, section, type, value]),
    externs: named(externs),
    accesses: coreRelocations.map(({ access }) => access),
    licence,
    version,
  };
}

test("big-endian, stripped and linked objects say the same", (ctx) => {
  needTool("bpftool", ctx);
  const plain = compiled(EVERYTHING, ["-g"], ctx);
  const big = compiled(EVERYTHING, ["-g", "-target", "bpfeb"], ctx);
  expect(describe(big).byteOrder).toBe("big");
  expect(essence(big)).toEqual(essence(plain));

  const stripped = plain.replace(/\.o$/, ".stripped.o");
  run(llvm("llvm-strip", ctx), "-g", "-o", stripped, plain);
  expect(describe(plain).debugBytes).toBeGreaterThan(0);
  expect(describe(stripped)).toMatchObject({ debugBytes: 0, lines: describe(plain).lines });
  expect(essence(stripped)).toEqual(essence(plain));

  const linked = plain.replace(/\.o$/, ".linked.o");
  run("bpftool", "gen", "object", linked, plain);
  expect(essence(linked)).toEqual(essence(plain));
});

test("without -g there are no types and no lines, and the rest is there", (ctx) => {
  const plain = EVERYTHING.replaceAll("CORE;", ";").replace(/^.*preserve_enum_value.*$/m, "");
  const { types, lines, programs, maps, variables, externs } = describe(compiled(plain, ["-g0"], ctx));
  expect([types, lines]).toEqual([undefined, 0]);
  expect(programs.map(({ name, maps: used }) => [name, used])).toEqual([
    ["on_switch", ["seen"]],
    ["on_open", ["outer"]],
  ]);
  expect(maps.map(({ name }) => name).sort()).toEqual(["one", "outer", "seen"]);
  expect(variables.find(({ name }) => name === "wanted")?.value).toBe("2a 00 00 00");
  expect(new Set(externs.map(({ kind }) => kind))).toEqual(new Set(["unknown"]));
});

test.each(["v1", "v2", "v3"])("instructions are those that LLVM sees, and %s is noticed", (cpu, ctx) => {
  const text = `
typedef unsigned int u32;
int f(u32 *p, int n) __attribute__((section("socket"), used));
int f(u32 *p, int n) { int sum = 0; for (int i = 0; i < p[9]; i++) sum += p[i % 7] / 3 + (p[1] < p[2]); return sum + 0x123456789abll % p[3]; }
`;
  const path = compiled(text, ["-g", `-mcpu=${cpu}`], ctx as never);
  expect(describe(path).instructionSet).toBe(cpu);
  expect(ours(path)).toEqual(theirs(path));
});

test("instructions of a large object are those that LLVM sees", (ctx) => {
  llvm("llvm-objdump", ctx);
  for (const flags of [["-g"], ["-g0"]]) {
    const text =
      flags[0] === "-g" ? EVERYTHING : EVERYTHING.replaceAll("CORE;", ";").replace(/^.*preserve_enum_value.*$/m, "");
    const path = compiled(text, flags, ctx);
    expect(ours(path)).toEqual(theirs(path));
  }
});

test("types and maps are those that bpftool sees", (ctx) => {
  needTool("bpftool", ctx);
  const path = compiled(EVERYTHING, ["-g"], ctx);
  const btf = JSON.parse(run("bpftool", "-j", "btf", "dump", "file", path));
  const { types, maps } = describe(path);
  expect(types?.count).toBe(btf.types.length);
  const datasec = btf.types.find(
    (type: { kind: string; name: string }) => type.kind === "DATASEC" && type.name === ".maps",
  );
  const name = (id: number) => btf.types.find((type: { id: number }) => type.id === id).name;
  expect(maps.map((map) => map.name).sort()).toEqual(
    datasec.vars.map((variable: { type_id: number }) => name(variable.type_id)).sort(),
  );
});

function ours(path: string): readonly string[] {
  return listObject(openObject(bytesOf(path))).flatMap(({ name, instructions }) =>
    instructions.map(({ index, text }) => `${name} ${index} ${text.slice(1, 3)}`),
  );
}

function theirs(path: string): readonly string[] {
  const found: string[] = [];
  let [name, start] = ["", 0];
  for (const line of run(llvm("llvm-objdump"), "-d", path).split("\n")) {
    const head = /^([0-9a-f]{16}) <(.*)>:$/.exec(line);
    // Labels within functions are shown as heads, too.
    if (head !== null && !(head[2] ?? "").startsWith("LBB"))
      [name, start] = [head[2] ?? "", Number.parseInt(head[1] ?? "", 16) / 8];
    const one = /^\s+(\d+):\t([0-9a-f]{2}) /.exec(line);
    if (one !== null) found.push(`${name} ${Number(one[1]) - start} ${one[2]}`);
  }
  expect(found.length).toBeGreaterThan(5);
  return found;
}

test("what each clang of this machine makes is read alike", (ctx) => {
  const path = compiled(EVERYTHING, ["-g"], ctx);
  const versions = [22, 21, 20, 19, 18, 17, 16, 15, 14].filter((version) => findProgram(`clang-${version}`));
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions) {
    const clang = `clang-${version}`;
    const object = path.replace(/\.o$/, `.${version}.o`);
    run(clang, "-target", "bpf", "-g", "-O2", "-c", path.replace(/\.o$/, ".c"), "-o", object);
    expect(essence(object), clang).toMatchObject({
      licence: "Dual MIT/GPL",
      version: 0x060102,
      maps: essence(path).maps,
    });
    expect(describe(object).programs.map(({ name }) => name)).toEqual(["on_switch", "on_open"]);
    expect(ours(object)).toEqual(theirs(object));
  }
});
