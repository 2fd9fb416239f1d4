/** What the editor says about a map of the file. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { MapFacts } from "../../analysis/model.ts";
import { type Card, docsLink, type View, verdictsOn } from "../card.ts";

export function describeMap(map: MapFacts, kb: KnowledgeBase, view: View): Card {
  const { name, type, keyType, valueType, keySize, valueSize, maxEntries, pinning, dialect } = map;
  const fact = type === undefined ? undefined : kb.mapType(type);
  return {
    verdicts: fact === undefined ? [] : verdictsOn([{ kind: "map-type", name: fact.name }], kb, view),
    code: `${name}: ${(type ?? "a map of unknown type").replace("BPF_MAP_TYPE_", "")}`,
    what: [
      "map of this file",
      dialect === "legacy" && "in the form that libbpf 1.0 gave up",
      dialect === "bcc" && "of bcc",
    ],
    note: fact?.note && { summary: fact.note.summary, ...(fact.note.mistake && { mistake: fact.note.mistake }) },
    here: [
      partFact("Key", keyType, keySize),
      partFact("Value", valueType, valueSize),
      maxEntries !== undefined && { label: "Entries", text: `at most ${count(maxEntries)}` },
      memoryFact(map),
      pinning !== undefined && { label: "Pinned", text: `\`${pinning}\`` },
    ],
    links: [fact && docsLink(`map-type/${fact.name}`)],
  };
}

function partFact(label: string, type: string | undefined, size: number | undefined) {
  if (type === undefined && size === undefined) return undefined;
  const words = [type === undefined ? undefined : `\`${type}\``, size === undefined ? undefined : bytes(size)];
  return { label, text: words.filter(Boolean).join(", ") };
}

/** Kernels round keys and values up to eight bytes. What it keeps beside them is left out: it differs. */
function memoryFact({ type = "", keySize, valueSize, maxEntries }: MapFacts) {
  if (type.endsWith("RINGBUF") && maxEntries !== undefined) return { label: "Memory", text: bytes(maxEntries) };
  if (valueSize === undefined || maxEntries === undefined) return undefined;
  const rounded = (size: number): number => Math.ceil(size / 8) * 8;
  const perCpu = type.includes("PERCPU");
  const key = type.includes("ARRAY") ? 0 : rounded(keySize ?? 0);
  const value = rounded(valueSize);
  const fixed = bytes(maxEntries * (perCpu ? value : key + value));
  const keys = perCpu && key > 0 ? ` and ${bytes(maxEntries * key)} for keys` : "";
  return { label: "Memory", text: perCpu ? `about ${fixed} on each CPU${keys}` : `about ${fixed} when full` };
}

function bytes(size: number): string {
  if (size < 1024) return `${size} bytes`;
  if (size < 1024 * 1024) return `${trimmed(size / 1024)} KiB`;
  return `${trimmed(size / 1024 / 1024)} MiB`;
}

function trimmed(number: number): string {
  return number.toFixed(1).replace(/\.0$/, "");
}

function count(number: number): string {
  return number.toLocaleString("en").replaceAll(",", " ");
}
