/** Part: ring buffers, whose records are printed as they come. */

import type { MapDescription } from "../../analysis/describe.ts";
import { printRecords } from "./events.ts";
import type { Loader, Part } from "./part.ts";

export function ringBuffers(maps: readonly MapDescription[], { names }: Loader): Part | undefined {
  const buffers = maps.filter(({ type }) => type === "BPF_MAP_TYPE_RINGBUF");
  const [first, ...more] = buffers;
  if (first === undefined) return undefined;
  const { program } = names;
  return {
    declarations: ["static struct ring_buffer *ring_buffers;", ...buffers.map(callback)],
    attach: [
      `/* One object reads all ring buffers of the file, in the order in which data comes. */
ring_buffers = ring_buffer__new(bpf_map__fd(skel->maps.${first.name}), on_${first.name}, NULL, NULL);
if (!ring_buffers)
	return fail("the ring buffer ${first.name} cannot be read", -errno);`,
      ...more.map(
        ({ name }) => `err = ring_buffer__add(ring_buffers, bpf_map__fd(skel->maps.${name}), on_${name}, NULL);
if (err)
	return fail("the ring buffer ${name} cannot be read", err);`,
      ),
    ],
    poll: [
      `err = ring_buffer__poll(ring_buffers, 100 /* ms */);
/* A signal ends the wait, and the loop looks whether it was the last. */
if (err < 0 && err != -EINTR)
	return fail("${program} can no longer read its ring buffer", err);`,
    ],
    detach: ["ring_buffer__free(ring_buffers);"],
  };
}

function callback(map: MapDescription): string {
  return `static int on_${map.name}(void *context, void *data, size_t size)
{
	(void)context;
${printRecords(map)}
	return 0;
}`;
}
