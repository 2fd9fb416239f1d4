/* One JSON object per line on the standard output. */
#include "agent.h"

static bool first;

static void escaped(const char *text, size_t length)
{
	size_t i;

	putchar('"');
	for (i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c == '\n')
			fputs("\\n", stdout);
		else if (c == '\t')
			fputs("\\t", stdout);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			/* Bytes of UTF-8 as they are; the reader copes with what is none. */
			putchar(c);
	}
	putchar('"');
}

static void named(const char *name)
{
	if (!first)
		putchar(',');
	first = false;
	printf("\"%s\":", name);
}

void json_begin(void)
{
	first = true;
	putchar('{');
}

void json_end(void)
{
	fputs("}\n", stdout);
	fflush(stdout);
}

void json_text_n(const char *name, const char *text, size_t length)
{
	named(name);
	escaped(text, length);
}

void json_text(const char *name, const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	json_text_n(name, text, length);
}

void json_number(const char *name, long long value)
{
	named(name);
	printf("%lld", value);
}

void json_decimal(const char *name, double value)
{
	named(name);
	printf("%.3f", value);
}

void json_flag(const char *name, bool value)
{
	named(name);
	fputs(value ? "true" : "false", stdout);
}

void json_numbers(const char *name, const uint32_t *values, size_t count)
{
	size_t i;

	named(name);
	putchar('[');
	for (i = 0; i < count; i++)
		printf("%s%u", i ? "," : "", values[i]);
	putchar(']');
}
