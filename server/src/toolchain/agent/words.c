/* What libbpf prints, kept until it is taken. The verifier's log goes to a buffer of our own, and is not in it. */
#include <stdarg.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "agent.h"

static char kept[1 << 16];
static size_t length;

static void keep(const char *line, size_t size)
{
	if (length + size >= sizeof(kept))
		return;
	memcpy(kept + length, line, size);
	length += size;
	kept[length] = 0;
}

static int listen(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[1 << 14];
	int size;

	if (level == LIBBPF_DEBUG)
		return 0;
	size = vsnprintf(line, sizeof(line), format, args);
	if (size < 0)
		return 0;
	if ((size_t)size >= sizeof(line))
		size = sizeof(line) - 1;
	/* The same log again, in its middle. */
	if (strstr(line, "-- BEGIN PROG LOAD LOG --"))
		return 0;
	keep(line, size);
	return 0;
}

void words_add(const char *format, ...)
{
	char line[512];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (size < 0)
		return;
	if ((size_t)size >= sizeof(line) - 1)
		size = sizeof(line) - 2;
	line[size++] = '\n';
	keep(line, size);
}

void words_listen(void)
{
	libbpf_set_print(listen);
}

const char *words(void)
{
	return kept;
}

void words_forget(void)
{
	length = 0;
	kept[0] = 0;
}
