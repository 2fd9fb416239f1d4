/** A project in Go with cilium/ebpf: BPF program and header in a folder of their own, bpf2go, the program that loads it. */

import { goLoader } from "./go/loader.ts";
import { placeOf } from "./programs/kind.ts";
import { readme } from "./readme.ts";
import { bpfSource, type ProjectFile, projectSettings, sharedHeader, type Wish } from "./shared.ts";

/** The first that needs Go 1.24, whose `tool` lines run bpf2go in the version of the library. */
const LIBRARY = "v0.20.0";
/** What that release asks for. */
const GO = "1.24.0";
const SYS = "v0.37.0";

export function goProject(given: Wish): readonly ProjectFile[] {
  const wish = forGo(given);
  const { name, kind } = wish;
  const isEvents = kind.output.shape === "events";
  // bpf2go writes Go types for those that the object has, and a local variable leaves none there.
  const keeps = isEvents
    ? "/* For bpf2go: keeps the type in the object. */\nconst struct event *unused_event __attribute__((unused));"
    : "";
  return [
    { path: `bpf/${name}.bpf.c`, text: bpfSource(wish, keeps) },
    { path: `bpf/${name}.h`, text: sharedHeader(wish) },
    { path: "main.go", text: goLoader(wish) },
    { path: "gen.go", text: generate(wish, isEvents) },
    { path: "go.mod", text: goModule(wish) },
    { path: ".gitignore", text: `/${name}\n/bpf/vmlinux.h\n/bpf/*.o\n` },
    { path: "hookpoint.json", text: projectSettings(wish, "cilium/ebpf") },
    { path: "README.md", text: goReadme(wish) },
  ];
}

/** The library attaches to traffic control by links alone, which are newer. */
function forGo(wish: Wish): Wish {
  return wish.kind.id === "tc" ? { ...wish, kind: { ...wish.kind, since: "6.6" } } : wish;
}

function generate({ name }: Wish, isEvents: boolean): string {
  return `package main

// The types of the kernel that runs here. Thanks to CO-RE the program runs on others, too.
//go:generate sh -c "PATH=$PATH:/usr/sbin bpftool btf dump file /sys/kernel/btf/vmlinux format c > bpf/vmlinux.h"

// Compiles the BPF program and writes bpf_*.go, which has it and the types that it shares.
//go:generate go tool bpf2go -target native${isEvents ? " -type event" : ""} bpf bpf/${name}.bpf.c -- -Wall
`;
}

function goModule({ name, kind }: Wish): string {
  const usesSys = kind.programs.some(({ hook }) => hook.to === "cpus");
  return `module example.com/${name}

go ${GO}

tool github.com/cilium/ebpf/cmd/bpf2go

require github.com/cilium/ebpf ${LIBRARY}

require golang.org/x/sys ${SYS}${usesSys ? "" : " // indirect"}
`;
}

function goReadme(wish: Wish): string {
  const { name, kind } = wish;
  return readme(wish, {
    needs: [
      "Go 1.24 or newer",
      "clang 14 or newer with llvm-strip, and bpftool; a clang with another name: `BPF2GO_CC=clang-19 go generate`",
      "the headers of libbpf: `libbpf-dev` on Debian and Ubuntu, `libbpf-devel` on Fedora",
    ],
    build: ["go mod tidy   # once: fetches cilium/ebpf", "go generate   # compiles the BPF program", "go build"],
    run: `sudo ./${name}${placeOf(kind) === "interface" ? " eth0" : ""}`,
    files: [
      [`bpf/${name}.bpf.c`, "the part that runs in the kernel"],
      [`bpf/${name}.h`, "what it shares with the program in Go"],
      ["main.go", "the program that loads it and shows what it tells"],
      ["gen.go", "what `go generate` does"],
      ["go.mod", `the module; give it the name of the place where it will be published`],
      ["hookpoint.json", "the oldest kernel it must run on, for Hookpoint's findings"],
      ["bpf/vmlinux.h", "made by `go generate`: the types of the kernel"],
      ["bpf_*.go, bpf_*.o", "made by `go generate`: commit them, and others can build with Go alone"],
    ],
  });
}
