/** How the program in Go attaches what it has loaded. */

import { type Kind, type ProgramPart, placeOf } from "../programs/kind.ts";
import { exported, type GoPart, unexported } from "./loader.ts";

export function attachInGo(kind: Kind): GoPart {
  const { programs } = kind;
  const hooks = new Set(programs.map(({ hook }) => hook.to));
  const isTogether = hooks.has("cpus") || hooks.has("uprobe");
  return {
    imports: [
      ...(placeOf(kind) === "interface" ? ["net"] : []),
      ...(hooks.has("cpus") ? ["runtime", "unsafe", "golang.org/x/sys/unix"] : ["github.com/cilium/ebpf/link"]),
      ...(hooks.has("uprobe") ? ["path/filepath"] : []),
    ],
    statements: programs.map(isTogether ? statementOfOwn : attachment),
    functions: [...(hooks.has("cpus") ? [SAMPLE] : []), ...(hooks.has("uprobe") ? [FIND_LIBRARY] : [])],
  };
}

function attachment(program: ProgramPart): string {
  const name = unexported(program.name);
  return `${name}, err := ${call(program)}
if err != nil {
	return fmt.Errorf("${program.name} could not be attached: %w", err)
}
defer ${name}.Close()
`;
}

function call({ name, hook }: ProgramPart): string {
  const program = `objects.${exported(name)}`;
  switch (hook.to) {
    case "tracepoint":
      return `link.Tracepoint("${hook.group}", "${hook.name}", ${program}, nil)`;
    case "kprobe":
      return `link.Kprobe("${hook.symbol}", ${program}, nil)`;
    case "tracing":
      return `link.AttachTracing(link.TracingOptions{Program: ${program}})`;
    case "lsm":
      return `link.AttachLSM(link.LSMOptions{Program: ${program}})`;
    case "iterator":
      return `link.AttachIter(link.IterOptions{Program: ${program}})`;
    case "interface":
      return `link.AttachXDP(link.XDPOptions{Program: ${program}, Interface: device.Index})`;
    case "tc":
      return `link.AttachTCX(link.TCXOptions{Program: ${program}, Interface: device.Index, Attach: ebpf.AttachTCX${exported(hook.direction)}})`;
    case "cgroup":
      return `link.AttachCgroup(link.CgroupOptions{Path: cgroup, Attach: ebpf.${hook.attachType}, Program: ${program}})`;
    default:
      throw new Error(`${name} is not attached by one call`);
  }
}

function statementOfOwn({ name, hook }: ProgramPart): string {
  const program = `objects.${exported(name)}`;
  if (hook.to === "uprobe")
    return `library, err := findLibrary("${hook.library}")
if err != nil {
	return err
}
executable, err := link.OpenExecutable(library)
if err != nil {
	return fmt.Errorf("%s: %w", library, err)
}
${unexported(name)}, err := executable.Uprobe("${hook.symbol}", ${program}, nil)
if err != nil {
	return fmt.Errorf("${name} could not be attached: %w", err)
}
defer ${unexported(name)}.Close()
`;
  return `// A perf event belongs to one CPU.
for cpu := range runtime.NumCPU() {
	event, err := sample(cpu, ${program})
	if err != nil {
		return fmt.Errorf("CPU %d could not be sampled: %w", cpu, err)
	}
	defer unix.Close(event)
}
`;
}

const SAMPLE = `// sample runs the program 99 times a second on a CPU, until the event is closed.
func sample(cpu int, program *ebpf.Program) (int, error) {
	sampling := unix.PerfEventAttr{
		Size:   uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Type:   unix.PERF_TYPE_SOFTWARE,
		Config: unix.PERF_COUNT_SW_CPU_CLOCK,
		// Not 100, which would run in step with timers of the kernel.
		Sample: 99,
		Bits:   unix.PerfBitFreq,
	}
	event, err := unix.PerfEventOpen(&sampling, -1, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_SET_BPF, program.FD()); err != nil {
		unix.Close(event)
		return 0, err
	}
	return event, nil
}`;

const FIND_LIBRARY = `// findLibrary looks where distributions keep libraries.
func findLibrary(name string) (string, error) {
	for _, folder := range []string{"/lib64", "/usr/lib64", "/lib/*-linux-gnu*", "/usr/lib/*-linux-gnu*", "/lib", "/usr/lib"} {
		paths, err := filepath.Glob(filepath.Join(folder, name))
		if err == nil && len(paths) > 0 {
			return paths[0], nil
		}
	}
	return "", fmt.Errorf("%s was not found", name)
}`;
