/*
 * Loads object files with libbpf as a user's program would, and gives everything back when it ends. For each name on the
 * command line: the loader's words go to stderr, "name<TAB>error number" to stdout. Behind -p each program of a file is
 * loaded alone, "name<TAB>program<TAB>error number". It works in namespaces of its own,
 * so that neither a pinned map nor a network device outlives it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <bpf/libbpf.h>

static int speak(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, format, args);
}

static int load(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	int error;

	if (!object)
		return errno;
	error = bpf_object__load(object) ? errno : 0;
	bpf_object__close(object);
	return error;
}

/* As `load`, with the nth program alone; its name is printed. False when there is none. */
static bool load_one(const char *path, int nth)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program, *wanted = NULL;
	int error;

	if (!object)
		return false;
	bpf_object__for_each_program(program, object) {
		bpf_program__set_autoload(program, nth == 0);
		if (nth-- == 0)
			wanted = program;
	}
	if (wanted) {
		error = bpf_object__load(object) ? errno : 0;
		printf("%s\t%s\t%d\n", path, bpf_program__name(wanted), error);
	}
	bpf_object__close(object);
	return wanted;
}

int main(int argc, char **argv)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL)) {
		perror("namespaces");
		return 2;
	}
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(speak);
	if (argc > 2 && !strcmp(argv[1], "-p")) {
		for (int i = 2; i < argc; i++)
			for (int nth = 0; load_one(argv[i], nth); nth++)
				;
		return 0;
	}
	for (int i = 1; i < argc; i++)
		printf("%s\t%d\n", argv[i], load(argv[i]));
	return 0;
}
