// Puts questions to the running kernel: one line, one bpf(2) call, one line of answer.
//
//   btf data=<hex>                                     the BTF that later lines mean by btf=1
//   inner type=… key=… value=… max=… flags=…           the map that later lines mean by inner=1
//   map type=… key=… value=… max=… flags=… extra=… inner=… btf=… keytype=… valuetype=… vmlinux=… ifindex=… numa=…
//   prog type=… attach=… flags=… target=… licence=… level=… insns=<hex>
//
// Any of them may say caps=<hex>: the capabilities it is asked with. Answers are the error number (0 when it worked),
// a tabulator and the verifier's log with `|` between its lines. Nothing is attached, and but for `btf` and `inner`
// nothing outlives its line. Needs the kernel's headers only.
// build: cc -O1 -o ask ask.c

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static char log_text[1 << 18];
static char line[1 << 18];
static int btf_fd, inner_fd;

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

// The value behind ` name=`, or NULL.
static const char *find(const char *name)
{
	char key[32];
	const char *at;

	snprintf(key, sizeof(key), " %s=", name);
	at = strstr(line, key);
	return at ? at + strlen(key) : NULL;
}

static uint64_t number(const char *name)
{
	const char *at = find(name);

	return at ? strtoull(at, NULL, 0) : 0;
}

// The bytes that hexadecimal digits spell; the caller frees them.
static unsigned char *bytes(const char *name, size_t *count)
{
	const char *at = find(name);
	size_t digits = at ? strspn(at, "0123456789abcdef") : 0;
	unsigned char *data = calloc(digits / 2 + 1, 1);
	unsigned int byte;

	*count = digits / 2;
	for (size_t i = 0; i < *count; i++) {
		sscanf(at + 2 * i, "%2x", &byte);
		data[i] = byte;
	}
	return data;
}

static int load_btf(void)
{
	union bpf_attr attr = {};
	size_t size;
	unsigned char *data = bytes("data", &size);
	int fd;

	attr.btf = (uintptr_t)data;
	attr.btf_size = size;
	fd = bpf(BPF_BTF_LOAD, &attr);
	free(data);
	return fd;
}

static int create_map(void)
{
	union bpf_attr attr = {};

	attr.map_type = number("type");
	attr.key_size = number("key");
	attr.value_size = number("value");
	attr.max_entries = number("max");
	attr.map_flags = number("flags");
	attr.map_extra = number("extra");
	attr.map_ifindex = number("ifindex");
	attr.numa_node = number("numa");
	attr.inner_map_fd = number("inner") ? inner_fd : 0;
	attr.btf_fd = number("btf") ? btf_fd : 0;
	attr.btf_key_type_id = number("keytype");
	attr.btf_value_type_id = number("valuetype");
	attr.btf_vmlinux_value_type_id = number("vmlinux");
	return bpf(BPF_MAP_CREATE, &attr);
}

static int load_program(void)
{
	union bpf_attr attr = {};
	size_t size;
	unsigned char *insns = bytes("insns", &size);
	const char *licence = find("licence");
	int fd;

	attr.prog_type = number("type");
	attr.expected_attach_type = number("attach");
	attr.prog_flags = number("flags");
	attr.attach_btf_id = number("target");
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = size / 8;
	attr.license = (uintptr_t)(licence && *licence == 'G' ? "GPL" : "Proprietary");
	attr.log_buf = (uintptr_t)log_text;
	attr.log_size = sizeof(log_text);
	attr.log_level = number("level");
	fd = bpf(BPF_PROG_LOAD, &attr);
	free(insns);
	return fd;
}

// Sets the effective capabilities; those permitted stay, so that they can be taken back.
static void use_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return;
	data[0].effective = data[0].permitted & caps;
	data[1].effective = data[1].permitted & (caps >> 32);
	syscall(SYS_capset, &header, data);
}

static int ask(void)
{
	if (!strncmp(line, "btf ", 4))
		return load_btf();
	if (!strncmp(line, "inner ", 6) || !strncmp(line, "map ", 4))
		return create_map();
	if (!strncmp(line, "prog ", 5))
		return load_program();
	errno = ENOSYS;
	return -1;
}

static void keep_or_close(int fd)
{
	int *place = line[0] == 'b' ? &btf_fd : line[0] == 'i' ? &inner_fd : NULL;

	if (!place) {
		close(fd);
		return;
	}
	if (*place > 0)
		close(*place);
	*place = fd;
}

int main(void)
{
	struct rlimit endless = { RLIM_INFINITY, RLIM_INFINITY };

	// Before 5.11 maps and programs counted against it.
	setrlimit(RLIMIT_MEMLOCK, &endless);
	while (fgets(line, sizeof(line), stdin)) {
		const char *caps = find("caps");
		int fd, error;

		line[strcspn(line, "\n")] = 0;
		log_text[0] = 0;
		if (caps)
			use_caps(strtoull(caps, NULL, 16));
		fd = ask();
		error = fd < 0 ? errno : 0;
		if (caps)
			use_caps(~0ULL);
		if (fd >= 0)
			keep_or_close(fd);
		for (char *c = log_text; *c; c++)
			if (*c == '\n' || *c == '\t')
				*c = '|';
		printf("%d\t%s\n", error, log_text);
		fflush(stdout);
	}
	return 0;
}
