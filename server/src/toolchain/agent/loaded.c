/* What lies in our folder: told, and removed on request. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "hold.h"

/* How long a holder may take to give everything back. */
#define PATIENCE_MS 5000

static void say_text(const char *name, const char *kind)
{
	char path[512], text[4096];
	ssize_t length;

	folder_path(path, sizeof(path), name, kind, NULL);
	length = readlink(path, text, sizeof(text));
	json_text_n(kind, text, length < 0 ? 0 : length);
}

static void say_program(int fd)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return;
	json_number("id", info.id);
	json_number("type", info.type);
}

static void say_map(int fd)
{
	struct bpf_map_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return;
	json_number("id", info.id);
	json_number("type", info.type);
}

static void say_link(int fd)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return;
	json_number("id", info.id);
	json_number("type", info.type);
	json_number("program", info.prog_id);
}

static void each_pin(const char *name, const char *part, const char *what, void (*say)(int fd))
{
	struct dirent *entry;
	char path[512];
	DIR *folder;

	folder_path(path, sizeof(path), name, part, NULL);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		int fd;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		folder_path(path, sizeof(path), name, part, entry->d_name);
		json_begin();
		json_text("event", what);
		json_text("name", entry->d_name);
		json_text("pinned", path);
		fd = bpf_obj_get(path);
		if (fd >= 0) {
			say(fd);
			close(fd);
		}
		json_end();
	}
	if (folder)
		closedir(folder);
}

static void say_attached(const char *name)
{
	struct dirent *entry;
	struct record record;
	char path[512];
	DIR *folder;

	folder_path(path, sizeof(path), name, "attached", NULL);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		/* What libbpf pinned by its map's own wish is no attachment. */
		if (!folder_read_record(name, entry->d_name, &record) || record.kind == KIND_PIN)
			continue;
		json_begin();
		json_text("event", "attached");
		json_number("number", atoi(entry->d_name));
		json_text("name", record.name);
		json_text("to", record.to);
		json_number("here", record.network == network_namespace());
		json_end();
	}
	if (folder)
		closedir(folder);
}

static void say_one(const char *name)
{
	bool stays;
	int holder = folder_holder(name, &stays);

	json_begin();
	json_text("event", "loaded");
	json_text("name", name);
	say_text(name, "object");
	say_text(name, "since");
	json_number("holder", holder);
	json_number("stays", stays);
	json_end();
	each_pin(name, "programs", "program", say_program);
	each_pin(name, "maps", "map", say_map);
	each_pin(name, "links", "link", say_link);
	say_attached(name);
}

/* False, after saying so, where nothing that is written there can be believed. */
static bool can_be_believed(void)
{
	if (folder_is_ours())
		return true;
	fprintf(stderr, "agent: %s\n", why());
	return false;
}

static int each_folder(int (*visit)(const char *name))
{
	DIR *folder = opendir(OURS);
	char *names[1024];
	struct dirent *entry;
	int failed = 0, count = 0, i;

	if (!folder)
		return errno == ENOENT || errno == ENOTDIR ? 0 : 1;
	/* Before anything is removed, which would change what is read. */
	while (count < 1024 && (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			names[count++] = strdup(entry->d_name);
	closedir(folder);
	for (i = 0; i < count; i++) {
		failed += names[i] ? visit(names[i]) : 0;
		free(names[i]);
	}
	return failed;
}

static int tell(const char *name)
{
	say_one(name);
	return 0;
}

int loaded(const struct options *options)
{
	if (options->word_count)
		return 2;
	if (!can_be_believed())
		return 1;
	if (!each_folder(tell))
		return 0;
	fprintf(stderr, "agent: %s cannot be read: %s\n", OURS, strerror(errno));
	return 1;
}

/* Asks whoever holds it, who knows best what to give back; then does what is left to do. */
static int unload_one(const char *name)
{
	bool stays, was_there = folder_is_there(name);
	int holder = folder_holder(name, &stays), left = 0, waited;

	if (holder > 0 && !kill(holder, SIGTERM))
		for (waited = 0; waited < PATIENCE_MS && folder_holder(name, &stays) > 0; waited += 10)
			usleep(10000);
	holder = folder_holder(name, &stays);
	if (was_there && !holder && folder_is_there(name))
		left = folder_remove(name);
	json_begin();
	json_text("event", holder ? "held" : was_there ? "unloaded" : "notThere");
	json_text("name", name);
	json_number("left", left);
	json_end();
	return holder || left || !was_there;
}

int unload(const struct options *options)
{
	int i;

	if (!can_be_believed())
		return 1;
	for (i = 0; i < options->word_count; i++) {
		const char *word = options->words[i];

		if (!strcmp(word, "--all"))
			each_folder(unload_one);
		else if (!*word || strpbrk(word, "./"))
			return 2;
		else
			unload_one(word);
	}
	return 0;
}
