/* Loads every program of an object alone, says what the kernel answered, and lets it go. Nothing is attached or pinned. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "agent.h"

#define MOST_PROGRAMS 4096
/* Of what the kernel prints: older ones keep the beginning, newer ones the end. */
#define LOG_SIZE (16u << 20)
#define VISIT_LOG_SIZE (64u << 20)
/* Of what we pass on. */
#define LOG_HEAD (256u << 10)
#define LOG_TAIL (2u << 20)

#define LEVEL_PATH 1
#define LEVEL_ALL 2
#define LEVEL_STATS 4

struct attempt {
	int error;
	double milliseconds;
	size_t instructions;
};

static bool is_wanted(const struct options *options, const char *name)
{
	int i;

	for (i = 0; i < options->program_count; i++)
		if (!strcmp(options->programs[i], name))
			return true;
	return options->program_count == 0;
}

/* Opens afresh what has the nth program alone in it; a map that is pinned by its name would outlive us. */
static struct bpf_object *open_with(const char *path, int nth, struct bpf_program **wanted)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program;
	struct bpf_map *map;

	*wanted = NULL;
	if (!object)
		return NULL;
	bpf_object__for_each_program(program, object) {
		bpf_program__set_autoload(program, nth == 0);
		if (nth-- == 0)
			*wanted = program;
	}
	bpf_object__for_each_map(map, object)
		bpf_map__set_pin_path(map, NULL);
	return object;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static struct attempt attempt(const char *path, int nth, int level, char *log, size_t size)
{
	struct attempt result = {};
	struct bpf_program *program;
	struct bpf_object *object;
	double start;

	log[0] = 0;
	words_forget();
	object = open_with(path, nth, &program);
	if (!object || !program) {
		result.error = errno ? errno : ENOENT;
		return result;
	}
	bpf_program__set_log_buf(program, log, size);
	bpf_program__set_log_level(program, level);
	start = now();
	if (bpf_object__load(object))
		result.error = errno ? errno : EINVAL;
	result.milliseconds = now() - start;
	result.instructions = bpf_program__insn_cnt(program);
	/* The program was accepted; a table of other programs, which are not loaded, could not be filled with them. */
	if (result.error && strstr(words(), "failed to initialize slot"))
		result.error = 0;
	bpf_object__close(object);
	return result;
}

static void say_log(const char *log)
{
	size_t length = strlen(log);
	char *both;
	int size;

	if (length <= LOG_HEAD + LOG_TAIL) {
		json_text_n("log", log, length);
		return;
	}
	both = malloc(LOG_HEAD + LOG_TAIL + 128);
	if (!both)
		return;
	memcpy(both, log, LOG_HEAD);
	size = LOG_HEAD;
	size += sprintf(both + size, "\n(%zu bytes of the log are left out here)\n", length - LOG_HEAD - LOG_TAIL);
	memcpy(both + size, log + length - LOG_TAIL, LOG_TAIL);
	json_text_n("log", both, size + LOG_TAIL);
	free(both);
}

/* Lines such as "12: (85) call …" at level 2 are one visit each. */
static void say_visits(const char *log, size_t count)
{
	uint32_t *visits = calloc(count ? count : 1, sizeof(*visits));
	const char *line;

	if (!visits)
		return;
	for (line = log; line; line = strchr(line, '\n')) {
		char *end;
		unsigned long instruction;

		if (*line == '\n')
			line++;
		instruction = strtoul(line, &end, 10);
		if (end != line && end[0] == ':' && end[1] == ' ' && end[2] == '(' && instruction < count)
			visits[instruction]++;
	}
	json_numbers("visits", visits, count);
	free(visits);
}

static void try_program(const char *path, int nth, const char *name, const struct options *options)
{
	struct bpf_program *program;
	struct bpf_object *object = open_with(path, nth, &program);
	struct attempt found;
	char *log = malloc(LOG_SIZE);

	if (!object || !program || !log) {
		free(log);
		bpf_object__close(object);
		return;
	}
	json_begin();
	json_text("program", name);
	json_text("section", bpf_program__section_name(program));
	json_number("type", bpf_program__type(program));
	json_number("attachType", bpf_program__expected_attach_type(program));
	bpf_object__close(object);
	/* First without the steps, which take longer to print than to make; they are needed only where it is refused. */
	found = attempt(path, nth, LEVEL_STATS, log, LOG_SIZE);
	if (found.error)
		found.error = attempt(path, nth, LEVEL_PATH | LEVEL_STATS, log, LOG_SIZE).error ?: found.error;
	json_number("instructions", found.instructions);
	json_number("error", found.error);
	json_decimal("milliseconds", found.milliseconds);
	say_log(log);
	json_text("words", words());
	if (options->visits && !found.error) {
		char *all = malloc(VISIT_LOG_SIZE);

		if (all && !attempt(path, nth, LEVEL_ALL, all, VISIT_LOG_SIZE).error)
			say_visits(all, found.instructions);
		free(all);
	}
	json_end();
	free(log);
}

int verify(const struct options *options)
{
	struct bpf_object *object = options->object ? bpf_object__open_file(options->object, NULL) : NULL;
	char *names[MOST_PROGRAMS];
	struct bpf_program *program;
	int count = 0, i;

	if (!options->object) {
		fputs("agent: no object\n", stderr);
		return 2;
	}
	if (!object) {
		json_begin();
		json_number("error", errno);
		json_text("words", words());
		json_end();
		return 0;
	}
	bpf_object__for_each_program(program, object)
		if (count < MOST_PROGRAMS)
			names[count++] = strdup(bpf_program__name(program));
	bpf_object__close(object);
	for (i = 0; i < count; i++) {
		if (names[i] && is_wanted(options, names[i]))
			try_program(options->object, i, names[i], options);
		free(names[i]);
	}
	return 0;
}
