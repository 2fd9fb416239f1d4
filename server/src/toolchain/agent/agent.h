/* Hookpoint's agent: loads BPF objects with libbpf and says, line by line as JSON, what the kernel answered. */
#ifndef AGENT_H
#define AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Raised when lines change their meaning: tried.ts knows the same number. */
#define AGENT_VERSION 1

struct bpf_object;
struct bpf_program;

struct options {
	const char *object;
	/* Only these programs; all when there are none. */
	const char **programs;
	int program_count;
	bool visits;
	/* Also attaches each by its section, and takes it off again. */
	bool attach;
	/* An object that has the function that a program replaces (freplace), and which of its programs; NULL for any. */
	const char *target;
	const char *target_program;
	/* A file for the answers, which is there when they are whole; the standard output where it is NULL. */
	const char *output;
	/* Ends when the standard input does. */
	bool tied;
	/* All other words, of a command that reads them itself. */
	char **words;
	int word_count;
};

/* output.c */
int output_to(const char *path);
int output_done(void);
void end_with_input(void);

/* json.c: one object on one line; texts are escaped byte by byte, since logs may hold anything. */
void json_begin(void);
void json_end(void);
void json_text(const char *name, const char *text);
void json_text_n(const char *name, const char *text, size_t length);
void json_number(const char *name, long long value);
void json_decimal(const char *name, double value);
void json_flag(const char *name, bool value);
void json_numbers(const char *name, const uint32_t *values, size_t count);

/* words.c: what libbpf prints, kept until it is taken. */
void words_listen(void);
void words_add(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *words(void);
void words_forget(void);

/* memory.c */
bool memory_is_short(const struct bpf_object *object);

/* struct-ops.c */
void only_in_struct_ops(struct bpf_object *object, const struct bpf_program *wanted);

/* visits.c: how often the verifier came by each instruction. */
bool say_visits(const char *log, size_t count);
long long processed(const char *log);

/* verify.c */
int verify(const struct options *options);
/* Opens afresh what has the nth program alone in it. */
struct bpf_object *open_with(const char *path, int nth, struct bpf_program **wanted);

/* target.c: 0, or an errno, and why among the words. */
int set_target(const struct options *options, struct bpf_program *program);

/* serve.c: in a guest; `work` does what the arguments say. */
int serve(int (*work)(int, char **));

#endif
