/* Loads every program of an object alone, says what the kernel answered, and lets it go. Nothing is pinned, nor attached unasked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "agent.h"
#include "hold.h"

/* Of what the kernel prints: older ones keep the beginning, newer ones the end. */
#define LOG_SIZE (16u << 20)
#define VISIT_LOG_SIZE (64u << 20)
/* Of what we pass on. */
#define LOG_HEAD (256u << 10)
#define LOG_TAIL (2u << 20)
/* Of all logs of an object; those of the programs behind that are cut short, since the reader keeps all of them in memory. */
#define LOGS_SIZE (96u << 20)
#define LATE_HEAD (16u << 10)
#define LATE_TAIL (64u << 10)
/* Every step of more takes seconds to print, and more than the buffer. */
#define MOST_STEPS 50000

/* Where struct bpf_prog_info has the lengths, and since Linux 5.16 the number of instructions that were verified. */
#define INFO_JITED 4
#define INFO_XLATED 5
#define INFO_VERIFIED 54

#define LEVEL_PATH 1
#define LEVEL_ALL 2
#define LEVEL_STATS 4

struct found {
	int error;
	double milliseconds;
	size_t instructions;
	uint32_t xlated, jited, verified;
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
struct bpf_object *open_with(const char *path, int nth, struct bpf_program **wanted)
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
	if (*wanted)
		only_in_struct_ops(object, *wanted);
	return object;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* By place and not by name: the headers that we are compiled with may be older than the kernel. */
static void look_at(int program, struct found *found)
{
	uint32_t info[58] = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, info, &size))
		return;
	found->jited = info[INFO_JITED];
	found->xlated = info[INFO_XLATED];
	found->verified = info[INFO_VERIFIED];
}

/* "map 'jumps': failed to initialize slot [0] to prog 'next' fd=…"; what is said of maps in maps is a refusal. */
static bool is_table_of_others(const char *words)
{
	const char *slot = strstr(words, "failed to initialize slot [");
	const char *end = slot ? strchr(slot, ']') : NULL;

	return end && !strncmp(end, "] to prog '", 11);
}

/* Opened, and told what it replaces a function of. */
static struct bpf_object *prepare(const struct options *options, int nth, struct bpf_program **program)
{
	struct bpf_object *object = open_with(options->object, nth, program);
	int error = object && *program ? set_target(options, *program) : errno ? errno : ENOENT;

	if (!error)
		return object;
	bpf_object__close(object);
	errno = error;
	return NULL;
}

static struct found attempt(const struct options *options, int nth, int level, char *log, size_t size)
{
	struct bpf_program *program;
	struct bpf_object *object;
	struct found found = {};
	double start;

	log[0] = 0;
	words_forget();
	object = prepare(options, nth, &program);
	if (!object) {
		found.error = errno;
		return found;
	}
	bpf_program__set_log_buf(program, log, size);
	bpf_program__set_log_level(program, level);
	start = now();
	if (bpf_object__load(object))
		found.error = errno ? errno : EINVAL;
	found.milliseconds = now() - start;
	found.instructions = bpf_program__insn_cnt(program);
	/* The program was accepted; a table of other programs, which are not loaded, could not be filled with them. */
	if (found.error && is_table_of_others(words())) {
		found.error = 0;
		words_forget();
	} else if (!found.error) {
		look_at(bpf_program__fd(program), &found);
	}
	bpf_object__close(object);
	return found;
}

/* What was cut at its end, by an older kernel, goes on with what the kernel says without the steps. */
static void say_log(const char *log, const char *end)
{
	static size_t all;
	bool is_late = all > LOGS_SIZE;
	size_t head = is_late ? LATE_HEAD : LOG_HEAD, tail = is_late ? LATE_TAIL : LOG_TAIL;
	size_t length = strlen(log), rest = strlen(end), size;
	char *both;

	if (length <= head + tail && !rest) {
		json_text_n("log", log, length);
		all += length;
		return;
	}
	both = malloc(head + tail + rest + 128);
	if (!both)
		return;
	if (length <= head + tail) {
		memcpy(both, log, length);
		size = length;
	} else {
		memcpy(both, log, head);
		size = head;
		size += sprintf(both + size, "\n(%zu bytes of the log are left out here)\n", length - head - tail);
		memcpy(both + size, log + length - tail, tail);
		size += tail;
	}
	if (rest) {
		size += sprintf(both + size, "\n(truncated...)\n");
		memcpy(both + size, end, rest);
	}
	json_text_n("log", both, size + rest);
	all += size + rest;
	free(both);
}

/* Of a log whose beginning the kernel dropped: the end, from the beginning of a line. */
static const char *last_lines(char *log)
{
	static const char note[] = "(truncated...)\n";
	char *line = strchr(log + strlen(log) - LOG_TAIL, '\n');

	if (!line)
		return log;
	line -= sizeof(note) - 2;
	return memcpy(line, note, sizeof(note) - 1);
}

/* The path that was refused; how it ended is known already, and a log that does not fit is an error of its own. */
static void say_refusal(const struct options *options, int nth, char *log)
{
	char *without_steps;
	bool is_cut;
	int error;

	/* Where it was when it gave up says nothing, and a million steps take up to a minute to print. */
	if (processed(log) > MOST_STEPS && strstr(log, "BPF program is too large")) {
		say_log(log, "");
		return;
	}
	without_steps = strdup(log);
	error = attempt(options, nth, LEVEL_PATH | LEVEL_STATS, log, LOG_SIZE).error;
	is_cut = error == ENOSPC && strlen(log) > LOG_TAIL;
	if (is_cut && processed(log) >= 0)
		say_log(last_lines(log), "");
	else
		say_log(log, is_cut && without_steps ? without_steps : "");
	free(without_steps);
}

static void count_visits(const struct options *options, int nth, long long steps)
{
	char *log = steps <= MOST_STEPS ? malloc(VISIT_LOG_SIZE) : NULL;
	struct found found;

	if (log) {
		found = attempt(options, nth, LEVEL_ALL | LEVEL_STATS, log, VISIT_LOG_SIZE);
		if (found.error || !say_visits(log, found.instructions))
			json_flag("visitsCut", true);
	} else {
		json_flag("visitsCut", true);
	}
	free(log);
}

static int load_and_attach(struct bpf_object *object, struct bpf_program *program, struct attachment **made)
{
	/* Its table is what can be attached, and would take the place of the kernel's own. */
	if (bpf_program__type(program) == BPF_PROG_TYPE_STRUCT_OPS)
		return EOPNOTSUPP;
	/* What was accepted before may find no memory now. */
	if (bpf_object__load(object))
		return errno ? errno : EINVAL;
	return attach(object, bpf_program__name(program), "auto", made);
}

/* By its section, for a moment; in a load of its own, so that what was measured before was no more than that. */
static void try_attach(const struct options *options, int nth, char *log)
{
	struct attachment *made = NULL;
	struct bpf_program *program;
	struct bpf_object *object;
	int error;

	words_forget();
	object = prepare(options, nth, &program);
	if (object)
		bpf_program__set_log_buf(program, log, LOG_SIZE);
	error = object ? load_and_attach(object, program, &made) : errno;
	json_number("attachError", error);
	json_text("attachWords", error ? words() : "");
	if (made)
		detach(made);
	bpf_object__close(object);
}

static void try_program(int nth, const struct options *options, char *log)
{
	/* First without the steps, which take longer to print than to make; they are needed only where it is refused. */
	struct found found = attempt(options, nth, LEVEL_STATS, log, LOG_SIZE);
	long long steps = processed(log);

	json_number("instructions", found.instructions);
	json_number("error", found.error);
	json_decimal("milliseconds", found.milliseconds);
	if (found.error)
		say_refusal(options, nth, log);
	else
		say_log(log, "");
	json_text("words", words());
	if (found.xlated) {
		json_number("xlatedBytes", found.xlated);
		json_number("jitedBytes", found.jited);
	}
	if (found.verified)
		json_number("verified", found.verified);
	if (options->visits && !found.error)
		count_visits(options, nth, steps);
	if (options->attach && !found.error)
		try_attach(options, nth, log);
}

static void say_error(int error)
{
	json_number("instructions", 0);
	json_number("error", error);
	json_decimal("milliseconds", 0);
	json_text("log", "");
	json_text("words", words());
}

static void say_missing(const struct bpf_object *object, const struct options *options)
{
	int i;

	for (i = 0; i < options->program_count; i++) {
		if (bpf_object__find_program_by_name(object, options->programs[i]))
			continue;
		json_begin();
		json_text("missing", options->programs[i]);
		json_end();
	}
}

static void try_each(const struct bpf_object *object, const struct options *options, char *log)
{
	bool is_short = memory_is_short(object);
	struct bpf_program *program;
	int nth = 0;

	bpf_object__for_each_program(program, object) {
		int own = nth++;

		if (!is_wanted(options, bpf_program__name(program)))
			continue;
		json_begin();
		json_text("program", bpf_program__name(program));
		json_text("section", bpf_program__section_name(program));
		json_number("type", bpf_program__type(program));
		json_number("attachType", bpf_program__expected_attach_type(program));
		/* Whatever happens to us or to the kernel: it can be seen with which program. */
		fflush(stdout);
		if (is_short)
			say_error(ENOMEM);
		else
			try_program(own, options, log);
		json_end();
	}
}

int verify(const struct options *options)
{
	struct bpf_object *object;
	char *log;

	if (!options->object) {
		fputs("agent: no object\n", stderr);
		return 2;
	}
	log = malloc(LOG_SIZE);
	if (!log) {
		fputs("agent: no memory\n", stderr);
		return 2;
	}
	words_forget();
	object = bpf_object__open_file(options->object, NULL);
	if (!object) {
		json_begin();
		json_number("error", errno);
		json_text("words", words());
		json_end();
	} else {
		say_missing(object, options);
		words_forget();
		try_each(object, options, log);
	}
	bpf_object__close(object);
	free(log);
	return 0;
}
