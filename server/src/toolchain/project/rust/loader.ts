/** The user-space part in Rust: loads the skeleton, attaches it and shows what it tells. */

import { placeOf } from "../programs/kind.ts";
import { identifier, type Wish } from "../shared.ts";
import { attachInRust } from "./attach.ts";
import { showInRust } from "./show.ts";

/** What one subject adds to the program. */
export interface RustPart {
  /** Paths behind `use`. */
  readonly uses: readonly string[];
  /** Statements of `main`, which returns a result; `skel` and `running` are at hand. */
  readonly statements: readonly string[];
  /** Functions behind it. */
  readonly functions: readonly string[];
}

const USUAL = [
  "std::mem::MaybeUninit",
  "std::sync::atomic::{AtomicBool, Ordering}",
  "std::sync::Arc",
  "anyhow::{Context, Result}",
  "libbpf_rs::skel::{OpenSkel, SkelBuilder}",
];

export function rustLoader(wish: Wish): string {
  const { name, kind } = wish;
  const parts = [attachInRust(kind), showInRust(kind)];
  const all = (field: keyof RustPart): readonly string[] => parts.flatMap((part) => part[field]);
  const uses = [...new Set([...USUAL, ...all("uses")])];
  const own = uses.filter((path) => path.startsWith("std::"));
  const others = uses.filter((path) => !path.startsWith("std::"));
  return `//! Loads ${identifier(name)}.bpf.c into the kernel, attaches it and shows what it tells, until Ctrl-C.

${useLines(own)}

${useLines(others)}

/// Written by build.rs.
mod bpf {
    include!(concat!(env!("OUT_DIR"), "/bpf.skel.rs"));
}

fn main() -> Result<()> {
    let running = Arc::new(AtomicBool::new(true));
    let stop = running.clone();
    ctrlc::set_handler(move || stop.store(false, Ordering::Relaxed))?;
${PLACES[placeOf(kind) ?? "nowhere"].replace("NAME", name)}
    // Here the verifier looks at the programs; what it says about them libbpf prints.
    let mut object = MaybeUninit::uninit();
    let skel = bpf::${typeName(name)}SkelBuilder::default()
        .open(&mut object)?
        .load()
        .context("not loaded: root is needed, and a kernel that allows these programs")?;

${indented(all("statements"))}
    Ok(())
}
${all("functions")
  .map((text) => `\n${text}\n`)
  .join("")}`;
}

/** In the order in which rustfmt has them. */
function useLines(paths: readonly string[]): string {
  return [...paths]
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map((path) => `use ${path};`)
    .join("\n");
}

/** Modules come before types, and those before lists. */
function sortKey(path: string): string {
  return path.replace(/\b(?=[A-Z])/g, "{").replace("::{", "::~{");
}

/** As libbpf-cargo names types: `exec_watch` → `ExecWatch`. */
function typeName(name: string): string {
  return identifier(name)
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** Where a program is attached is said on the command line. */
const PLACES = {
  nowhere: "",
  interface: `
    let interface = env::args().nth(1).context("usage: NAME INTERFACE")?;
    let index = index_of(&interface)?;
`,
  cgroup: `
    // The first of all cgroups has every task in it.
    let path = env::args().nth(1).unwrap_or("/sys/fs/cgroup".to_string());
    let cgroup = File::open(&path).context(path)?;
`,
} as const;

function indented(blocks: readonly string[]): string {
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => (line === "" ? "" : `    ${line}`))
    .join("\n");
}
