/** How the program in Rust shows what the kernel's part tells. */

import type { Column, Counters, Events, Kind } from "../programs/kind.ts";
import type { RustPart } from "./loader.ts";

export function showInRust({ output, programs }: Kind): RustPart {
  if (output.shape === "events") return events(output);
  return output.shape === "counters" ? counters(output) : text(programs[0]?.name ?? "");
}

function events({ columns }: Events): RustPart {
  const hasAddresses = columns.some(({ as }) => as === "ipv4");
  const hasTexts = columns.some(({ as }) => as === "text");
  const titles = columns.map(({ title, width }) => title.padEnd(width)).join(" ");
  const format = columns.map(({ width }) => (width === 0 ? "{}" : `{:<${width}}`)).join(" ");
  return {
    uses: [
      "std::time::Duration",
      "libbpf_rs::{ErrorKind, RingBufferBuilder}",
      "bpf::types::event",
      ...(hasAddresses ? ["std::net::Ipv4Addr"] : []),
      ...(hasTexts ? ["std::ffi::CStr"] : []),
    ],
    statements: [
      `let mut builder = RingBufferBuilder::new();
builder.add(&skel.maps.events, on_event)?;
let events = builder
    .build()
    .context("the ring buffer could not be opened")?;

println!("${titles.trimEnd()}");
while running.load(Ordering::Relaxed) {
    match events.poll(Duration::from_millis(100)) {
        // By Ctrl-C, for one.
        Err(error) if error.kind() == ErrorKind::Interrupted => continue,
        result => result.context("the ring buffer could not be read")?,
    }
}`,
    ],
    functions: [
      `fn on_event(data: &[u8]) -> i32 {
    if data.len() < size_of::<event>() {
        return 0;
    }
    // The kernel's part writes this very structure, which is made of numbers alone.
    let event = unsafe { data.as_ptr().cast::<event>().read_unaligned() };
    println!(
        "${format}",
        ${columns.map(argumentFor).join(",\n        ")}
    );
    0
}`,
      ...(hasTexts ? [TEXT] : []),
      ...(hasAddresses ? [ADDRESS] : []),
    ],
  };
}

function argumentFor({ as, field }: Column): string {
  const value = `event.${field}`;
  if (as === "text") return `text(&${value})`;
  return as === "ipv4" ? `address(${value})` : value;
}

const TEXT = `/// What stands before the zero that ends a string in C.
fn text(chars: &[i8]) -> String {
    let bytes: Vec<u8> = chars.iter().map(|&char| char as u8).collect();
    match CStr::from_bytes_until_nul(&bytes) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
    }
}`;

const ADDRESS = `/// Reads an IPv4 address in the order of the network.
fn address(number: u32) -> String {
    Ipv4Addr::from(number.to_ne_bytes()).to_string()
}`;

function counters({ key, names, fields, size }: Counters): RustPart {
  const titles = [key, ...fields.map((field) => field.toUpperCase())];
  const known = Object.entries(names).map(([index, word]) => `        ${index} => "${word}".to_string(),`);
  return {
    uses: ["std::thread", "std::time::Duration", "libbpf_rs::{MapCore, MapFlags}"],
    statements: [
      `while running.load(Ordering::Relaxed) {
    thread::sleep(Duration::from_secs(1));
    show(&skel.maps.counters).context("the counters could not be read")?;
}`,
    ],
    functions: [
      `fn show(counters: &impl MapCore) -> Result<()> {
    println!("{:<16}${fields.map(() => " {:>12}").join("")}", ${titles.map((title) => `"${title}"`).join(", ")});
    for key in 0..${size}u32 {
        // Adds up what each CPU has counted.
        let values = counters.lookup_percpu(&key.to_ne_bytes(), MapFlags::ANY)?;
        let values = values.unwrap_or_default();
${fields.map((field, i) => `        let ${field}: u64 = values.iter().map(|value| number(value, ${i})).sum();`).join("\n")}
        if ${fields[0]} > 0 {
            println!("{:<16}${fields.map((field) => ` {${field}:>12}`).join("")}", name_of(key));
        }
    }
    Ok(())
}`,
      `/// The number at a place among those of a structure.
fn number(value: &[u8], place: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&value[place * 8..place * 8 + 8]);
    u64::from_ne_bytes(bytes)
}`,
      `fn name_of(key: u32) -> String {
    match key {
${known.join("\n")}
        other => other.to_string(),
    }
}`,
    ],
  };
}

/** An iterator is a file that the kernel writes while it is read. */
function text(program: string): RustPart {
  return {
    uses: ["std::io", "libbpf_rs::Iter"],
    statements: [
      `let link = skel
    .links
    .${program}
    .as_ref()
    .context("the iterator is not attached")?;
let mut iterator = Iter::new(link).context("the iterator could not be opened")?;
let result = io::copy(&mut iterator, &mut io::stdout());
// Ctrl-C ends a read that takes long.
if running.load(Ordering::Relaxed) {
    result.context("the iterator could not be read")?;
}`,
    ],
    functions: [],
  };
}
