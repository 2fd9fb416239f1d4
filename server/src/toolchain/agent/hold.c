/*
 * Loads a whole object, pins it, attaches what is asked for, and holds it:
 *
 *   agent hold --name NAME [--program NAME]… [--no-pins] [--folder FOLDER] OBJECT
 *
 * Its end gives everything back, and its standard input's end is its own: whoever started it may be killed, and nothing stays.
 * While it holds, lines of the standard input ask for more: "attach PROGRAM=WHERE", "detach NUMBER", and "stay", which pins
 * the links too and ends without giving anything back. In a terminal, where sudo has asked for the password, FOLDER/asked is
 * read instead, and FOLDER/told written; when the first is removed, that is the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "hold.h"

#define LOG_SIZE (64u << 10)
/* Of what an iterator prints. */
#define OUTPUT_SIZE (256u << 10)
/* How often a file is looked at, which cannot be waited for. */
#define LOOK_EVERY_MS 100

struct held {
	const char *name;
	bool pins;
	/* Whether our folder in bpffs has been made. */
	bool has_folder;
	const char *path;
	char **programs;
	int program_count;
	const char *folder;
	/* Where wishes come from; our standard input as a rule. */
	int asked;
	struct bpf_object *object;
	struct attachment *attached;
	int last_number;
};

static void event(const char *what)
{
	json_begin();
	json_text("event", what);
}

static void failed(const char *what, const char *name, const char *to, int error)
{
	event(what);
	if (name)
		json_text("name", name);
	if (to)
		json_text("to", to);
	json_number("error", error);
	json_text("why", why());
	json_text("words", words());
	json_end();
}

/* What an iterator has to tell is read once, and told with what it is attached to. */
static void say_output(int link)
{
	char *text = malloc(OUTPUT_SIZE);
	size_t length = 0;
	ssize_t part;
	int fd = bpf_iter_create(link);

	while (text && fd >= 0 && length < OUTPUT_SIZE && (part = read(fd, text + length, OUTPUT_SIZE - length)) > 0)
		length += part;
	if (text && fd >= 0)
		json_text_n("output", text, length);
	if (fd >= 0)
		close(fd);
	free(text);
}

static bool is_iterator(const struct attachment *made)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);

	return made->kind == KIND_LINK && made->link_count == 1 &&
	       !bpf_obj_get_info_by_fd(bpf_link__fd(made->links[0]), &info, &size) && info.type == BPF_LINK_TYPE_ITER;
}

/* Newer than many a header: the map of a struct_ops is attached by a link. */
#define BY_LINK (1u << 13)

static bool is_link(struct held *held, const struct attachment *made)
{
	struct bpf_map *map = bpf_object__find_map_by_name(held->object, made->name);

	return made->kind == KIND_LINK || (made->kind == KIND_STRUCT_OPS && map && bpf_map__map_flags(map) & BY_LINK);
}

static int pin_link(struct held *held, struct attachment *made)
{
	char path[512], name[300];
	int i, error = 0;

	if (made->kind == KIND_SOCKET)
		return refuse(EINVAL, "a socket ends with its process, so that this cannot stay");
	if (!is_link(held, made))
		return 0;
	for (i = 0; i < (made->link_count ?: 1) && !error; i++) {
		int fd = made->link_count ? bpf_link__fd(made->links[i]) : made->fd;

		snprintf(name, sizeof(name), "%s_%d_%d", made->name, made->number, i);
		error = folder_pin(held->name, "links", name, fd, path, sizeof(path));
	}
	return error;
}

static void attach_one(struct held *held, const char *name, const char *to)
{
	struct attachment *made;
	int error;

	words_forget();
	if (!held->pins && !strncmp(to, "tc:", 3))
		error = refuse(ENOTSUP, "a filter of tc outlives its maker, and without bpffs nobody could know it again");
	else
		error = attach(held->object, name, to, &made);
	if (error) {
		failed("failed", name, to, error);
		return;
	}
	made->number = ++held->last_number;
	error = held->pins ? folder_record(held->name, made) : 0;
	if (error) {
		failed("failed", name, to, error);
		if (held->pins)
			folder_forget(held->name, made->number);
		detach(made);
		return;
	}
	made->next = held->attached;
	held->attached = made;
	event("attached");
	json_number("number", made->number);
	json_text("name", made->name);
	json_text("to", made->to);
	json_number("link", attachment_id(made));
	if (is_iterator(made))
		say_output(bpf_link__fd(made->links[0]));
	json_end();
}

/* "program=where": the first = ends the name, which has none. */
static void attach_wish(struct held *held, char *wish)
{
	char *equals = strchr(wish, '=');

	if (!equals) {
		refuse(EINVAL, "say PROGRAM=WHERE");
		failed("failed", wish, "", EINVAL);
		return;
	}
	*equals = 0;
	attach_one(held, wish, equals + 1);
	*equals = '=';
}

static void let_go(struct held *held, struct attachment *made)
{
	int number = made->number, error;

	words_forget();
	refuse(0, "%s", "");
	event("detached");
	json_number("number", number);
	json_text("name", made->name);
	json_text("to", made->to);
	error = detach(made);
	json_number("error", error);
	json_end();
	/* What could not be taken back stays written down. */
	if (held->pins && !error)
		folder_forget(held->name, number);
}

static void detach_one(struct held *held, int number)
{
	struct attachment **at;

	for (at = &held->attached; *at; at = &(*at)->next) {
		struct attachment *made = *at;

		if (made->number != number)
			continue;
		*at = made->next;
		let_go(held, made);
		return;
	}
}

/* As late as may be: who is ended while the kernel verifies leaves nothing. */
static int need_folder(struct held *held)
{
	int error;

	if (!held->pins || held->has_folder)
		return 0;
	error = folder_make(held->name, held->path);
	held->has_folder = !error;
	if (error && error != EEXIST)
		folder_remove(held->name);
	return error;
}

/* Maps that say so themselves are pinned by libbpf, to where others look for them; what was not there before is ours to remove. */
static void note_own_pins(struct held *held)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, held->object) {
		const char *path = bpf_map__pin_path(map);
		struct attachment note = { .kind = KIND_PIN, .name = (char *)bpf_map__name(map), .to = (char *)path };

		if (!path || !access(path, F_OK))
			continue;
		if (held->pins && !need_folder(held)) {
			note.number = ++held->last_number;
			folder_record(held->name, &note);
		} else {
			bpf_map__set_pin_path(map, NULL);
		}
	}
}

static bool is_wanted(const struct held *held, const char *name)
{
	int i;

	for (i = 0; i < held->program_count; i++)
		if (!strcmp(held->programs[i], name))
			return true;
	return held->program_count == 0;
}

static int load(struct held *held)
{
	static char log[LOG_SIZE];
	struct bpf_program *program;
	int i;

	held->object = bpf_object__open_file(held->path, NULL);
	if (!held->object)
		return errno ?: EINVAL;
	for (i = 0; i < held->program_count; i++)
		if (!bpf_object__find_program_by_name(held->object, held->programs[i]))
			return refuse(ENOENT, "there is no program %s in this object", held->programs[i]);
	bpf_object__for_each_program(program, held->object) {
		if (!is_wanted(held, bpf_program__name(program)))
			bpf_program__set_autoload(program, false);
		else if (held->program_count)
			bpf_program__set_autoload(program, true);
		/* Else libbpf makes room for logs of any length; why one is refused is asked for elsewhere. */
		bpf_program__set_log_buf(program, log, sizeof(log));
	}
	if (memory_is_short(held->object))
		return refuse(ENOMEM, "its maps would take more than a fair share of the memory that is free");
	note_own_pins(held);
	if (bpf_object__load(held->object))
		return errno ?: EINVAL;
	return need_folder(held);
}

static void say_program(struct held *held, struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);
	char path[512] = "";

	bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size);
	if (held->pins && folder_pin(held->name, "programs", bpf_program__name(program), bpf_program__fd(program), path,
				     sizeof(path)))
		path[0] = 0;
	event("program");
	json_text("name", bpf_program__name(program));
	json_text("section", bpf_program__section_name(program));
	json_number("id", info.id);
	json_number("type", bpf_program__type(program));
	json_number("attachType", bpf_program__expected_attach_type(program));
	json_text("pinned", path);
	json_end();
}

static void say_map(struct held *held, struct bpf_map *map)
{
	struct bpf_map_info info = {};
	uint32_t size = sizeof(info);
	char path[512] = "";

	bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &size);
	if (held->pins && folder_pin(held->name, "maps", bpf_map__name(map), bpf_map__fd(map), path, sizeof(path)))
		path[0] = 0;
	event("map");
	json_text("name", bpf_map__name(map));
	json_number("id", info.id);
	json_number("type", bpf_map__type(map));
	json_text("pinned", path);
	json_end();
}

static void say_loaded(struct held *held)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, held->object)
		if (bpf_program__fd(program) >= 0)
			say_program(held, program);
	bpf_object__for_each_map(map, held->object)
		if (bpf_map__fd(map) >= 0)
			say_map(held, map);
}

/* Links are pinned, all else stays by itself. Nothing is closed, since libbpf would end a struct_ops with its link. */
static void stay(struct held *held)
{
	struct attachment *made;
	int error = held->has_folder ? 0 : refuse(ENOTSUP, "%s is no bpffs: mount -t bpf bpf %s", BPFFS, BPFFS);

	for (made = held->attached; made && !error; made = made->next)
		error = pin_link(held, made);
	error = error ?: folder_stays(held->name);
	if (error) {
		failed("failed", held->name, "stay", error);
		return;
	}
	event("stays");
	json_text("name", held->name);
	json_end();
	_exit(0);
}

static void obey(struct held *held, char *line)
{
	if (!strncmp(line, "attach ", 7))
		attach_wish(held, line + 7);
	else if (!strncmp(line, "detach ", 7))
		detach_one(held, atoi(line + 7));
	else if (!strcmp(line, "stay"))
		stay(held);
}

/* False when there is nobody any more to ask. */
static bool read_wishes(struct held *held)
{
	static char line[8192];
	static size_t length;
	struct stat found;
	char *end;
	ssize_t got = read(held->asked, line + length, sizeof(line) - 1 - length);

	if (got < 0)
		return errno == EINTR;
	/* The end of a file is not that of those who write to it. */
	if (got == 0)
		return held->folder && !fstat(held->asked, &found) && found.st_nlink > 0;
	length += got;
	line[length] = 0;
	while ((end = strchr(line, '\n'))) {
		*end = 0;
		obey(held, line);
		length -= end + 1 - line;
		memmove(line, end + 1, length + 1);
	}
	/* Nobody who means well says so much in one line. */
	if (length == sizeof(line) - 1)
		length = 0;
	return true;
}

/* Until the standard input ends or a signal says so. */
static void wait_for_end(struct held *held, int signals)
{
	struct pollfd sources[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = held->folder ? -1 : held->asked, .events = POLLIN },
	};

	for (;;) {
		int ready = poll(sources, 2, held->folder ? LOOK_EVERY_MS : -1);

		if (ready < 0 && errno != EINTR)
			return;
		if (ready > 0 && sources[0].revents)
			return;
		if ((held->folder || (ready > 0 && sources[1].revents)) && !read_wishes(held))
			return;
	}
}

/* Never through a link, and never into what is there already: we may be root in a folder of somebody else. */
static int talk_by_files(struct held *held)
{
	int folder = open(held->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), told;

	if (folder < 0)
		return errno;
	held->asked = openat(folder, "asked", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	told = openat(folder, "told", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	close(folder);
	if (held->asked < 0 || told < 0)
		return errno;
	fflush(stdout);
	if (fchmod(told, 0644) || dup2(told, STDOUT_FILENO) < 0)
		return errno;
	close(told);
	return 0;
}

static int give_back(struct held *held)
{
	int left = 0;

	while (held->attached)
		detach_one(held, held->attached->number);
	if (held->has_folder)
		left = folder_remove(held->name);
	bpf_object__close(held->object);
	event("gone");
	json_text("name", held->name);
	json_number("left", left);
	json_end();
	return 0;
}

static void say_in_the_way(const struct held *held)
{
	bool stays;
	int holder = folder_holder(held->name, &stays);

	event("inTheWay");
	json_text("name", held->name);
	json_number("holder", holder);
	json_number("stays", stays);
	json_end();
}

/* False where something of that name is there already, after saying so. */
static bool prepare(struct held *held)
{
	held->pins = held->pins && folder_possible();
	if (held->pins && !folder_is_ours()) {
		failed("problem", held->name, NULL, EPERM);
		return false;
	}
	if (held->pins && folder_is_there(held->name)) {
		say_in_the_way(held);
		return false;
	}
	return true;
}

static int hold_it(struct held *held, int signals)
{
	int error;

	if (!prepare(held))
		return 0;
	error = load(held);
	/* Somebody else was faster by a moment. */
	if (error == EEXIST && held->pins && !held->has_folder && folder_is_there(held->name)) {
		bpf_object__close(held->object);
		say_in_the_way(held);
		return 0;
	}
	if (error) {
		failed("refused", held->name, NULL, error);
		return give_back(held);
	}
	say_loaded(held);
	event("holding");
	json_text("name", held->name);
	json_number("process", getpid());
	json_number("pins", held->pins);
	json_end();
	wait_for_end(held, signals);
	return give_back(held);
}

/* False where they make no sense. */
static bool read_words(struct held *held, const struct options *options)
{
	bool files_only = false;
	int i;

	for (i = 0; i < options->word_count; i++) {
		char *word = options->words[i], *next = i + 1 < options->word_count ? options->words[i + 1] : NULL;

		if (files_only || word[0] != '-') {
			if (held->path)
				return false;
			held->path = word;
		} else if (!strcmp(word, "--")) {
			files_only = true;
		} else if (!strcmp(word, "--no-pins")) {
			held->pins = false;
		} else {
			if (!next)
				return false;
			if (!strcmp(word, "--name"))
				held->name = next;
			else if (!strcmp(word, "--folder"))
				held->folder = next;
			else if (!strcmp(word, "--program"))
				held->programs[held->program_count++] = next;
			else
				return false;
			i++;
		}
	}
	return held->path && held->name && *held->name && !strpbrk(held->name, "./") && strlen(held->name) <= 128;
}

int hold(const struct options *options)
{
	struct held held = {
		.pins = true,
		.asked = STDIN_FILENO,
		.programs = calloc(options->word_count + 1, sizeof(char *)),
	};
	sigset_t signals;

	if (!held.programs || !read_words(&held, options))
		return 2;
	/* They are looked at between two steps, never in the middle of one. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* Who no longer listens must not keep us from giving back. */
	signal(SIGPIPE, SIG_IGN);
	if (held.folder && talk_by_files(&held)) {
		fprintf(stderr, "agent: %s cannot be used: %s\n", held.folder, strerror(errno));
		return 1;
	}
	if (held.folder)
		fprintf(stderr, "Hookpoint holds %s here. It is unloaded when this terminal is closed.\n", held.name);
	return hold_it(&held, signalfd(-1, &signals, SFD_CLOEXEC));
}
