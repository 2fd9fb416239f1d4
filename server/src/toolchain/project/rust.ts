/** A project in Rust with libbpf-rs: BPF program and header below src, a build script, the program that loads it. */

import { placeOf } from "./programs/kind.ts";
import { readme } from "./readme.ts";
import { rustLoader } from "./rust/loader.ts";
import { bpfSource, identifier, type ProjectFile, projectSettings, sharedHeader, type Wish } from "./shared.ts";

/** Of libbpf-rs and libbpf-cargo, which are released together. */
const LIBRARY = "0.27";
/** The oldest that this release builds with. */
const RUST = "1.82";

export function rustProject(wish: Wish): readonly ProjectFile[] {
  const { name, kind } = wish;
  // libbpf-cargo makes names of types from the file's, which must be an identifier then.
  const inBpf = { name: identifier(name), kind };
  const isEvents = kind.output.shape === "events";
  const keeps = isEvents
    ? "/* For libbpf-cargo, which writes Rust types for those that a variable has. */\nconst struct event *unused_event __attribute__((unused));"
    : "";
  return [
    { path: `src/bpf/${inBpf.name}.bpf.c`, text: bpfSource(inBpf, keeps) },
    { path: `src/bpf/${inBpf.name}.h`, text: sharedHeader(inBpf) },
    { path: "src/main.rs", text: rustLoader(wish) },
    { path: "build.rs", text: buildScript(inBpf) },
    { path: "Cargo.toml", text: manifest(wish) },
    { path: ".gitignore", text: "/target\n/src/bpf/vmlinux.h\n/src/bpf/*.o\n" },
    { path: "hookpoint.json", text: projectSettings(wish, "libbpf") },
    { path: "README.md", text: rustReadme(wish, inBpf.name) },
  ];
}

function manifest({ name, kind }: Wish): string {
  const usesSystem = kind.programs.some(({ hook }) => ["interface", "tc", "cpus"].includes(hook.to));
  return `[package]
name = "${name}"
version = "0.1.0"
edition = "2021"
rust-version = "${RUST}"

[dependencies]
anyhow = "1"
ctrlc = { version = "3", features = ["termination"] }
libbpf-rs = "${LIBRARY}"
${usesSystem ? 'libc = "0.2"\n' : ""}
[build-dependencies]
anyhow = "1"
libbpf-cargo = "${LIBRARY}"
`;
}

function buildScript({ name }: Wish): string {
  return `//! Compiles the BPF program and writes its skeleton: the object, with functions that load and attach it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};
use libbpf_cargo::SkeletonBuilder;

const SOURCE: &str = "src/bpf/${name}.bpf.c";
const VMLINUX: &str = "src/bpf/vmlinux.h";

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=src/bpf");
    println!("cargo:rerun-if-env-changed=CLANG");
    if !Path::new(VMLINUX).exists() {
        write_vmlinux()?;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    SkeletonBuilder::new()
        .source(SOURCE)
        .clang(env::var_os("CLANG").unwrap_or("clang".into()))
        .clang_args(["-Wall"])
        .build_and_generate(out.join("bpf.skel.rs"))
        .context("the BPF program could not be built (CLANG=clang-19 names another clang)")
}

/// Writes the types of the kernel that runs here. Thanks to CO-RE the program runs on others, too.
fn write_vmlinux() -> Result<()> {
    // Debian keeps bpftool where only root looks for it.
    let path = format!("{}:/usr/sbin", env::var("PATH").unwrap_or_default());
    let output = Command::new("bpftool")
        .args("btf dump file /sys/kernel/btf/vmlinux format c".split(' '))
        .env("PATH", path)
        .output()
        .context("bpftool could not be started: it is needed to write vmlinux.h")?;
    if !output.status.success() {
        bail!("bpftool: {}", String::from_utf8_lossy(&output.stderr));
    }
    fs::write(VMLINUX, output.stdout).context(VMLINUX)
}
`;
}

function rustReadme(wish: Wish, inBpf: string): string {
  const { name, kind } = wish;
  return readme(wish, {
    needs: [
      `Rust ${RUST} or newer, a C compiler, make and pkg-config`,
      "libelf and zlib with their headers: `libelf-dev zlib1g-dev` on Debian and Ubuntu, `elfutils-libelf-devel zlib-devel` on Fedora",
      "clang 14 or newer, and bpftool; a clang with another name: `CLANG=clang-19 cargo build`",
    ],
    build: ["cargo build"],
    run: `sudo target/debug/${name}${placeOf(kind) === "interface" ? " eth0" : ""}`,
    files: [
      [`src/bpf/${inBpf}.bpf.c`, "the part that runs in the kernel"],
      [`src/bpf/${inBpf}.h`, "what it shares with the program in Rust"],
      ["src/main.rs", "the program that loads it and shows what it tells"],
      ["build.rs", "compiles the BPF program and writes its skeleton"],
      ["Cargo.toml", "the package and the libraries that it uses"],
      ["hookpoint.json", "the oldest kernel it must run on, for Hookpoint's findings"],
      ["src/bpf/vmlinux.h", "made by the build when it is missing: the types of the kernel"],
    ],
  });
}
