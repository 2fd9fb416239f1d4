/** Well-known names behind a section's slash. The kernel has more; these it has had for long. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** By category. From linux:include/trace/events, the same in 4.18 and 7.1. */
export const TRACEPOINTS: Readonly<Record<string, readonly string[]>> = {
  sched: words(`sched_switch sched_wakeup sched_wakeup_new sched_waking sched_migrate_task sched_process_exec
    sched_process_exit sched_process_fork sched_process_free sched_process_wait sched_process_hang sched_stat_runtime
    sched_pi_setprio`),
  raw_syscalls: words("sys_enter sys_exit"),
  net: words(`net_dev_queue net_dev_start_xmit net_dev_xmit netif_receive_skb netif_receive_skb_entry netif_rx
    netif_rx_entry napi_gro_receive_entry`),
  skb: words("kfree_skb consume_skb skb_copy_datagram_iovec"),
  tcp: words(`tcp_retransmit_skb tcp_send_reset tcp_receive_reset tcp_destroy_sock tcp_rcv_space_adjust
    tcp_retransmit_synack tcp_probe`),
  udp: words("udp_fail_queue_rcv_skb"),
  sock: words("inet_sock_set_state sock_exceed_buf_limit sock_rcvqueue_full"),
  xdp: words("xdp_exception xdp_redirect xdp_redirect_err xdp_devmap_xmit xdp_cpumap_enqueue xdp_cpumap_kthread"),
  block: words(`block_rq_issue block_rq_complete block_rq_insert block_rq_requeue block_bio_queue block_bio_complete
    block_bio_remap block_split block_plug block_unplug`),
  signal: words("signal_generate signal_deliver"),
  task: words("task_newtask task_rename"),
  oom: words("mark_victim oom_score_adj_update wake_reaper"),
  irq: words("irq_handler_entry irq_handler_exit softirq_entry softirq_exit softirq_raise"),
  napi: words("napi_poll"),
  workqueue: words("workqueue_queue_work workqueue_activate_work workqueue_execute_start workqueue_execute_end"),
  timer: words(
    "timer_start timer_cancel timer_expire_entry timer_expire_exit hrtimer_start hrtimer_expire_entry tick_stop",
  ),
  power: words("cpu_idle cpu_frequency suspend_resume"),
  module: words("module_load module_free module_request"),
  vmscan: words(
    "mm_vmscan_direct_reclaim_begin mm_vmscan_direct_reclaim_end mm_vmscan_kswapd_wake mm_vmscan_kswapd_sleep",
  ),
};

/** System calls by the names of their tracepoints; which of them there are depends on the processor. */
export const SYSCALLS: readonly string[] = words(`openat open openat2 close read write pread64 pwrite64 readv writev
  execve execveat clone clone3 fork vfork exit exit_group kill tkill tgkill wait4 waitid socket connect accept accept4 bind
  listen sendto recvfrom sendmsg recvmsg shutdown setsockopt getsockopt unlink unlinkat rename renameat renameat2 mkdir
  mkdirat rmdir link linkat symlink symlinkat chmod fchmod fchmodat chown fchown fchownat truncate ftruncate fsync fdatasync
  mount umount mmap munmap mprotect mremap brk madvise ptrace process_vm_readv process_vm_writev bpf perf_event_open futex
  epoll_wait epoll_pwait poll ppoll ioctl fcntl dup dup2 dup3 pipe pipe2 nanosleep clock_nanosleep setuid setgid setns
  unshare chdir chroot prctl init_module finit_module delete_module memfd_create sched_yield reboot getdents64 sync`);

/** From linux:kernel/bpf, linux:net and linux:drivers/dma-buf of 7.1, the first argument of DEFINE_BPF_ITER_FUNC(). */
export const ITERATORS: Readonly<Record<string, string>> = {
  task: "every task",
  task_file: "every open file of every task",
  task_vma: "every memory area of every task",
  bpf_map: "every map",
  bpf_map_elem: "every element of a map",
  bpf_prog: "every program",
  bpf_link: "every link",
  bpf_sk_storage_map: "every socket's value in a socket storage",
  sockmap: "every entry of a SOCKMAP or SOCKHASH",
  cgroup: "cgroups, up or down from one",
  tcp: "every TCP socket",
  udp: "every UDP socket",
  unix: "every Unix socket",
  netlink: "every netlink socket",
  ipv6_route: "every IPv6 route",
  ksym: "every symbol of the kernel",
  kmem_cache: "every slab cache",
  dmabuf: "every DMA buffer",
};

/** From linux:include/linux/lsm_hook_defs.h, the same in 5.7 and 7.1, without those that BPF may not use. */
export const LSM_HOOKS: readonly string[] =
  words(`file_open file_permission file_ioctl file_mprotect file_lock file_fcntl
  file_receive mmap_file mmap_addr bprm_check_security bprm_committing_creds bprm_committed_creds task_alloc task_free
  task_kill task_prctl task_setnice task_setrlimit task_setscheduler task_fix_setuid ptrace_access_check ptrace_traceme
  capable capget capset cred_prepare path_unlink path_mkdir path_rmdir path_mknod path_truncate path_symlink path_link
  path_rename path_chmod path_chown path_chroot inode_create inode_link inode_unlink inode_symlink inode_mkdir inode_rmdir
  inode_mknod inode_rename inode_permission inode_getattr inode_setattr inode_setxattr inode_getxattr inode_removexattr
  sb_mount sb_umount sb_remount sb_pivotroot move_mount socket_create socket_post_create socket_bind socket_connect
  socket_listen socket_accept socket_sendmsg socket_recvmsg socket_setsockopt socket_shutdown unix_stream_connect
  unix_may_send sk_alloc_security sk_free_security inet_conn_request inet_conn_established kernel_module_request
  kernel_read_file kernel_load_data bpf bpf_map bpf_prog perf_event_open perf_event_alloc locked_down settime syslog
  netlink_send`);

/** From the set sleepable_lsm_hooks of linux:kernel/bpf/bpf_lsm.c, the same in 5.16 and 7.1. */
export const SLEEPABLE_LSM_HOOKS: readonly string[] = words(`file_open file_ioctl file_lock file_receive mmap_file
  bprm_check_security bprm_committing_creds bprm_committed_creds bprm_creds_for_exec bprm_creds_from_file task_alloc
  task_prctl task_setscheduler capget capset cred_prepare inode_create inode_getattr inode_getxattr inode_mknod
  inode_readlink inode_rename inode_rmdir inode_setattr inode_setxattr inode_symlink inode_unlink kernel_module_request
  path_notify sb_mount sb_remount sb_umount socket_accept socket_bind socket_connect socket_create socket_listen
  socket_post_create socket_recvmsg socket_sendmsg socket_shutdown socket_socketpair bpf bpf_map bpf_prog netlink_send
  settime syslog`);

/** Those that linux:tools/testing/selftests/bpf/progs/lsm_cgroup.c attaches to. */
export const CGROUP_LSM_HOOKS: readonly string[] = words(
  "socket_post_create socket_bind sk_alloc_security inet_csk_clone",
);
