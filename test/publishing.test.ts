/** When what is told: nobody waits while all programs of a file are walked through. */

import { expect, test } from "vitest";
import type { Core } from "../server/src/core.ts";
import { Documents } from "../server/src/documents.ts";
import { type Published, type Publisher, publisherOf } from "../server/src/publishing.ts";
import { readSettings } from "../server/src/settings.ts";
import { kb, syntax } from "./support/check.ts";

const URI = "file:///programs.bpf.c";
const core: Core = { kb, syntax: () => Promise.resolve(syntax) };
const OWN = { ...readSettings(undefined), besideC: undefined };

/** Long enough that walking takes many turns on any machine; the last one has a finding that only walking shows. */
const PROGRAMS = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} seen SEC(".maps");

${Array.from({ length: 150 }, (_, i) => program(i)).join("\n")}
SEC("tracepoint/syscalls/sys_exit_execve")
int unchecked(void *ctx)
{
	u32 key = 1;
	u64 *count = bpf_map_lookup_elem(&seen, &key);

	*count += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
`;

function program(i: number): string {
  return `SEC("tracepoint/syscalls/sys_enter_execve")
int program_${i}(void *ctx)
{
	u32 key = ${i};
	u64 *count = bpf_map_lookup_elem(&seen, &key);

	for (int i = 0; i < 4; i++)
		if (count && *count > ${i})
			key += i;
	if (count)
		*count += key;
	return 0;
}
`;
}

interface Told {
  readonly version: number | undefined;
  readonly walked: boolean;
}

interface Now {
  readonly publisher: Publisher;
  readonly documents: Documents;
  readonly told: readonly Told[];
  readonly settings: { own: typeof OWN };
}

/** A publisher over one open file; `turn` is done in each turn that it lets others have. */
function published(turn: (now: Now) => void) {
  const told: Told[] = [];
  const documents = new Documents();
  const failed: unknown[] = [];
  const settings = { own: OWN };
  const later = (work: () => void): void => {
    setImmediate(() => {
      turn({ publisher, documents, told, settings });
      work();
    });
  };
  const publisher = publisherOf({
    documents,
    later,
    prepared: () => Promise.resolve([core, settings.own]),
    snapshot: (uri) => Promise.resolve(documents.snapshot(uri, syntax)),
    isLeftOut: () => false,
    explainCommand: () => undefined,
    send: ({ version, diagnostics }: Published) => {
      told.push({ version, walked: diagnostics.some(({ code }) => code === "unchecked-null") });
      return Promise.resolve();
    },
    rehearsed: () => undefined,
    report: (_, error) => failed.push(error),
  });
  documents.add(URI, "c", 1, PROGRAMS);
  publisher.soon(URI);
  return { publisher, told, failed };
}

/** Long enough for what was begun to come to its end. */
async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("others have their turns while programs are walked through", async () => {
  let turns = 0;
  const { publisher, told, failed } = published((now) => {
    if (now.told.length === 1) turns++;
  });
  await expect.poll(() => told, { timeout: 30_000 }).toHaveLength(2);
  publisher.stop();
  expect(told).toEqual([
    { version: 1, walked: false },
    { version: 1, walked: true },
  ]);
  // Three before the file is looked at, and three each time that it has lasted long enough.
  expect(turns).toBeGreaterThan(3 + 3);
  expect(failed).toEqual([]);
});

test("a key in the midst of that ends it, and is looked at first", async () => {
  let turns = 0;
  const { publisher, told, failed } = published(({ publisher, documents, told: known }) => {
    if (known.length !== 1 || ++turns !== 4) return;
    documents.change(URI, 2, [{ text: PROGRAMS.replace("program_7(", "program_seven(") }]);
    publisher.typed(URI);
  });
  await expect.poll(() => told, { timeout: 30_000 }).toHaveLength(3);
  publisher.stop();
  expect(told).toEqual([
    { version: 1, walked: false },
    { version: 2, walked: false },
    { version: 2, walked: true },
  ]);
  expect(failed).toEqual([]);
});

test("settings that change in the midst of that end it as well", async () => {
  let turns = 0;
  const { publisher, told, failed } = published(({ publisher, told: known, settings }) => {
    if (known.length !== 1 || ++turns !== 4) return;
    settings.own = { ...OWN, severities: { "unchecked-null": "off" } };
    publisher.all();
  });
  await expect.poll(() => told.length, { timeout: 30_000 }).toBeGreaterThan(2);
  await settled();
  publisher.stop();
  expect(told.map(({ walked }) => walked)).toEqual([false, false, false]);
  expect(failed).toEqual([]);
});

test("of a file that is closed in the midst of that nothing is told any more", async () => {
  let turns = 0;
  const { publisher, told, failed } = published(({ publisher, documents, told: known }) => {
    if (known.length !== 1 || ++turns !== 4) return;
    documents.remove(URI);
    publisher.closed(URI);
  });
  await expect.poll(() => told, { timeout: 30_000 }).toHaveLength(2);
  await settled();
  publisher.stop();
  expect(told).toEqual([
    { version: 1, walked: false },
    { version: undefined, walked: false },
  ]);
  expect(failed).toEqual([]);
});
