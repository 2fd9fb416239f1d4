/*
 * What libbpf makes of sections: reads one name per line, prints "name<TAB>program type<TAB>attach type", or "name<TAB>-"
 * where libbpf finds no type. The first line is libbpf's version.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

int main(void)
{
	char name[512];

	libbpf_set_print(quiet);
	printf("%s\n", libbpf_version_string());
	while (fgets(name, sizeof(name), stdin)) {
		enum bpf_prog_type type;
		enum bpf_attach_type attach;

		name[strcspn(name, "\n")] = 0;
		if (libbpf_prog_type_by_name(name, &type, &attach) == 0)
			printf("%s\t%d\t%d\n", name, (int)type, (int)attach);
		else
			printf("%s\t-\n", name);
	}
	return 0;
}
