/* Where the answers go, and until when: a file that is there whole or not at all, and an end when nobody waits any more. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent.h"

static const char *wanted;
static char *half;

/* A file of this name must not be there yet: as root we must not be led elsewhere by a link. */
static int open_half(const char *path)
{
	half = malloc(strlen(path) + sizeof(".half"));
	if (!half)
		return -1;
	sprintf(half, "%s.half", path);
	return open(half, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
}

static void drop_half(int number)
{
	unlink(half);
	_exit(128 + number);
}

int output_to(const char *path)
{
	int file = open_half(path);

	if (file < 0 || fchmod(file, 0644) || dup2(file, STDOUT_FILENO) < 0) {
		fprintf(stderr, "agent: %s cannot be written: %s\n", path, strerror(errno));
		return -1;
	}
	close(file);
	wanted = path;
	signal(SIGHUP, drop_half);
	signal(SIGINT, drop_half);
	signal(SIGTERM, drop_half);
	return 0;
}

int output_done(void)
{
	bool failed = fflush(stdout) || ferror(stdout);

	if (!wanted)
		return failed ? -1 : 0;
	if (!failed && !rename(half, wanted))
		return 0;
	fprintf(stderr, "agent: %s cannot be written: %s\n", wanted, strerror(errno));
	unlink(half);
	return -1;
}

/* Reads what nobody wants until there is no more. */
static void wait_for_end(void)
{
	char bytes[4096];
	ssize_t size;

	do
		size = read(STDIN_FILENO, bytes, sizeof(bytes));
	while (size > 0 || (size < 0 && errno == EINTR));
}

/*
 * Whoever started us, as another user or from another machine, cannot send us a signal, or is no longer there to do so; our
 * standard input ends then. A child waits for that, since we may be in the kernel for seconds.
 */
void end_with_input(void)
{
	pid_t us = getpid();

	if (fork() != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	if (getppid() != us)
		_exit(0);
	wait_for_end();
	if (getppid() == us)
		kill(us, SIGTERM);
	_exit(0);
}
