# Runs what make has built, in a world of its own: processes, mounts, network. $1: program, $2: what provokes a line,
# $3: the line (basic regular expression) that is waited for; the rest: arguments, CGROUP stands for a cgroup of ours.
program=$1 provoke=$2 expected=$3
shift 3

mount -t tracefs tracefs /sys/kernel/tracing || exit 99
mount -t bpf bpf /sys/fs/bpf || exit 99
ip link set lo up || exit 99
cgroups=$(mktemp -d) out=$(mktemp)
mount -t cgroup2 cgroup2 "$cgroups" || exit 99
CGROUP=$cgroups/hookpoint-test-$(date +%s%N)
export CGROUP
mkdir "$CGROUP" || exit 99
if [ "$1" = CGROUP ]; then set -- "$CGROUP"; fi

alive() { kill -0 "$pid" 2>/dev/null; }
# Up to ten seconds, until the condition holds or the program has ended.
await() {
	tries=0
	until eval "$1" || ! alive || [ $tries -ge 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
}

"$program" "$@" >"$out" 2>&1 &
pid=$!
await '[ -s "$out" ]'
loaded=$(cat /proc/$pid/fdinfo/* 2>/dev/null | sed -n 's/^prog_id:[[:space:]]*//p' | sort -u)
echo "loaded:" $loaded
(eval "$provoke") >/dev/null 2>&1
await 'grep -q "$expected" "$out"'
kill -INT $pid 2>/dev/null
wait $pid
echo "exit: $?"
# A program goes when the last who holds it does, which the kernel may do a moment later.
tries=0
while [ $tries -lt 50 ]; do
	stay=
	for id in $loaded; do bpftool prog show id "$id" >/dev/null 2>&1 && stay="$stay $id"; done
	[ -z "$stay" ] && break
	sleep 0.1
	tries=$((tries + 1))
done
echo "stay:$stay"
rmdir "$CGROUP"
umount "$cgroups" && rmdir "$cgroups"
cat "$out"
rm "$out"
