/** A project in C with libbpf: BPF program, shared header, the program that loads it, Makefile. */

import { cLoader } from "./c/loader.ts";
import { placeOf } from "./programs/kind.ts";
import { readme } from "./readme.ts";
import { bpfSource, type ProjectFile, projectSettings, sharedHeader, type Wish } from "./shared.ts";

export function cProject(wish: Wish): readonly ProjectFile[] {
  const { name } = wish;
  return [
    { path: `${name}.bpf.c`, text: bpfSource(wish) },
    { path: `${name}.h`, text: sharedHeader(wish) },
    { path: `${name}.c`, text: cLoader(wish) },
    { path: "Makefile", text: makefile(wish) },
    { path: ".gitignore", text: `/${name}\n/vmlinux.h\n*.o\n*.skel.h\n` },
    { path: "hookpoint.json", text: projectSettings(wish, "libbpf") },
    { path: "README.md", text: cReadme(wish) },
  ];
}

function makefile({ name, kind }: Wish): string {
  const argument = placeOf(kind) === "interface" ? " ARGS=eth0" : "";
  return `# make builds ${name}, make run${argument} runs it, make clean removes what was built.
# Other tools: make CLANG=clang-18 BPFTOOL=/path/to/bpftool

APP := ${name}

# The first of these that is there. Distributions put numbers behind clang, and bpftool where only root looks for it.
first = $(firstword $(foreach tool,$(1),$(shell command -v $(tool) 2>/dev/null)))
ifndef CLANG
CLANG := $(call first,clang $(foreach version,22 21 20 19 18 17 16 15 14,clang-$(version)))
endif
ifndef BPFTOOL
BPFTOOL := $(call first,bpftool /usr/local/sbin/bpftool /usr/sbin/bpftool $(wildcard /usr/lib/linux-tools/*/bpftool))
endif

# What libbpf calls the processor.
MACHINE := $(shell uname -m)
ARCH := $(shell echo $(MACHINE) | sed -e 's/x86_64/x86/' -e 's/aarch64/arm64/' -e 's/ppc64le/powerpc/' \\
	-e 's/mips.*/mips/' -e 's/riscv64/riscv/' -e 's/loongarch64/loongarch/' -e 's/s390x/s390/' -e 's/arm.*/arm/;s/arm$$/&/')

# Debian and Ubuntu keep asm/ where a build for BPF does not look.
SYSTEM_HEADERS := $(addprefix -idirafter ,$(wildcard /usr/include/$(MACHINE)-linux-gnu))
LIBBPF_CFLAGS := $(shell pkg-config --cflags libbpf 2>/dev/null)
LIBBPF_LIBS := $(or $(shell pkg-config --libs libbpf 2>/dev/null),-lbpf)

CFLAGS ?= -g -O2 -Wall
# -g: without type information libbpf can neither load the program nor make maps.
BPF_CFLAGS ?= -g -O2 -Wall

all: $(APP)

$(APP): $(APP).c $(APP).h $(APP).skel.h
	$(CC) $(CFLAGS) $(LIBBPF_CFLAGS) $(LDFLAGS) -o $@ $< $(LIBBPF_LIBS)

# The object as C, with functions that load and attach it.
$(APP).skel.h: $(APP).bpf.o
	$(call need,BPFTOOL,bpftool) gen skeleton $< name $(subst -,_,$(APP))_bpf > $@

$(APP).bpf.o: $(APP).bpf.c $(APP).h vmlinux.h
	$(call need,CLANG,clang) $(BPF_CFLAGS) -target bpf -D__TARGET_ARCH_$(ARCH) $(LIBBPF_CFLAGS) $(SYSTEM_HEADERS) -c $< -o $(APP).tmp.bpf.o
	$(call need,BPFTOOL,bpftool) gen object $@ $(APP).tmp.bpf.o
	rm -f $(APP).tmp.bpf.o

# The types of the kernel that runs here. Thanks to CO-RE the program runs on others, too.
vmlinux.h:
	$(call need,BPFTOOL,bpftool) btf dump file /sys/kernel/btf/vmlinux format c > $@

need = $(or $($(1)),$(error $(2) was not found. Install it, or say where it is: make $(1)=/path/to/$(2)))

run: $(APP)
	$(if $(filter 0,$(shell id -u)),,sudo) ./$(APP) $(ARGS)

clean:
	rm -f $(APP) $(APP).skel.h $(APP).bpf.o $(APP).tmp.bpf.o vmlinux.h

# No half-written file stays.
.DELETE_ON_ERROR:
.PHONY: all run clean
`;
}

function cReadme(wish: Wish): string {
  const { name, kind } = wish;
  const argument = placeOf(kind) === "interface" ? " ARGS=eth0" : "";
  return readme(wish, {
    needs: [
      "clang 14 or newer, bpftool, make and a C compiler",
      "libbpf with its headers: `libbpf-dev` on Debian and Ubuntu, `libbpf-devel` on Fedora",
    ],
    build: ["make"],
    run: `make run${argument}`,
    files: [
      [`${name}.bpf.c`, "the part that runs in the kernel"],
      [`${name}.c`, "the program that loads it and shows what it tells"],
      [`${name}.h`, "what both must agree on"],
      ["Makefile", "how it is built"],
      ["hookpoint.json", "the oldest kernel it must run on, for Hookpoint's findings"],
      ["vmlinux.h", "made by the build: the types of the kernel"],
      [`${name}.skel.h`, "made by the build: the object, with functions that load and attach it"],
    ],
  });
}
