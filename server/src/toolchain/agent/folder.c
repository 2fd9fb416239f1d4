/*
 * Our folder in bpffs: /sys/fs/bpf/hookpoint/NAME/{programs,maps,links,attached}. What cannot be pinned is written down in the
 * targets of symbolic links, so that whoever comes after a holder that was killed knows what to take back.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "hold.h"

#define HOLDER "holder"
#define STAYS "stays"

static const char *const kinds[KIND_COUNT] = { "link", "tc", "struct_ops", "sockmap", "socket", "pin" };

bool folder_possible(void)
{
	struct statfs found;

	return !statfs(BPFFS, &found) && (unsigned long)found.f_type == BPF_FS_MAGIC;
}

void folder_path(char *path, size_t size, const char *name, const char *kind, const char *what)
{
	snprintf(path, size, "%s/%s%s%s%s%s", OURS, name, kind ? "/" : "", kind ?: "", what ? "/" : "", what ?: "");
}

/*
 * Where bpffs is for everybody, as mount makes it, others could put there what root then believes. Also true where there is
 * no folder yet.
 */
bool folder_is_ours(void)
{
	struct stat found;

	if (lstat(OURS, &found))
		return errno == ENOENT || errno == ENOTDIR;
	if (S_ISDIR(found.st_mode) && (found.st_uid == geteuid() || found.st_uid == 0) && !(found.st_mode & 022))
		return true;
	refuse(EPERM, "%s was made by somebody else: have a look at it, and remove it", OURS);
	return false;
}

bool folder_is_there(const char *name)
{
	char path[512];

	folder_path(path, sizeof(path), name, NULL, NULL);
	return !access(path, F_OK);
}

/* When a process began, which tells it from a later one with the same number; 0 where there is none. */
static unsigned long long began(int process)
{
	unsigned long long start = 0;
	char path[64], text[1024], *end;
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", process);
	file = fopen(path, "r");
	if (!file)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = 0;
	/* The name stands in brackets, and may hold some itself. */
	end = strrchr(text, ')');
	if (end)
		sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &start);
	return start;
}

static unsigned long namespace(const char *path)
{
	struct stat found;

	return stat(path, &found) ? 0 : found.st_ino;
}

unsigned long network_namespace(void)
{
	return namespace("/proc/self/ns/net");
}

static int write_down(const char *name, const char *kind, const char *what, const char *text)
{
	char path[512];

	folder_path(path, sizeof(path), name, kind, what);
	return symlink(text, path) ? errno : 0;
}

static bool read_back(const char *name, const char *kind, const char *what, char *text, size_t size)
{
	char path[512];
	ssize_t length;

	folder_path(path, sizeof(path), name, kind, what);
	length = readlink(path, text, size - 1);
	if (length < 0)
		return false;
	text[length] = 0;
	return true;
}

int folder_make(const char *name, const char *object)
{
	static const char *const parts[] = { "programs", "maps", "links", "attached" };
	char path[512], text[128];
	int error, tries;
	size_t i;

	/* Whoever unloads the last takes ours away at just this moment. */
	for (error = ENOENT, tries = 0; error == ENOENT && tries < 100; tries++) {
		if (mkdir(OURS, 0755) && errno != EEXIST)
			return errno;
		if (!folder_is_ours())
			return EPERM;
		folder_path(path, sizeof(path), name, NULL, NULL);
		error = mkdir(path, 0755) ? errno : 0;
	}
	if (error)
		return error;
	snprintf(text, sizeof(text), "%d %llu %lu", getpid(), began(getpid()), namespace("/proc/self/ns/pid"));
	if (write_down(name, HOLDER, NULL, text))
		return errno;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		folder_path(path, sizeof(path), name, parts[i], NULL);
		if (mkdir(path, 0755))
			return errno;
	}
	snprintf(text, sizeof(text), "%lld", (long long)time(NULL));
	write_down(name, "since", NULL, text);
	write_down(name, "object", NULL, object);
	return 0;
}

int folder_pin(const char *name, const char *kind, const char *what, int fd, char *path, size_t size)
{
	char own[256];
	size_t i;

	/* bpffs takes no dots. */
	snprintf(own, sizeof(own), "%s", what);
	for (i = 0; own[i]; i++)
		if (own[i] == '.' || own[i] == '/')
			own[i] = '_';
	folder_path(path, size, name, kind, own);
	return bpf_obj_pin(fd, path) ? errno : 0;
}

int folder_record(const char *name, const struct attachment *attachment)
{
	const struct filter *filter = &attachment->filter;
	char number[16], text[4096];
	int length;

	snprintf(number, sizeof(number), "%d", attachment->number);
	/* One that would be read back otherwise than it was meant is worse than none. */
	if (strchr(attachment->name, '='))
		return EINVAL;
	length = snprintf(text, sizeof(text), "%s %lu %d %d %u %u %u %d %s=%s", kinds[attachment->kind], network_namespace(),
		 filter->interface, filter->egress, filter->handle, filter->priority, filter->program,
		 filter->made_qdisc, attachment->name, attachment->to);
	if (length < 0 || (size_t)length >= sizeof(text))
		return ENAMETOOLONG;
	return write_down(name, "attached", number, text);
}

bool folder_read_record(const char *name, const char *number, struct record *record)
{
	char text[4096], kind[32], *equals;
	struct filter *filter = &record->filter;
	int egress, qdisc, end = 0, i;

	memset(record, 0, sizeof(*record));
	if (!read_back(name, "attached", number, text, sizeof(text)))
		return false;
	if (sscanf(text, "%31s %lu %d %d %u %u %u %d %n", kind, &record->network, &filter->interface, &egress,
		   &filter->handle, &filter->priority, &filter->program, &qdisc, &end) < 8 || !end)
		return false;
	filter->egress = egress;
	filter->made_qdisc = qdisc;
	for (i = 0; i < KIND_COUNT && strcmp(kinds[i], kind); i++)
		;
	equals = strchr(text + end, '=');
	if (i == KIND_COUNT || !equals)
		return false;
	record->kind = i;
	*equals = 0;
	snprintf(record->name, sizeof(record->name), "%s", text + end);
	snprintf(record->to, sizeof(record->to), "%s", equals + 1);
	return true;
}

int folder_forget(const char *name, int number)
{
	char path[512], text[16];

	snprintf(text, sizeof(text), "%d", number);
	folder_path(path, sizeof(path), name, "attached", text);
	return unlink(path) ? errno : 0;
}

int folder_stays(const char *name)
{
	char path[512];

	folder_path(path, sizeof(path), name, HOLDER, NULL);
	if (unlink(path))
		return errno;
	return write_down(name, STAYS, NULL, "on request");
}

int folder_holder(const char *name, bool *stays)
{
	unsigned long long start;
	unsigned long processes;
	char text[128];
	int process;

	*stays = read_back(name, NULL, STAYS, text, sizeof(text)) || read_back(name, STAYS, NULL, text, sizeof(text));
	if (!read_back(name, HOLDER, NULL, text, sizeof(text)) ||
	    sscanf(text, "%d %llu %lu", &process, &start, &processes) != 3)
		return 0;
	/* In another namespace of processes it cannot be seen, so that it must be taken to be alive. */
	if (processes != namespace("/proc/self/ns/pid"))
		return -1;
	return start && began(process) == start ? process : 0;
}

/* Whatever a record says: only what lies in a bpffs is a pin. */
static int unpin(const char *path)
{
	struct statfs found;
	char folder[4096];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash)
		return EINVAL;
	*slash = 0;
	if (statfs(folder, &found))
		return errno == ENOENT ? 0 : errno;
	if ((unsigned long)found.f_type != BPF_FS_MAGIC)
		return EINVAL;
	return unlink(path) && errno != ENOENT ? errno : 0;
}

static int take_back(const char *name, const struct record *record)
{
	char path[512], own[256];
	uint32_t zero = 0;
	int fd, error, i;

	switch (record->kind) {
	case KIND_FILTER:
		if (record->network == network_namespace())
			return filter_detach(&record->filter);
		/* Its network is not ours; if nobody has the program any more, that network is gone. */
		fd = bpf_prog_get_fd_by_id(record->filter.program);
		if (fd < 0)
			return errno == ENOENT ? 0 : errno;
		close(fd);
		return EXDEV;
	case KIND_STRUCT_OPS:
		snprintf(own, sizeof(own), "%s", record->name);
		for (i = 0; own[i]; i++)
			if (own[i] == '.')
				own[i] = '_';
		folder_path(path, sizeof(path), name, "maps", own);
		fd = bpf_obj_get(path);
		if (fd < 0)
			return errno;
		/* Where a link held it, it went with the link. */
		error = bpf_map_delete_elem(fd, &zero) && errno != ENOENT && errno != EINPROGRESS && errno != EOPNOTSUPP ?
			errno : 0;
		close(fd);
		return error;
	case KIND_PIN:
		return unpin(record->to);
	default:
		return 0;
	}
}

/* Calls with each name in a part of the folder. */
static int each(const char *name, const char *part, int (*visit)(const char *, const char *, const char *))
{
	struct dirent *entry;
	char path[512];
	int failed = 0;
	DIR *folder;

	folder_path(path, sizeof(path), name, part, NULL);
	folder = opendir(path);
	if (!folder)
		return 0;
	while ((entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			failed += visit(name, part, entry->d_name);
	closedir(folder);
	return failed;
}

static int take_back_one(const char *name, const char *part, const char *number)
{
	struct record record;
	char path[512];
	int error;

	if (!folder_read_record(name, number, &record))
		return 0;
	error = take_back(name, &record);
	if (error) {
		json_begin();
		json_text("event", "left");
		json_text("name", record.name);
		json_text("to", record.to);
		json_number("error", error);
		json_end();
		/* A record of what is in another network must be kept. */
		return 1;
	}
	folder_path(path, sizeof(path), name, part, number);
	unlink(path);
	return 0;
}

static int remove_one(const char *name, const char *part, const char *what)
{
	char path[512];

	folder_path(path, sizeof(path), name, part, what);
	return unlink(path) ? 1 : 0;
}

int folder_remove(const char *name)
{
	static const char *const parts[] = { "links", "programs", "maps" };
	static const char *const texts[] = { HOLDER, STAYS, "since", "object" };
	char path[512];
	int failed;
	size_t i;

	if (!folder_is_ours())
		return 1;
	failed = each(name, "attached", take_back_one);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		failed += each(name, parts[i], remove_one);
		folder_path(path, sizeof(path), name, parts[i], NULL);
		rmdir(path);
	}
	/* What is written down of things that are still there has to stay. */
	if (failed)
		return failed;
	folder_path(path, sizeof(path), name, "attached", NULL);
	rmdir(path);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		folder_path(path, sizeof(path), name, texts[i], NULL);
		unlink(path);
	}
	folder_path(path, sizeof(path), name, NULL, NULL);
	failed += rmdir(path) && errno != ENOENT;
	/* Ours goes with the last that is in it. */
	rmdir(OURS);
	return failed;
}
