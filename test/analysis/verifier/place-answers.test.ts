import { basename } from "node:path";
import { expect, test } from "vitest";
import { describe } from "../../../server/src/analysis/describe.ts";
import { buildModel } from "../../../server/src/analysis/model.ts";
import { openObject } from "../../../server/src/analysis/object/open.ts";
import type { Answer, Place } from "../../../server/src/analysis/verifier/answer.ts";
import { objectPlaces } from "../../../server/src/analysis/verifier/object-places.ts";
import { placeAnswers } from "../../../server/src/analysis/verifier/place-answers.ts";
import { type PlaceOfName, sourcePlaces } from "../../../server/src/analysis/verifier/source-places.ts";
import { kb, syntax } from "../../support/check.ts";
import { bytesOf, compiled } from "../../support/objects.ts";

const SOURCE = `#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
#define __ksym __attribute__((section(".ksyms")))
#define CORE __attribute__((preserve_access_index))
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *) 1;
extern void bpf_there_is_none(void) __ksym;
struct inode { unsigned long i_ino; unsigned long i_gone; } CORE;

struct {
	__uint(type, 1);
	__uint(max_entries, 4);
	__type(key, unsigned);
	__type(value, unsigned);
} counts_of_events SEC(".maps");

static __attribute__((noinline)) long deep(struct inode *inode)
{
	return inode->i_ino +
	       inode->i_gone;
}

SEC("raw_tp/first")
int first(void *ctx)
{
	unsigned key = 1;

	return bpf_map_lookup_elem(&counts_of_events, &key) != 0;
}

SEC("raw_tp/second")
int second(void *ctx)
{
	bpf_there_is_none();
	return deep(*(void **)ctx);
}

SEC("raw_tp/second") int third(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
`;

const lineOf = (text: string): number => SOURCE.slice(0, SOURCE.indexOf(text)).split("\n").length;

function fromSource(): PlaceOfName {
  const { model, tree } = buildModel(SOURCE, syntax);
  const description = describe(model, kb);
  tree.dispose();
  return sourcePlaces("/src/x.bpf.c", SOURCE, description);
}

const answer = (said: string): Answer => ({
  said,
  by: "libbpf",
  family: undefined,
  class: "unknown",
  title: said,
  meaning: "",
  advice: "",
  place: undefined,
  story: [],
  rules: [],
});

function placeOf(said: string, finders: readonly PlaceOfName[], program?: string): Place | undefined {
  const one = { name: program, section: undefined, verdict: "refused", stats: undefined, log: "" } as const;
  const answers = [answer(said)];
  const load = program === undefined ? { programs: [], answers } : { programs: [{ ...one, answers }], answers: [] };
  const placed = placeAnswers(load, ...finders);
  return (placed.programs[0]?.answers ?? placed.answers)[0]?.place;
}

test.each([
  ["libbpf: map 'counts_of_events': unknown field 'max_entries'.", "__uint(max_entries"],
  ["libbpf: map 'counts_of_events': conflicting key size 8 != 4.", "__type(key"],
  ["libbpf: map 'counts_of_events': attr 'type': expected PTR, got STRUCT.", "__uint(type, 1)"],
  ["libbpf: map 'counts_of_events': 'values' member should be last.", "} counts_of_events"],
  ["libbpf: map 'counts_of_events': failed to create: -EINVAL", "} counts_of_events"],
  ["map 'counts_of_event': failed to create", "} counts_of_events"],
  ["libbpf: prog 'first': failed to find kernel BTF type ID of 'x': -ESRCH", "int first("],
  [
    "libbpf: prog 'third': missing BPF prog type, check ELF section name 'raw_tp/second'",
    'SEC("raw_tp/second") int third',
  ],
  ["libbpf: extern (func ksym) 'bpf_there_is_none': not found in kernel or module BTFs", "\tbpf_there_is_none();"],
  ["libbpf: elf: invalid license section in x", "char LICENSE"],
  ["invalid section 'raw_tp/first', expected SEC(\"x\")", "int first("],
])("in the source: %s", (said, there) => {
  const place = placeOf(said, [fromSource()]);
  expect(place?.line).toBe(lineOf(there));
  expect(place?.file).toBe("/src/x.bpf.c");
});

test("never a guess: two programs of one section, unknown names", () => {
  expect(placeOf("sec 'raw_tp/second': failed to get relo #3", [fromSource()])).toBeUndefined();
  expect(placeOf("map 'nothing': failed to create", [fromSource()])).toBeUndefined();
  expect(placeOf("what is this", [fromSource()])).toBeUndefined();
});

test("what names nothing is of its program", () => {
  expect(placeOf("load failed", [fromSource()], "first")?.line).toBe(lineOf("int first("));
  expect(placeOf("load failed", [fromSource()], "nobody")).toBeUndefined();
});

test("from the object alone", (ctx) => {
  const object = objectPlaces(openObject(bytesOf(compiled(SOURCE, ["-g"], ctx))));
  const at = (said: string, program?: string): string | undefined => {
    const place = placeOf(said, [object], program);
    return place && `${basename(place.file ?? "").replace(/-\d+/, "")} ${place.text}`;
  };
  expect(at("map 'counts_of_events': failed to create")).toBe(
    "source.bpf.c return bpf_map_lookup_elem(&counts_of_events, &key) != 0;",
  );
  expect(at("extern (func ksym) 'bpf_there_is_none': not found")).toBe("source.bpf.c bpf_there_is_none();");
  expect(at("prog 'second': failed to attach")).toBe("source.bpf.c int second(void *ctx)");
  expect(at("prog 'deep': relo #0: no matching targets found")).toBe("source.bpf.c return inode->i_ino +");
  expect(at("prog 'deep': relo #1: no matching targets found")).toBe("source.bpf.c inode->i_gone;");
  // What there is not is still of its function, whose code begins there.
  expect(at("prog 'second': relo #99: no matching targets found")).toBe("source.bpf.c int second(void *ctx)");
  expect(at("map 'nothing': failed to create")).toBeUndefined();
});

test("an instruction that libbpf made invalid is the one of the loaded program", (ctx) => {
  const open = openObject(bytesOf(compiled(SOURCE, ["-g"], ctx)));
  const second = open.functions.find(({ name }) => name === "second");
  const deep = open.functions.find(({ name }) => name === "deep");
  const relocated = open.ext?.relocations.find(({ name }) => name === ".text")?.records[1]?.offset ?? 0;
  const number = (second?.length ?? 0) + relocated / 8 - (deep?.start ?? 0);
  const said = `${number}: <invalid CO-RE relocation>\nfailed to resolve CO-RE relocation <byte_off> [2] struct inode.i_gone (0:1 @ offset 8)`;
  const place = placeOf(said, [objectPlaces(open)], "second");
  expect(place?.text).toBe("inode->i_gone;");
  expect(place?.instruction).toBe(number);
});

test("what has a place keeps it", () => {
  const place = { file: "y.c", line: 3 };
  const before = { programs: [], answers: [{ ...answer("prog 'first': bad"), place }] };
  expect(placeAnswers(before, fromSource())).toEqual(before);
});
