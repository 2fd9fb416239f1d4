/*
 * The agent as the first and only program of a guest: it takes objects from the second serial port, lets a child do with
 * each what its command line says, and sends back what that printed. channel.ts and ask.ts are at the other end:
 *
 *   hello ID IDLE                     -> ready ID
 *   ask ID IDLE ARGS OBJECT RAW PACKED -> more ID, for each piece that may be sent: then the arguments (each with a zero
 *                                        behind it), the object, and what is left of RAW for a second one, packed as one
 *                                     -> answer ID STATUS OUTPUT RAW PACKED, then output and errors, packed as one
 *   end                               -> powers off
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <zlib.h>
#include "agent.h"

#define OBJECT "/object"
#define TARGET "/target"
#define OUTPUT "/output"
#define ERRORS "/errors"
#define MOST_ARGUMENTS 8192
#define MOST_BYTES (128ul << 20)
/* What may be sent before we say that we have it: the kernel keeps 64 KB of a serial port and drops the rest. */
#define PIECE 16384
#define PATIENCE_MS 10000

static int port = -1;
/* Whoever started the guest may be gone without a word. */
static int idle_seconds = 120;

static void power_off(void)
{
	sync();
	/* Ends the guest on machines that cannot be switched off, too: it is started so that it does not boot again. */
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void mount_all(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
}

static void open_port(void)
{
	struct termios how;

	port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (port < 0) {
		fprintf(stderr, "agent: no second serial port: %s\n", strerror(errno));
		power_off();
	}
	tcgetattr(port, &how);
	cfmakeraw(&how);
	how.c_cflag |= CLOCAL | CREAD;
	how.c_cflag &= ~CRTSCTS;
	cfsetspeed(&how, B115200);
	tcsetattr(port, TCSAFLUSH, &how);
}

/* Waits for what comes; 0 where nothing does in time. */
static size_t receive(char *into, size_t size, int timeout_ms)
{
	struct pollfd wait = { .fd = port, .events = POLLIN };
	ssize_t length;

	if (poll(&wait, 1, timeout_ms) <= 0)
		return 0;
	length = read(port, into, size);
	return length > 0 ? length : 0;
}

static void tell(const char *bytes, size_t size)
{
	while (size) {
		ssize_t length = write(port, bytes, size);

		if (length < 0 && errno != EINTR)
			return;
		if (length > 0) {
			bytes += length;
			size -= length;
		}
	}
}

static void tell_word(const char *word, unsigned long id)
{
	char line[64];

	tell(line, snprintf(line, sizeof(line), "%s %lu\n", word, id));
}

/* Byte by byte: what is behind the line belongs to somebody else. */
static bool receive_line(char *line, size_t size)
{
	size_t length = 0;

	for (;;) {
		char c;

		if (!receive(&c, 1, length ? PATIENCE_MS : idle_seconds * 1000)) {
			if (!length)
				power_off();
			return false;
		}
		if (c == '\n') {
			line[length] = 0;
			return true;
		}
		if (length + 1 < size)
			line[length++] = c;
	}
}

static char *receive_packed(unsigned long id, size_t size)
{
	char *packed = malloc(size + 1);
	size_t have = 0;

	while (packed && have < size) {
		size_t until = have + PIECE < size ? have + PIECE : size;

		tell_word("more", id);
		while (have < until) {
			size_t length = receive(packed + have, until - have, PATIENCE_MS);

			if (!length) {
				free(packed);
				return NULL;
			}
			have += length;
		}
	}
	return packed;
}

/* The whole request, unpacked; NULL where it is cut off or damaged. */
static char *receive_body(unsigned long id, size_t raw, size_t packed_size)
{
	uLongf length = raw;
	char *packed, *body;

	if (raw > MOST_BYTES || packed_size > MOST_BYTES)
		return NULL;
	packed = receive_packed(id, packed_size);
	body = malloc(raw + 1);
	if (!packed || !body ||
	    uncompress((Bytef *)body, &length, (Bytef *)packed, packed_size) != Z_OK || length != raw) {
		free(body);
		body = NULL;
	}
	free(packed);
	return body;
}

static bool write_object(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");
	bool whole = file && fwrite(bytes, 1, size, file) == size;

	return file && fclose(file) == 0 && whole;
}

static void redirect(int to, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(fd, to);
	close(fd);
}

/* A child, so that what goes wrong in it costs one answer. */
static int run_child(int (*work)(int, char **), int argc, char **argv)
{
	int status = 0;
	pid_t ended, child = fork();

	if (child == 0) {
		redirect(1, OUTPUT);
		redirect(2, ERRORS);
		exit(work(argc, argv));
	}
	do
		ended = waitpid(-1, &status, 0);
	while (ended != child && (ended > 0 || errno == EINTR));
	/* All that the child may have left behind. */
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static size_t size_of(const char *path)
{
	struct stat found;

	return stat(path, &found) ? 0 : found.st_size;
}

static size_t append(char *into, const char *path, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(into, 1, size, file) : 0;

	if (file)
		fclose(file);
	return length;
}

static void answer(unsigned long id, int status)
{
	size_t output = size_of(OUTPUT), errors = size_of(ERRORS);
	uLongf packed_size = compressBound(output + errors);
	char *both = malloc(output + errors + 1);
	char *packed = malloc(packed_size);
	char line[128];

	if (!both || !packed) {
		free(both);
		free(packed);
		tell_word("nothing", id);
		return;
	}
	output = append(both, OUTPUT, output);
	errors = append(both + output, ERRORS, errors);
	compress2((Bytef *)packed, &packed_size, (Bytef *)both, output + errors, 1);
	tell(line, snprintf(line, sizeof(line), "answer %lu %d %zu %zu %lu\n", id, status, output, output + errors,
			    packed_size));
	tell(packed, packed_size);
	free(packed);
	free(both);
}

/* How the body is parted. */
struct parts {
	unsigned long args, object, raw;
};

static bool is_sound(const struct parts *parts)
{
	return parts->args > 0 && parts->args <= parts->raw && parts->object <= parts->raw - parts->args;
}

static void take(unsigned long id, char *body, const struct parts *parts, int (*work)(int, char **))
{
	char *argv[MOST_ARGUMENTS + 2] = { "agent" };
	int argc = 1;
	char *object = body + parts->args, *at;
	size_t rest = parts->raw - parts->args - parts->object;

	for (at = body; at < object && argc <= MOST_ARGUMENTS; at += strlen(at) + 1)
		argv[argc++] = at;
	if (!write_object(OBJECT, object, parts->object) ||
	    (rest && !write_object(TARGET, object + parts->object, rest))) {
		tell_word("nothing", id);
		return;
	}
	answer(id, run_child(work, argc, argv));
	unlink(OBJECT);
	unlink(TARGET);
	unlink(OUTPUT);
	unlink(ERRORS);
}

int serve(int (*work)(int, char **))
{
	if (getpid() != 1) {
		fputs("agent: serving is for guests, where nothing else runs\n", stderr);
		return 2;
	}
	mount_all();
	open_port();
	for (;;) {
		unsigned long id, packed;
		struct parts parts;
		char line[256];
		char *body;
		int idle;

		if (!receive_line(line, sizeof(line)))
			continue;
		if (!strcmp(line, "end"))
			power_off();
		if (sscanf(line, "hello %lu %d", &id, &idle) == 2) {
			idle_seconds = idle;
			tell_word("ready", id);
		} else if (sscanf(line, "ask %lu %d %lu %lu %lu %lu", &id, &idle, &parts.args, &parts.object, &parts.raw,
				  &packed) == 6) {
			idle_seconds = idle;
			body = receive_body(id, parts.raw, packed);
			if (body && is_sound(&parts) && !body[parts.args - 1])
				take(id, body, &parts, work);
			else
				tell_word("nothing", id);
			free(body);
		}
	}
}
