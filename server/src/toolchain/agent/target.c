/* The program that has the function that others replace (freplace): loaded before them, attached nowhere, kept until we end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "agent.h"

/* For one function; the next may be in another program. */
static struct {
	char function[256];
	struct bpf_object *object;
	int fd;
	int error;
	char trouble[512];
} found = { .fd = -1 };

static void trouble(int error, const char *format, const char *name)
{
	found.error = error;
	snprintf(found.trouble, sizeof(found.trouble), format, name, strerror(error));
}

/* Of the functions that are in the loaded program, not of all that the types of its object know. */
static bool is_among(const struct bpf_func_info *functions, uint32_t count, const struct btf *types, const char *name)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		const struct btf_type *type = btf__type_by_id(types, functions[i].type_id);
		const char *own = type ? btf__name_by_offset(types, type->name_off) : NULL;

		if (own && !strcmp(own, name))
			return true;
	}
	return false;
}

static bool has_function(const struct bpf_object *object, int program, const char *name)
{
	struct bpf_prog_info info = {};
	struct bpf_func_info *functions;
	uint32_t size = sizeof(info), count;
	bool has;

	if (!bpf_object__btf(object) || bpf_obj_get_info_by_fd(program, &info, &size) || !info.nr_func_info)
		return false;
	count = info.nr_func_info;
	functions = calloc(count, sizeof(*functions));
	if (!functions)
		return false;
	memset(&info, 0, sizeof(info));
	info.nr_func_info = count;
	info.func_info_rec_size = sizeof(*functions);
	info.func_info = (uintptr_t)functions;
	size = sizeof(info);
	has = !bpf_obj_get_info_by_fd(program, &info, &size) &&
	      is_among(functions, count, bpf_object__btf(object), name);
	free(functions);
	return has;
}

/* One that replaces functions itself can only be meant by its name, for the kernel to say that this cannot be. */
static bool is_meant(const struct options *options, const struct bpf_program *program)
{
	if (options->target_program)
		return !strcmp(options->target_program, bpf_program__name(program));
	return bpf_program__type(program) != BPF_PROG_TYPE_EXT;
}

/* Whether it is the one; then it stays loaded. */
static bool try_program(const struct options *options, int nth, const char *function)
{
	static char log[64 << 10];
	struct bpf_program *program;
	struct bpf_object *object = open_with(options->target, nth, &program);
	const char *name = object && program ? bpf_program__name(program) : "";

	if (!object || !program) {
		trouble(errno ? errno : ENOENT, "target: it cannot be opened%s: %s", "");
	} else if (!is_meant(options, program)) {
		/* Neither right nor wrong. */
	} else if (memory_is_short(object)) {
		trouble(ENOMEM, "target: program '%s' cannot be loaded: %s", name);
	} else {
		bpf_program__set_log_buf(program, log, sizeof(log));
		if (bpf_object__load(object)) {
			trouble(errno ? errno : EINVAL, "target: program '%s' cannot be loaded: %s", name);
		} else if (has_function(object, bpf_program__fd(program), function)) {
			found.object = object;
			found.fd = bpf_program__fd(program);
			return true;
		} else if (options->target_program) {
			trouble(ENOENT, "target: its program '%s' cannot be the one, the function was not found in it", name);
		}
	}
	bpf_object__close(object);
	return false;
}

static int count_programs(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;
	int count = 0;

	if (!object)
		return -1;
	bpf_object__for_each_program(program, object)
		count++;
	bpf_object__close(object);
	return count;
}

static void find(const struct options *options, const char *function)
{
	int count, nth;

	bpf_object__close(found.object);
	found.object = NULL;
	found.fd = -1;
	snprintf(found.function, sizeof(found.function), "%s", function);
	if (options->target_program)
		trouble(ENOENT, "target: there is no program '%s' in it: not found", options->target_program);
	else
		trouble(ENOENT, "target: no program of it has a function '%s': not found", function);
	count = count_programs(options->target);
	if (count < 0)
		trouble(errno ? errno : EINVAL, "target: it cannot be opened%s: %s", "");
	for (nth = 0; nth < count && !try_program(options, nth, function); nth++)
		;
}

int set_target(const struct options *options, struct bpf_program *program)
{
	const char *slash = strchr(bpf_program__section_name(program), '/');

	if (!options->target || !slash || bpf_program__type(program) != BPF_PROG_TYPE_EXT)
		return 0;
	if (strcmp(found.function, slash + 1))
		find(options, slash + 1);
	/* What was said of the target is none of the program's. */
	words_forget();
	if (found.fd >= 0)
		return -bpf_program__set_attach_target(program, found.fd, NULL);
	words_add("agent: prog '%s': %s", bpf_program__name(program), found.trouble);
	return found.error;
}
