/*
 * Runs a program once, or some times, on input of ours, without attaching it:
 *
 *   agent run --program NAME [--data FILE] [--context FILE] [--repeat N] OBJECT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "hold.h"

#define LOG_SIZE (64u << 10)
#define INPUT_SIZE (64u << 10)
#define OUTPUT_SIZE (INPUT_SIZE + 4096)
/* What a raw tracepoint can have: twelve arguments. */
#define ARGUMENTS_SIZE 96
#define CONTEXT_SIZE 4096

struct input {
	uint8_t bytes[INPUT_SIZE];
	uint32_t size;
	bool given;
};

struct wish {
	const char *path;
	const char *program;
	const char *data_file;
	const char *context_file;
	int repeat;
};

static struct input data, context;

/* Ethernet, IPv4 and TCP with a SYN from 192.0.2.1:1234 to 192.0.2.2:80, filled up to 64 bytes; its checksums are right. */
static const uint8_t packet[64] = {
	0x02, 0, 0, 0, 0, 0x02, 0x02, 0, 0, 0, 0, 0x01, 0x08, 0x00,
	0x45, 0, 0, 0x32, 0, 0x01, 0, 0, 64, 6, 0xf6, 0xc1, 192, 0, 2, 1, 192, 0, 2, 2,
	0x04, 0xd2, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0x26, 0xb2, 0, 0,
};

static int read_input(const char *path, struct input *input)
{
	FILE *file;
	int more;

	if (!path)
		return 0;
	file = fopen(path, "rb");
	if (!file)
		return refuse(errno, "%s cannot be read: %s", path, strerror(errno));
	input->size = fread(input->bytes, 1, sizeof(input->bytes), file);
	if (ferror(file)) {
		int error = errno;

		fclose(file);
		return refuse(error, "%s cannot be read: %s", path, strerror(error));
	}
	more = fgetc(file);
	fclose(file);
	input->given = true;
	return more == EOF ? 0 : refuse(EFBIG, "%s has more than %u bytes, which no run takes", path, INPUT_SIZE);
}

static bool takes_packets(enum bpf_prog_type type)
{
	switch (type) {
	case BPF_PROG_TYPE_SOCKET_FILTER:
	case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT:
	case BPF_PROG_TYPE_XDP:
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_XMIT:
	case BPF_PROG_TYPE_LWT_SEG6LOCAL:
	case BPF_PROG_TYPE_FLOW_DISSECTOR:
		return true;
	default:
		/* Netfilter, which many a header does not know yet. */
		return type == 32;
	}
}

/* What is sensible where nobody gave any. */
static void fill_in(enum bpf_prog_type type)
{
	if (takes_packets(type)) {
		if (!data.given) {
			memcpy(data.bytes, packet, sizeof(packet));
			data.size = sizeof(packet);
		}
		return;
	}
	if (context.given)
		return;
	if (type == BPF_PROG_TYPE_RAW_TRACEPOINT || type == BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE) {
		context.size = ARGUMENTS_SIZE;
	} else if (type == BPF_PROG_TYPE_SYSCALL) {
		context.size = CONTEXT_SIZE;
	} else if (type == BPF_PROG_TYPE_SK_LOOKUP) {
		struct bpf_sk_lookup lookup = { .family = AF_INET, .protocol = 6, .local_port = 80 };

		memcpy(context.bytes, &lookup, sizeof(lookup));
		context.size = sizeof(lookup);
	}
}

static void say_bytes(const char *name, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * size + 1);
	size_t i;

	if (!text)
		return;
	for (i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	json_text_n(name, text, 2 * size);
	free(text);
}

/* Without the zeros at the end, which nobody has touched. */
static size_t used(const uint8_t *bytes, size_t size)
{
	while (size > 0 && !bytes[size - 1])
		size--;
	return size;
}

static void try_it(struct bpf_program *program, int repeat)
{
	static uint8_t data_out[OUTPUT_SIZE], context_out[INPUT_SIZE];
	enum bpf_prog_type type = bpf_program__type(program);
	bool packets = takes_packets(type), keeps_context = packets && type != BPF_PROG_TYPE_FLOW_DISSECTOR && type != 32;
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int error;

	fill_in(type);
	if (data.size) {
		options.data_in = data.bytes;
		options.data_size_in = data.size;
	}
	if (context.size) {
		options.ctx_in = context.bytes;
		options.ctx_size_in = context.size;
	}
	if (packets) {
		options.data_out = data_out;
		options.data_size_out = sizeof(data_out);
		options.repeat = repeat;
	}
	if (keeps_context && context.size) {
		options.ctx_out = context_out;
		options.ctx_size_out = sizeof(context_out);
	}
	error = bpf_prog_test_run_opts(bpf_program__fd(program), &options) ? errno : 0;
	json_begin();
	json_text("event", "ran");
	json_text("program", bpf_program__name(program));
	json_text("section", bpf_program__section_name(program));
	json_number("type", type);
	json_number("attachType", bpf_program__expected_attach_type(program));
	json_number("error", error);
	json_text("why", why());
	json_number("returned", options.retval);
	/* An average where it ran more than once; only runs on packets are timed. */
	if (packets)
		json_number("nanoseconds", options.duration);
	say_bytes("input", data.bytes, data.size);
	if (packets && !error)
		say_bytes("data", data_out, options.data_size_out);
	if (options.ctx_out && !error)
		say_bytes("context", context_out, options.ctx_size_out);
	/* The kernel writes this one back to where it came from. */
	if (type == BPF_PROG_TYPE_SYSCALL && !error)
		say_bytes("context", context.bytes, context.given ? context.size : used(context.bytes, context.size));
	json_end();
}

/* All of them, which a table of programs may need; or, where another one is refused, this one alone. */
static struct bpf_object *load(const struct wish *wish, bool alone, int *error)
{
	struct bpf_object *object = bpf_object__open_file(wish->path, NULL);
	static char log[LOG_SIZE];
	struct bpf_program *program;
	struct bpf_map *map;

	words_forget();
	*error = object ? 0 : errno ?: EINVAL;
	if (!object)
		return NULL;
	bpf_object__for_each_program(program, object) {
		bool wanted = !strcmp(bpf_program__name(program), wish->program);

		if (wanted || alone)
			bpf_program__set_autoload(program, wanted);
		bpf_program__set_log_buf(program, log, sizeof(log));
	}
	bpf_object__for_each_map(map, object)
		bpf_map__set_pin_path(map, NULL);
	if (memory_is_short(object))
		*error = refuse(ENOMEM, "its maps would take more than a fair share of the memory that is free");
	else if (!bpf_object__load(object))
		return object;
	else
		*error = errno ?: EINVAL;
	bpf_object__close(object);
	return NULL;
}

static void problem(const char *what, int error)
{
	json_begin();
	json_text("event", what);
	json_number("error", error);
	json_text("why", why());
	json_text("words", words());
	json_end();
}

static void run_wish(const struct wish *wish)
{
	struct bpf_program *program;
	struct bpf_object *object;
	int error;

	refuse(0, "%s", "");
	error = read_input(wish->data_file, &data);
	error = error ?: read_input(wish->context_file, &context);
	if (error) {
		problem("problem", error);
		return;
	}
	object = load(wish, false, &error);
	if (!object)
		object = load(wish, true, &error);
	if (!object) {
		problem("refused", error);
		return;
	}
	program = bpf_object__find_program_by_name(object, wish->program);
	if (program)
		try_it(program, wish->repeat);
	else
		problem("problem", refuse(ENOENT, "there is no program %s in this object", wish->program));
	bpf_object__close(object);
}

int run(const struct options *options)
{
	struct wish wish = { .repeat = 1 };
	bool files_only = false;
	int i;

	for (i = 0; i < options->word_count; i++) {
		const char *word = options->words[i], *next = i + 1 < options->word_count ? options->words[i + 1] : NULL;

		if (files_only || word[0] != '-') {
			if (wish.path)
				return 2;
			wish.path = word;
			continue;
		}
		if (!strcmp(word, "--")) {
			files_only = true;
			continue;
		}
		if (!next)
			return 2;
		if (!strcmp(word, "--program"))
			wish.program = next;
		else if (!strcmp(word, "--data"))
			wish.data_file = next;
		else if (!strcmp(word, "--context"))
			wish.context_file = next;
		else if (!strcmp(word, "--repeat"))
			wish.repeat = atoi(next);
		else
			return 2;
		i++;
	}
	if (!wish.path || !wish.program || wish.repeat <= 0)
		return 2;
	run_wish(&wish);
	return 0;
}
