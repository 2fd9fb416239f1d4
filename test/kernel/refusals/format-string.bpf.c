/*
 * expect: format-string
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int print(struct __sk_buff *skb)
{
	static const char format[] = "%q";
	char text[16];
	__u64 args[] = {skb->len};

	return bpf_snprintf(text, sizeof(text), format, args, sizeof(args)); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
