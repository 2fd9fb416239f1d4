/** What runs on the other side of ssh: unpacks what it is sent, has the agent load, and takes everything away again. */

/** How it ends where the agent does not even start; others are the agent's and ssh's own. */
export const ENDS = { noLinux: 120, noFolder: 121, noSudo: 124, needsRoot: 125, notMade: 126 } as const;

/**
 * For any `sh`, and in single quotes for any shell that a person may log in with: so there are no single quotes, backslashes
 * and exclamation marks in it. It is given how many bytes it is sent, and whether sudo may be used.
 *
 * The agent is tied to its input, which ends when ssh does: then it ends, and the folder goes.
 */
export const REMOTE_SCRIPT = [
  "umask 077",
  `system=$(uname -s); test "$system" = Linux || { echo "$system" >&2; exit ${ENDS.noLinux}; }`,
  `folder=$(mktemp -d "\${TMPDIR:-/tmp}/hookpoint-XXXXXX") || exit ${ENDS.noFolder}`,
  'gone() { cd /; rm -rf "$folder"; }',
  "trap gone EXIT",
  'trap "exit 129" HUP INT TERM PIPE',
  `cd "$folder" && head -c "$1" | tar xf - && test -f object.o || exit ${ENDS.noFolder}`,
  `if test "$(id -u)" = 0; then as=; elif test "$2" = root; then as="sudo -n --"; else exit ${ENDS.needsRoot}; fi`,
  `$as true </dev/null || exit ${ENDS.noSudo}`,
  // Without a command it has nothing to do, and says so by 2.
  'runs() { $as "$@" </dev/null >/dev/null 2>why; test $? = 2; }',
  'set --; while read -r word; do set -- "$@" "$word"; done <command',
  "chmod 700 agent loader 2>/dev/null",
  "own() { cc -O2 -o own ./*.c -lbpf -lz >&2 && runs ./own || { cat why >&2 2>/dev/null; false; }; }",
  `test $# -gt 0 && runs "$@" || { set -- ./own; rm -f why; own; } || exit ${ENDS.notMade}`,
  'while read -r word; do set -- "$@" "$word"; done <arguments',
  // Not the last command, which some shells become, and then forget the folder.
  '$as "$@"; exit $?',
].join("; ");
