/* How often the verifier came by each instruction, counted in what it prints of every step. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "agent.h"

/* What the last line says of how much it did; -1 where it does not say. */
long long processed(const char *log)
{
	const char *found = NULL, *next = log;
	long long count;

	/* Old messages end without a line break, so it need not begin a line. */
	while ((next = strstr(next, "processed ")))
		found = next++;
	return found && sscanf(found, "processed %lld insns", &count) == 1 ? count : -1;
}

/*
 * A step is a line such as "12: (85) call …"; one that ends because it has been that far before is "from 10 to 12: safe" or
 * "12: safe". Anything else that is numbered tells of registers. Returns the instruction, or -1.
 */
static long step_in(const char *line)
{
	char *end;
	long instruction;

	if (!strncmp(line, "from ", 5)) {
		strtol(line + 5, &end, 10);
		if (strncmp(end, " to ", 4))
			return -1;
		instruction = strtol(end + 4, &end, 10);
		if (!strncmp(end, " (speculative execution)", 24))
			end += 24;
		return strncmp(end, ": safe", 6) ? -1 : instruction;
	}
	if (!isdigit((unsigned char)*line))
		return -1;
	instruction = strtol(line, &end, 10);
	return !strncmp(end, ": (", 3) || !strncmp(end, ": safe", 6) ? instruction : -1;
}

/* Says nothing, and returns false, unless all that the verifier says it did was found. */
bool say_visits(const char *log, size_t count)
{
	uint32_t *visits = calloc(count ? count : 1, sizeof(*visits));
	const char *line = log;
	long long sum = 0;
	bool whole;

	if (!visits)
		return false;
	while (line) {
		long instruction = step_in(line);

		if (instruction >= 0 && (size_t)instruction < count) {
			visits[instruction]++;
			sum++;
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	whole = sum == processed(log);
	if (whole)
		json_numbers("visits", visits, count);
	free(visits);
	return whole;
}
