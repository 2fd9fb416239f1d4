/** Whether a project can have a name: it becomes files, a program, and identifiers of C, Go and Rust. */

const LONGEST = 40;

/** What is wrong with a name, in a sentence; undefined when nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "The project needs a name.";
  if (name.length > LONGEST)
    return `The name has ${name.length} letters, and ${LONGEST} is the most that works everywhere.`;
  if (!/^[A-Za-z]/.test(name)) return `"${name}" does not begin with a letter (a to z), as identifiers must.`;
  const bad = /[^A-Za-z0-9_-]/u.exec(name)?.[0];
  if (bad !== undefined)
    return `"${name}" has ${bad === " " ? "a space" : `"${bad}"`} in it. Only the letters a to z, digits, "-" and "_" work as file name and identifier alike.`;
  if (/[-_]{2}|[-_]$/.test(name))
    return `"${name}" has a "-" or "_" at its end or beside another one, which names of types cannot be made of.`;
  const word = name.toLowerCase();
  if (KEYWORDS.has(word)) return `"${name}" is a keyword of C, Go or Rust, and cannot be an identifier.`;
  if (WINDOWS.test(word)) return `"${name}" is the name of a device on Windows, and cannot be a file there.`;
  if (HEADERS.has(word)) return `${name}.h is the name of a header that the project includes, which would hide it.`;
  return undefined;
}

/** Of all three languages: whoever begins in C may go on in Rust. */
const KEYWORDS = new Set(
  `abstract alignas alignof as async auto await become bool box break case chan char const constexpr continue core crate
  default defer do double dyn else enum extern fallthrough false final float fn for func gen go goto if impl import in
  inline int interface let long loop macro main map match mod move mut nullptr override package priv proc_macro pub range
  ref register restrict return select self short signed sizeof static static_assert std struct super switch test
  thread_local trait true try type typedef typeof union unsafe unsigned unsized use var virtual void volatile where while
  yield`.split(/\s+/),
);

const WINDOWS = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

const HEADERS = new Set(
  `alloca assert bpf bpf_core_read bpf_endian bpf_helper_defs bpf_helpers bpf_tracing btf ctype dirent elf endian errno
  fcntl features inttypes libbpf limits locale math memory netdb poll pthread sched setjmp signal stdarg stdbool stddef
  stdint stdio stdlib string strings termios threads time types unistd vmlinux wait wchar`.split(/\s+/),
);
