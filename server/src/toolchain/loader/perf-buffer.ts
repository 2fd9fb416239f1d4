/** Part: perf event arrays that programs send records through, one buffer per CPU. */

import type { MapDescription } from "../../analysis/describe.ts";
import { printRecords } from "./events.ts";
import type { Loader, Part } from "./part.ts";

export function perfBuffers(maps: readonly MapDescription[], { names, model }: Loader): Part | undefined {
  const buffers = maps.filter(
    ({ name, type }) => type === "BPF_MAP_TYPE_PERF_EVENT_ARRAY" && isSentThrough(name, model),
  );
  if (buffers.length === 0) return undefined;
  return {
    declarations: buffers.flatMap((map) => [`static struct perf_buffer *${map.name}_buffer;`, ...callbacks(map)]),
    attach: buffers.map(
      ({
        name,
      }) => `${name}_buffer = perf_buffer__new(bpf_map__fd(skel->maps.${name}), 16 /* pages a CPU */, on_${name},
				   on_lost_${name}, NULL, NULL);
if (!${name}_buffer)
	return fail("the perf buffer ${name} cannot be read", -errno);`,
    ),
    poll: buffers.map(
      ({ name }) => `err = perf_buffer__poll(${name}_buffer, 100 /* ms */);
/* A signal ends the wait, and the loop looks whether it was the last. */
if (err < 0 && err != -EINTR)
	return fail("${names.program} can no longer read its perf buffer", err);`,
    ),
    detach: buffers.map(({ name }) => `perf_buffer__free(${name}_buffer);`),
  };
}

/** Such an array may also hold counters, which programs read. */
function isSentThrough(map: string, { calls }: Loader["model"]): boolean {
  return !calls.some(({ name, args }) => /^bpf_perf_event_read/.test(name) && args[0]?.map === map);
}

function callbacks(map: MapDescription): readonly string[] {
  return [
    `static void on_${map.name}(void *context, int cpu, void *data, __u32 size)
{
	(void)context;
	(void)cpu;
${printRecords(map)}
}`,
    `/* The programs send faster than this one reads. */
static void on_lost_${map.name}(void *context, int cpu, __u64 count)
{
	(void)context;
	fprintf(stderr, "%llu records of CPU %d are lost\\n", (unsigned long long)count, cpu);
}`,
  ];
}
