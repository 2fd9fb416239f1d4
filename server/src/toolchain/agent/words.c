/* What libbpf prints, kept until it is taken. The verifier's log goes to a buffer of our own, and is not in it. */
#include <stdarg.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "agent.h"

static char kept[1 << 16];
static size_t length;

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
	if (length + size < sizeof(kept)) {
		memcpy(kept + length, line, size);
		length += size;
		kept[length] = 0;
	}
	return 0;
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
