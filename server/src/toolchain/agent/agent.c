/*
 * Hookpoint's agent.
 *
 *   agent verify [--output FILE] [--tied] [--program NAME]… [--visits] [--attach]
 *                [--target OBJECT [--target-program NAME]] OBJECT
 *   agent hold|run|loaded|unload …                                             as hold.c, run.c and loaded.c say
 *   agent serve
 *
 * It is compiled on the machine of whoever uses it, and runs here, under sudo, in guests and behind ssh.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <bpf/libbpf.h>
#include "agent.h"
#include "hold.h"

#if LIBBPF_MAJOR_VERSION < 1
#error "libbpf 1.0 or newer is needed"
#endif

struct command {
	const char *name;
	int (*run)(const struct options *options);
	bool reads_words;
};

static const struct command commands[] = {
	{ "hold", hold, true },
	{ "loaded", loaded, true },
	{ "run", run, true },
	{ "unload", unload, true },
	{ "verify", verify, false },
};

static int bad_use(const char *why)
{
	fprintf(stderr, "agent: %s\n", why);
	return 2;
}

static void hello(void)
{
	struct utsname name;

	if (uname(&name))
		return;
	json_begin();
	json_number("agent", AGENT_VERSION);
	json_text("release", name.release);
	json_text("machine", name.machine);
	json_text("libbpf", libbpf_version_string());
	json_end();
}

/* Returns the argument that is wrong, or NULL. Behind "--" come no options. */
static const char *read_options(int argc, char **argv, struct options *options)
{
	bool files_only = false;
	int i;

	for (i = 2; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;

		if (options->words && (files_only || (strcmp(argv[i], "--tied") && strcmp(argv[i], "--output")))) {
			files_only = files_only || !strcmp(argv[i], "--");
			options->words[options->word_count++] = argv[i];
		} else if (files_only || argv[i][0] != '-') {
			if (options->object)
				return argv[i];
			options->object = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			files_only = true;
		} else if (!strcmp(argv[i], "--visits")) {
			options->visits = true;
		} else if (!strcmp(argv[i], "--attach")) {
			options->attach = true;
		} else if (!strcmp(argv[i], "--target") && next) {
			options->target = next;
			i++;
		} else if (!strcmp(argv[i], "--target-program") && next) {
			options->target_program = next;
			i++;
		} else if (!strcmp(argv[i], "--tied")) {
			options->tied = true;
		} else if (!strcmp(argv[i], "--program") && next) {
			options->programs[options->program_count++] = next;
			i++;
		} else if (!strcmp(argv[i], "--output") && next) {
			options->output = next;
			i++;
		} else {
			return argv[i];
		}
	}
	return NULL;
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const char *programs[argc > 0 ? argc : 1];
	char *own[argc > 0 ? argc : 1];
	struct options options = { .programs = programs };
	const struct command *command;
	const char *wrong;
	int code;

	if (argc < 2)
		return bad_use("what is to be done?");
	if (!strcmp(argv[1], "serve"))
		return serve(main);
	command = find_command(argv[1]);
	if (!command)
		return bad_use("unknown command");
	if (command->reads_words)
		options.words = own;
	wrong = read_options(argc, argv, &options);
	if (wrong)
		return bad_use(wrong);
	if (options.output && output_to(options.output))
		return 2;
	if (options.tied)
		end_with_input();
	words_listen();
	if (!command->reads_words)
		hello();
	code = command->run(&options);
	return output_done() ? 2 : code;
}
