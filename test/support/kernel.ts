/** A kernel of a few lines, ours, in the shape in which the real one writes down what programs may do. */

import { digestOf } from "../../data/tools/kernel/source.mjs";
import type { SourceFile, Upstreams } from "../../data/tools/upstream.mjs";

export const MINI_KERNEL: Readonly<Record<string, string>> = {
  "include/linux/bpf_types.h": `
BPF_PROG_TYPE(BPF_PROG_TYPE_XDP, xdp,
	      struct xdp_md, struct xdp_buff)
BPF_PROG_TYPE(BPF_PROG_TYPE_KPROBE, kprobe,
	      bpf_user_pt_regs_t, struct pt_regs)
`,
  "include/uapi/linux/bpf.h": `
struct xdp_md {
	__u32 data; /* first byte */
	__u32 data_end;
	__u32 mark[2];
	__bpf_md_ptr(struct bpf_sock *, sk);
	__u16 port;
	__u16 :16;
	union { __u32 a; __u64 b; };
};
`,
  "kernel/bpf/verifier.c": `
static int check_map_func_compatibility(struct bpf_verifier_env *env, struct bpf_map *map, int func_id)
{
	switch (map->map_type) {
	case BPF_MAP_TYPE_PROG_ARRAY:
		if (func_id != BPF_FUNC_tail_call)
			goto error;
		break;
	default:
		break;
	}
	switch (func_id) {
	case BPF_FUNC_tail_call:
		if (map->map_type != BPF_MAP_TYPE_PROG_ARRAY)
			goto error;
		break;
	}
	return 0;
error:
	verbose(env, "no");
	return -EINVAL;
}
static bool can_be_sleepable(struct bpf_prog *prog)
{
	return prog->type == BPF_PROG_TYPE_KPROBE;
}
static int check_return_code(struct bpf_verifier_env *env)
{
	struct tnum range = tnum_range(0, 1);
	switch (env->prog->type) {
	case BPF_PROG_TYPE_CGROUP_SKB:
		break;
	case BPF_PROG_TYPE_XDP:
		range = tnum_range(2, 3);
		break;
	default:
		return 0;
	}
	return 1;
}
`,
  "net/core/filter.c": `
const struct bpf_func_proto bpf_common_proto = {
	.func = bpf_common,
	.ret_type = RET_INTEGER,
};
static const struct bpf_func_proto bpf_tail_call_proto = {
	.gpl_only	= false,
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_CONST_MAP_PTR,
	.arg3_type = ARG_ANYTHING,
};
static const struct bpf_func_proto bpf_lookup_proto = {
	.gpl_only = true,
	.ret_type = RET_PTR_TO_SOCKET_OR_NULL,
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
};
static const struct bpf_func_proto *base_proto(enum bpf_func_id func_id)
{
	switch (func_id) {
	case BPF_FUNC_common: /* everybody's */
		return &bpf_common_proto;
#ifdef CONFIG_JUMPS
	case BPF_FUNC_tail_call:
		return &bpf_tail_call_proto;
#endif
	default:
		return NULL;
	}
}
static const struct bpf_func_proto *
xdp_proto(enum bpf_func_id func_id, const struct bpf_prog *prog)
{
	switch (func_id) {
	case BPF_FUNC_lookup:
		return perfmon_capable() ? &bpf_lookup_proto : NULL;
	default:
		return base_proto(func_id);
	}
}
static const struct bpf_func_proto *kprobe_proto(enum bpf_func_id func_id, const struct bpf_prog *prog)
{
	if (func_id == BPF_FUNC_nap)
		return prog->sleepable ? &bpf_common_proto : NULL;
	return base_proto(func_id);
}
static bool xdp_is_valid_access(int off, int size, enum bpf_access_type type,
				const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	if (off < 0 || off >= sizeof(struct xdp_md) || off % size != 0)
		return false;
	if (type == BPF_WRITE) {
		switch (off) {
		case bpf_ctx_range_till(struct xdp_md, mark[0], mark[1]):
			return size == sizeof(__u32);
		}
		return false;
	}
	switch (off) {
	case offsetof(struct xdp_md, data):
		info->reg_type = PTR_TO_PACKET;
		break;
	case bpf_ctx_range_ptr(struct xdp_md, sk):
		info->reg_type = PTR_TO_SOCKET | PTR_MAYBE_NULL;
		return size == sizeof(__u64);
	case offsetof(struct xdp_md, port) ... offsetofend(struct xdp_md, port) - 1:
		return false;
	}
	return true;
}
const struct bpf_verifier_ops xdp_verifier_ops = {
	.get_func_proto		= xdp_proto,
	.is_valid_access	= xdp_is_valid_access,
};
const struct bpf_verifier_ops kprobe_verifier_ops = {
	.get_func_proto = kprobe_proto,
};
__bpf_kfunc struct thing *bpf_thing_get(u64 id, void *meta__ign)
{
	return NULL;
}
BTF_KFUNCS_START(thing_ids)
BTF_ID_FLAGS(func, bpf_thing_get, KF_ACQUIRE | KF_RET_NULL)
BTF_KFUNCS_END(thing_ids)
static const struct btf_kfunc_id_set thing_set = { .owner = THIS_MODULE, .set = &thing_ids };
static int register_all(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &thing_set);
}
`,
};

export const sourcesOf = (files: Readonly<Record<string, string>>): SourceFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }));

/** Upstreams whose Linux is this one at every tag; what a tag changes is laid over it. */
export function withKernel(
  tags: Readonly<Record<string, Readonly<Record<string, string>>>>,
  others: { readonly read: Upstreams["read"]; readonly refs: Upstreams["refs"] },
): Upstreams {
  const filesAt = (tag: string) => sourcesOf({ ...MINI_KERNEL, ...tags[tag] });
  return {
    read: others.read,
    refs: (upstream) => (upstream === "linux" ? Object.keys(tags) : others.refs(upstream)),
    readAll: (_, __, tag) => filesAt(tag),
    digest: (_, tag) => digestOf(filesAt(tag)),
  };
}
