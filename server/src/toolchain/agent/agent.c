/*
 * Hookpoint's agent.
 *
 *   agent verify [--program NAME]… [--visits] OBJECT
 *   agent serve
 *
 * It is compiled on the machine of whoever uses it, and runs here, under sudo, in guests and behind ssh.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <bpf/libbpf.h>
#include "agent.h"

#if LIBBPF_MAJOR_VERSION < 1
#error "libbpf 1.0 or newer is needed"
#endif

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

int main(int argc, char **argv)
{
	const char *programs[argc > 0 ? argc : 1];
	struct options options = { .programs = programs };
	int i;

	if (argc < 2)
		return bad_use("what is to be done?");
	if (!strcmp(argv[1], "serve"))
		return serve(main);
	for (i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--visits"))
			options.visits = true;
		else if (!strcmp(argv[i], "--program") && i + 1 < argc)
			programs[options.program_count++] = argv[++i];
		else if (argv[i][0] == '-' || options.object)
			return bad_use(argv[i]);
		else
			options.object = argv[i];
	}
	words_listen();
	if (!strcmp(argv[1], "verify") && options.object) {
		hello();
		return verify(&options);
	}
	return bad_use("unknown command, or no object");
}
