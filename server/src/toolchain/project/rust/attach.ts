/** How the program in Rust attaches what it has loaded. */

import { type Kind, type ProgramPart, placeOf } from "../programs/kind.ts";
import type { RustPart } from "./loader.ts";

export function attachInRust(kind: Kind): RustPart {
  const { programs } = kind;
  const hooks = new Set(programs.map(({ hook }) => hook.to));
  const place = placeOf(kind);
  if (hooks.has("tc")) return toTrafficControl(programs);
  if (place === "interface") {
    const statements = programs.map(({ name }) => held(name, "attach_xdp(index)"));
    return { uses: ["std::env", "std::ffi::CString", "std::io"], statements, functions: [INDEX_OF] };
  }
  if (place === "cgroup") {
    const statements = programs.map(({ name }) => held(name, "attach_cgroup(cgroup.as_raw_fd())"));
    return { uses: ["std::env", "std::fs::File", "std::os::fd::AsRawFd"], statements, functions: [] };
  }
  if (hooks.has("cpus")) return toCpus(programs);
  return {
    uses: ["libbpf_rs::skel::Skel"],
    statements: [
      // The section says where.
      `let mut skel = skel;\nskel.attach()\n    .context("the programs could not be attached")?;\n`,
    ],
    functions: [],
  };
}

/** A link detaches when it is dropped. */
function held(name: string, call: string): string {
  return `let _${name} = skel
    .progs
    .${name}
    .${call}
    .context("${name} could not be attached")?;
`;
}

const INDEX_OF = `fn index_of(interface: &str) -> Result<i32> {
    let name = CString::new(interface)?;
    // The name is a string of C, and lives until the call is over.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()).context(interface.to_string()),
        index => Ok(index as i32),
    }
}`;

/** Traffic control has no links before Linux 6.6: what is attached stays until it is detached. */
function toTrafficControl(programs: readonly ProgramPart[]): RustPart {
  const variable = ({ hook }: ProgramPart): string => (hook.to === "tc" ? hook.direction : "");
  const attach = (program: ProgramPart): string => `let _${variable(program)} = Attached(
    hook_of(&skel.progs.${program.name}, index, TC_${variable(program).toUpperCase()})
        .attach()
        .context("${program.name} could not be attached")?,
);`;
  const [first] = programs;
  return {
    uses: [
      "std::env",
      "std::ffi::CString",
      "std::io",
      "std::os::fd::AsFd",
      "libbpf_rs::{ProgramMut, TcAttachPoint, TcHook, TcHookBuilder, TC_EGRESS, TC_INGRESS}",
    ],
    statements: [
      `// The queueing discipline of both directions. It stays: by the end another program may use it, too.
hook_of(&skel.progs.${first?.name ?? ""}, index, TC_INGRESS | TC_EGRESS)
    .create()
    .context("the queueing discipline clsact could not be made")?;
${programs.map(attach).join("\n")}
`,
    ],
    functions: [HOOK_OF, INDEX_OF],
  };
}

const HOOK_OF = `/// A hook that is detached when it is dropped.
struct Attached(TcHook);

impl Drop for Attached {
    fn drop(&mut self) {
        if let Err(error) = self.0.detach() {
            eprintln!("a program could not be detached: {error}");
        }
    }
}

fn hook_of(program: &ProgramMut, index: i32, point: TcAttachPoint) -> TcHook {
    TcHookBuilder::new(program.as_fd())
        .ifindex(index)
        // Ours among the filters of the interface.
        .handle(1)
        .priority(1)
        .hook(point)
}`;

/** A perf event belongs to one CPU. */
function toCpus(programs: readonly ProgramPart[]): RustPart {
  return {
    uses: [
      "std::io",
      "std::mem",
      "libbpf_rs::libbpf_sys::{\n    perf_event_attr, PERF_COUNT_SW_CPU_CLOCK, PERF_FLAG_FD_CLOEXEC, PERF_TYPE_SOFTWARE,\n}",
    ],
    statements: programs.map(
      ({ name }) => `// A perf event belongs to one CPU, and ends with its link.
let mut links = Vec::new();
for cpu in 0..libbpf_rs::num_possible_cpus()? {
    match sampling_of(cpu) {
        Ok(event) => links.push(skel.progs.${name}.attach_perf_event(event)?),
        // A CPU that is switched off has nothing to sample.
        Err(error) if error.raw_os_error() == Some(libc::ENODEV) => continue,
        Err(error) => return Err(error).context(format!("CPU {cpu} could not be sampled")),
    }
}
`,
    ),
    functions: [SAMPLING_OF],
  };
}

const SAMPLING_OF = `/// Opens an event that fires 99 times a second on a CPU.
fn sampling_of(cpu: usize) -> io::Result<i32> {
    let mut sampling = perf_event_attr {
        size: mem::size_of::<perf_event_attr>() as u32,
        type_: PERF_TYPE_SOFTWARE,
        config: PERF_COUNT_SW_CPU_CLOCK as u64,
        ..Default::default()
    };
    // Not 100, which would run in step with timers of the kernel.
    sampling.__bindgen_anon_1.sample_freq = 99;
    sampling.set_freq(1);
    // All processes, one CPU, no group.
    let event = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &sampling,
            -1,
            cpu as i32,
            -1,
            PERF_FLAG_FD_CLOEXEC as u64,
        )
    };
    if event < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(event as i32)
}`;
