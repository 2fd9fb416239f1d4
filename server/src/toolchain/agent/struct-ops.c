/* A table of the kernel's functions that BPF fills (struct_ops) with one program of it loaded, and none of the others. */
#include <string.h>
#include <bpf/libbpf.h>
#include "agent.h"

static bool is_other(const struct bpf_object *object, const void *pointer, const struct bpf_program *wanted)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		if (program == pointer)
			return program != wanted;
	return false;
}

/*
 * Since libbpf 1.4 the table decides which of its programs are loaded, whatever was asked for, and has pointers to them in its
 * first value; older ones show none, and load what they were asked for. Returns whether the wanted program may be in it.
 */
static bool take_out_others(struct bpf_map *map, const struct bpf_object *object, const struct bpf_program *wanted)
{
	size_t size = 0, at;
	/* Older headers give it as constant. */
	char *value = (char *)bpf_map__initial_value(map, &size);
	bool is_there = !value;

	for (at = 0; value && at + sizeof(void *) <= size; at += sizeof(void *)) {
		const void *pointer;

		memcpy(&pointer, value + at, sizeof(pointer));
		if (pointer == wanted)
			is_there = true;
		else if (is_other(object, pointer, wanted))
			memset(value + at, 0, sizeof(pointer));
	}
	return is_there;
}

void only_in_struct_ops(struct bpf_object *object, const struct bpf_program *wanted)
{
	bool is_struct_ops = bpf_program__type(wanted) == BPF_PROG_TYPE_STRUCT_OPS;
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		/* A kernel that does not have the table may well take what is no part of it. */
		if (!is_struct_ops || !take_out_others(map, object, wanted))
			bpf_map__set_autocreate(map, false);
	}
}
