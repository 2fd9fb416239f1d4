/** The user-space part in Go: loads the objects, attaches them, shows what they tell and gives everything back. */

import { placeOf } from "../programs/kind.ts";
import type { Wish } from "../shared.ts";
import { attachInGo } from "./attach.ts";
import { showInGo } from "./show.ts";

/** What one subject adds to the program. */
export interface GoPart {
  readonly imports: readonly string[];
  /** Statements of `run`, which returns an error; `objects` and `ctx` are at hand. */
  readonly statements: readonly string[];
  /** Functions and variables behind it. */
  readonly functions: readonly string[];
}

const USUAL = [
  "context",
  "errors",
  "fmt",
  "os",
  "os/signal",
  "syscall",
  "github.com/cilium/ebpf",
  "github.com/cilium/ebpf/rlimit",
];

export function goLoader(wish: Wish): string {
  const { name, kind } = wish;
  const parts = [attachInGo(kind), showInGo(kind)];
  const all = (field: keyof GoPart): readonly string[] => parts.flatMap((part) => part[field]);
  const imports = [...new Set([...USUAL, ...all("imports")])].sort();
  const own = imports.filter((path) => !path.includes("."));
  const others = imports.filter((path) => path.includes("."));
  return `// Loads ${name}.bpf.c into the kernel, attaches it and shows what it tells, until Ctrl-C.
package main

import (
${own.map((path) => `\t"${path}"\n`).join("")}
${others.map((path) => `\t"${path}"\n`).join("")})

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "${name}: %v\\n", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
${PLACES[placeOf(kind) ?? "nowhere"].replace("NAME", name)}
	// Before Linux 5.11 maps and programs count as locked memory.
	if err := rlimit.RemoveMemlock(); err != nil {
		return fmt.Errorf("raising the limit of locked memory (root is needed): %w", err)
	}

	// Here the verifier looks at the programs.
	var objects bpfObjects
	if err := loadBpfObjects(&objects, nil); err != nil {
		var refused *ebpf.VerifierError
		if errors.As(err, &refused) {
			fmt.Fprintf(os.Stderr, "%+v\\n", refused)
		}
		return fmt.Errorf("the programs could not be loaded (root is needed, and a kernel that allows them): %w", err)
	}
	defer objects.Close()

${indented(all("statements"))}
}
${all("functions")
  .map((text) => `\n${text}\n`)
  .join("")}`;
}

/** Where a program is attached is said on the command line. */
const PLACES = {
  nowhere: "",
  interface: `
	if len(os.Args) != 2 {
		return errors.New("usage: NAME INTERFACE")
	}
	device, err := net.InterfaceByName(os.Args[1])
	if err != nil {
		return fmt.Errorf("%s: %w", os.Args[1], err)
	}
`,
  cgroup: `
	// The first of all cgroups has every task in it.
	cgroup := "/sys/fs/cgroup"
	if len(os.Args) > 1 {
		cgroup = os.Args[1]
	}
`,
} as const;

function indented(blocks: readonly string[]): string {
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => (line === "" ? "" : `\t${line}`))
    .join("\n");
}

/** As bpf2go names things: `local_address` → `LocalAddress`. */
export function exported(name: string): string {
  return name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

export function unexported(name: string): string {
  const whole = exported(name);
  return whole.charAt(0).toLowerCase() + whole.slice(1);
}
