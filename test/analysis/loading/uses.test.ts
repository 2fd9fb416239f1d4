import { expect, test } from "vitest";
import { goName, readLoader } from "../../../server/src/analysis/loading/uses.ts";

/** `kind name` of each use, and what is loaded. */
function read(path: string, text: string) {
  const { objects, uses } = readLoader(path, text);
  for (const { name, start, end } of uses) expect(text.slice(start, end)).toBe(name);
  return { objects: objects.map(({ name }) => name), uses: uses.map(({ kind, name }) => `${kind} ${name}`) };
}

test("a skeleton's maps, programs, links and variables", () => {
  const text = `#include <stdio.h>
#include "watch.skel.h"
int main(void)
{
	struct watch_bpf *skel = watch_bpf__open();
	skel->rodata->limit = 3; /* skel->maps.nowhere */
	bpf_program__set_autoload(skel->progs.on_exit, false);
	skel->links.on_exec = bpf_program__attach(skel->progs.on_exec);
	printf("skel->maps.in_text %d", bpf_map__fd(skel->maps.events));
	return skel->bss->count + skel->data_hot->x + bpf_map__fd(skel->struct_ops.scheduler);
}
`;
  expect(read("/a/watch.c", text)).toEqual({
    objects: ["watch"],
    uses: [
      "global limit",
      "program on_exit",
      "program on_exec",
      "program on_exec",
      "map events",
      "global count",
      "global x",
      "map scheduler",
    ],
  });
});

test("names that libbpf looks up, and the object that is opened", () => {
  const text = `#include <bpf/libbpf.h>
int main(void)
{
	struct bpf_object *obj = bpf_object__open_file("build/watch.bpf.o", NULL);
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "events");
	int fd = bpf_object__find_map_fd_by_name(obj,
		"counts");
	return !bpf_object__find_program_by_name(obj, "on_exit") + obj->maps.other;
}
`;
  expect(read("/a/load.c", text)).toEqual({
    objects: ["watch.bpf"],
    uses: ["map events", "map counts", "program on_exit", "map other"],
  });
});

test("members of the same name in a program that loads nothing", () => {
  expect(read("/a/plain.c", "int f(struct s *s) { return s->maps.events + s->data->x; }").uses).toEqual([]);
});

test("a skeleton itself", () => {
  const text = `struct watch_bpf {
	struct bpf_object_skeleton *skeleton;
	struct bpf_object *obj;
	struct {
		struct bpf_map *events;
		struct bpf_map *rodata;
	} maps;
	struct {
		struct bpf_program *on_exit;
	} progs;
	struct watch_bpf__rodata {
		int limit;
		char names[4][16];
	} *rodata;
};
`;
  expect(read("/a/watch.skel.h", text)).toEqual({
    objects: ["watch"],
    uses: ["map events", "map rodata", "program on_exit", "global limit", "global names"],
  });
});

test("what bpf2go makes, wherever a variable of its types is", () => {
  const text = `package main

//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -type event -tags linux watch ../bpf/watch.bpf.c -- -I../headers

type tracer struct {
	objs watchObjects
	cfg  config
}

func main() {
	var maps watchMaps
	specs := &watchSpecs{}
	t.objs.Events.Close()
	_ = t.objs.OnExit // objs.Comment
	_ = t.cfg.Events
	_ = maps.MyCounts
	defer t.objs.Close()
	_ = specs
}
`;
  expect(read("/a/main.go", text)).toEqual({
    objects: ["../bpf/watch.bpf.c"],
    uses: [
      "map Events",
      "program Events",
      "global Events",
      "map OnExit",
      "program OnExit",
      "global OnExit",
      "map MyCounts",
    ],
  });
});

test("names in tags and tables", () => {
  const text = `import "github.com/cilium/ebpf"
type objects struct {
	Events *ebpf.Map     \`ebpf:"events"\`
	Exit   *ebpf.Program \`ebpf:"on_exit"\`
	Other  string        \`ebpf:"other"\`
}
func f(c *ebpf.Collection) { _ = c.Maps["counts"]; _ = c.Programs["on_exec"] }
`;
  expect(read("/a/load.go", text).uses).toEqual(["map events", "program on_exit", "map counts", "program on_exec"]);
});

test.each([
  ["events", "Events"],
  ["my_map", "MyMap"],
  ["kprobe__sys_open", "KprobeSysOpen"],
  ["XSKS", "XSKS"],
])("%s is %s in Go", (name, field) => {
  expect(goName(name)).toBe(field);
});

test("of several objects the one that a variable is of", () => {
  const objectsOf = (path: string, text: string) =>
    readLoader(path, text).uses.map(({ name, object }) => `${name} ${object}`);
  const c = `#include "a.skel.h"
#include "b.skel.h"
int f(struct b_bpf *skel) { return skel->maps.one; }
int g(struct all *all)
{
	struct a_bpf *skel = a_bpf__open();
	all->other = b_bpf__open_and_load();
	return skel->maps.two + all->other->maps.three + all->unknown->bss->four;
}
`;
  expect(objectsOf("/a/load.c", c)).toEqual(["one b", "two a", "three b", "four undefined"]);
  const go = `package main
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go a a.bpf.c
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go b bpf/b.bpf.c
func f(x *aObjects, y *bObjects) { _, _ = x.One, y.Two }
func g() { var objs aObjects; _ = objs.Three }
func h() { var objs bObjects; _ = objs.Four }
`;
  const found = new Set(objectsOf("/a/main.go", go));
  expect([...found]).toEqual(["One a.bpf.c", "Two bpf/b.bpf.c", "Three undefined", "Four undefined"]);
});

test("a long comment between two names costs nothing", () => {
  const text = `#include "a.skel.h"\n#include "b.skel.h"\nint f(struct b_bpf *skel) { /*${" ".repeat(400_000)}*/ return skel->maps.one; }`;
  const before = performance.now();
  expect(readLoader("/a/load.c", text).uses).toHaveLength(1);
  expect(performance.now() - before).toBeLessThan(1000);
});
