/** The names in a kernel's BTF: which enumerators and functions it has. */

/** What programs can name; the hundred thousand others are left where they are. */
const TELLING =
  /^(?:BPF_|XDP_|bpf_|scx_bpf_|hid_bpf_|tcp_|bbr_|cubictcp_|dctcp_|cgroup_rstat_|css_rstat_|crash_kexec$)\w*$/;

const MAGIC = 0xeb9f;

/**
 * Reads `/sys/kernel/btf/vmlinux` as far as its strings.
 *
 * @returns undefined where the bytes are no BTF
 */
export function btfNames(bytes: Uint8Array): ReadonlySet<string> | undefined {
  if (bytes.length < 24) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = view.getUint16(0, true) === MAGIC;
  if (!little && view.getUint16(0, false) !== MAGIC) return undefined;
  const [headerLength, from, length] = [4, 16, 20].map((at) => view.getUint32(at, little));
  if (headerLength === undefined || from === undefined || length === undefined) return undefined;
  const start = headerLength + from;
  if (start + length > bytes.length) return undefined;
  const names = new Set<string>();
  for (let at = start; at < start + length; ) {
    const end = bytes.indexOf(0, at);
    if (end < 0) break;
    const name = end - at > LONGEST ? "" : String.fromCharCode(...bytes.subarray(at, end));
    if (TELLING.test(name)) names.add(name);
    at = end + 1;
  }
  return names;
}

/** No name of interest is longer, and an argument list has its limit. */
const LONGEST = 256;
