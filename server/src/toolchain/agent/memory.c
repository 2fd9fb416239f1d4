/* How much memory the maps of an object would take: verifying must not take a machine's memory by accident. */
#include <string.h>
#include <bpf/libbpf.h>
#include "agent.h"

/* Of the memory that is there, what an object may take: one part in so many. */
#define SHARE 4
/* What the kernel keeps beside each key and value of a hash table. */
#define HASH_ELEMENT 48
#define BUCKET 16
#define POINTER 8

/* Far more than any machine has, and sums of it stay in range. */
#define TOO_MUCH (1ull << 52)

static unsigned long long product(unsigned long long a, unsigned long long b)
{
	return b && a > TOO_MUCH / b ? TOO_MUCH : a * b;
}

static unsigned long long eights(unsigned long long size)
{
	return (size + 7) & ~7ull;
}

static unsigned long long power_of_two(unsigned long long n)
{
	unsigned long long power = 1;

	while (power < n)
		power <<= 1;
	return power;
}

static unsigned long long hash_size(const struct bpf_map *map, bool per_cpu, unsigned int cpus)
{
	unsigned long long entries = bpf_map__max_entries(map);
	unsigned long long value = eights(bpf_map__value_size(map));
	unsigned long long element = HASH_ELEMENT + eights(bpf_map__key_size(map)) + (per_cpu ? POINTER : value);
	unsigned long long size = product(power_of_two(entries), BUCKET);

	/* Its elements are made when they are needed. */
	if (bpf_map__map_flags(map) & BPF_F_NO_PREALLOC)
		return size;
	size += product(entries, element);
	if (per_cpu)
		size += product(entries, product(value, cpus));
	return size;
}

/* As the kernel allocates when the map is made; 0 for those that grow with what is put into them. */
static unsigned long long map_size(const struct bpf_map *map, unsigned int cpus)
{
	unsigned long long entries = bpf_map__max_entries(map);
	unsigned long long value = eights(bpf_map__value_size(map));

	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		return hash_size(map, false, cpus);
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return hash_size(map, true, cpus);
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return product(entries, value);
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return product(entries, POINTER + product(value, cpus));
	case BPF_MAP_TYPE_STACK_TRACE:
		return product(power_of_two(entries), POINTER) + product(entries, BUCKET + value);
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_USER_RINGBUF:
		return entries;
	case BPF_MAP_TYPE_BLOOM_FILTER:
		/* Bits: at most 15 hashes, times 7/5, up to a power of two. */
		return power_of_two(product(entries, 21)) / 8;
	case BPF_MAP_TYPE_PROG_ARRAY:
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_CGROUP_ARRAY:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_CPUMAP:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
		return product(entries, POINTER);
	default:
		return 0;
	}
}

/* A map of maps is made by the example of one, which is made too. */
static unsigned long long with_inner(struct bpf_map *map, unsigned int cpus)
{
	const struct bpf_map *inner = bpf_map__inner_map(map);

	return map_size(map, cpus) + (inner ? map_size(inner, cpus) : 0);
}

/* 0 where that is not known: then nothing is too much. */
static unsigned long long available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kilobytes = 0;
	char line[128];

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu kB", &kilobytes) == 1)
			break;
	fclose(file);
	return kilobytes << 10;
}

/* Says in the words which maps it is that would take so much. */
bool memory_is_short(const struct bpf_object *object)
{
	int cpus = libbpf_num_possible_cpus();
	unsigned long long limit = available() / SHARE, sum = 0, size;
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		sum += with_inner(map, cpus > 0 ? cpus : 1);
	if (!limit || sum <= limit)
		return false;
	bpf_object__for_each_map(map, object) {
		size = with_inner(map, cpus > 0 ? cpus : 1);
		/* One of a few that matter, or one of very many. */
		if (size > limit / 16)
			words_add("agent: map '%s': too large to try, it would need %llu bytes", bpf_map__name(map), size);
	}
	words_add("agent: the maps are too large to try, they would need %llu bytes of the %llu that may be used", sum, limit);
	return true;
}
