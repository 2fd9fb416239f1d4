/** How the program in Go shows what the kernel's part tells. */

import type { Column, Counters, Events, Kind } from "../programs/kind.ts";
import { exported, type GoPart, unexported } from "./loader.ts";

export function showInGo({ output, programs }: Kind): GoPart {
  if (output.shape === "events") return events(output);
  return output.shape === "counters" ? counters(output) : text(unexported(programs[0]?.name ?? ""));
}

function events({ columns }: Events): GoPart {
  const hasAddresses = columns.some(({ as }) => as === "ipv4");
  const hasTexts = columns.some(({ as }) => as === "text");
  const titles = columns.map(({ title, width }) => title.padEnd(width)).join(" ");
  const format = columns.map(({ as, width }) => `%${width === 0 ? "" : `-${width}`}${FORMATS[as]}`).join(" ");
  return {
    imports: ["bytes", "encoding/binary", "github.com/cilium/ebpf/ringbuf", ...(hasAddresses ? ["net/netip"] : [])],
    statements: ["return show(ctx, objects.Events)"],
    functions: [
      `func show(ctx context.Context, events *ebpf.Map) error {
	reader, err := ringbuf.NewReader(events)
	if err != nil {
		return fmt.Errorf("the ring buffer could not be opened: %w", err)
	}
	defer reader.Close()
	// Reading waits until there is something, or nobody to read.
	context.AfterFunc(ctx, func() { reader.Close() })

	fmt.Println("${titles.trimEnd()}")
	for {
		record, err := reader.Read()
		if errors.Is(err, ringbuf.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the ring buffer could not be read: %w", err)
		}
		var event bpfEvent
		if err := binary.Read(bytes.NewReader(record.RawSample), binary.NativeEndian, &event); err != nil {
			return fmt.Errorf("an event could not be read: %w", err)
		}
		fmt.Printf("${format}\\n", ${columns.map(argumentFor).join(", ")})
	}
}`,
      ...(hasTexts ? [TEXT] : []),
      ...(hasAddresses ? [ADDRESS] : []),
    ],
  };
}

const FORMATS: Readonly<Record<Column["as"], string>> = { u32: "d", u64: "d", s64: "d", text: "s", ipv4: "s" };

function argumentFor({ as, field }: Column): string {
  const value = `event.${exported(field)}`;
  if (as === "text") return `text(${value}[:])`;
  return as === "ipv4" ? `address(${value})` : value;
}

const TEXT = `// text is what stands before the zero that ends a string in C.
func text(chars []int8) string {
	var letters []byte
	for _, char := range chars {
		if char == 0 {
			break
		}
		letters = append(letters, byte(char))
	}
	return string(letters)
}`;

const ADDRESS = `// address reads an IPv4 address in the order of the network.
func address(number uint32) netip.Addr {
	var octets [4]byte
	binary.NativeEndian.PutUint32(octets[:], number)
	return netip.AddrFrom4(octets)
}`;

function counters({ key, names, fields }: Counters): GoPart {
  const [first = ""] = fields;
  const titles = [key, ...fields.map((field) => field.toUpperCase())];
  const widths = `%-16s${fields.map(() => " %12s").join("")}\\n`;
  return {
    imports: ["strconv", "time"],
    statements: ["return show(ctx, objects.Counters)"],
    functions: [
      `var names = map[uint32]string{
${Object.entries(names)
  .map(([index, word]) => `\t${`${index}:`.padEnd(longest(names) + 1)} "${word}",`)
  .join("\n")}
}`,
      `func show(ctx context.Context, counters *ebpf.Map) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		fmt.Printf("${widths}", ${titles.map((title) => `"${title}"`).join(", ")})
		for key := range counters.MaxEntries() {
			sum, err := sumOf(counters, key)
			if err != nil {
				return fmt.Errorf("the counters could not be read: %w", err)
			}
			if sum.${exported(first)} == 0 {
				continue
			}
			name, ok := names[key]
			if !ok {
				name = strconv.Itoa(int(key))
			}
			fmt.Printf("%-16s${fields.map(() => " %12d").join("")}\\n", name${fields.map((field) => `, sum.${exported(field)}`).join("")})
		}
	}
}`,
      `// sumOf adds up what each CPU has counted.
func sumOf(counters *ebpf.Map, key uint32) (bpfCounter, error) {
	var sum bpfCounter
	var values []bpfCounter
	if err := counters.Lookup(key, &values); err != nil {
		return sum, err
	}
	for _, value := range values {
${fields.map((field) => `\t\tsum.${exported(field)} += value.${exported(field)}`).join("\n")}
	}
	return sum, nil
}`,
    ],
  };
}

function longest(names: Readonly<Record<number, string>>): number {
  return Math.max(...Object.keys(names).map(({ length }) => length));
}

/** An iterator is a file that the kernel writes while it is read. */
function text(link: string): GoPart {
  return {
    imports: ["io"],
    statements: [
      `file, err := ${link}.Open()
if err != nil {
	return fmt.Errorf("the iterator could not be opened: %w", err)
}
defer file.Close()
// Ctrl-C ends a read that takes long.
context.AfterFunc(ctx, func() { file.Close() })
if _, err := io.Copy(os.Stdout, file); err != nil && ctx.Err() == nil {
	return fmt.Errorf("the iterator could not be read: %w", err)
}
return nil`,
    ],
    functions: [],
  };
}
