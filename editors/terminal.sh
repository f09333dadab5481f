# shellcheck shell=bash
# Editors in a terminal of tmux, as their users see them: screens as text. Sourced by the tests of the editors, which set $state (a
# folder that is theirs), $counts (the file for the counts) and, for screens to be kept, $keep (a folder); $control is not empty while
# nothing may be seen.

: "${state:?}" "${counts:?}"
socket='' terminals=0
# A function that does again, every five seconds while nothing is seen, what a message is shown once for; empty where nothing is.
nudge=''
export LC_ALL=C.UTF-8

# terminal COMMAND...: starts a program in a terminal.
terminal() {
  socket=$state/tmux$((terminals += 1)) # of its own: the one before may be about to end
  tmux -S "$socket" -f /dev/null new-session -d -s test -x 200 -y 50 "$@"
}
keys() { tmux -S "$socket" send-keys -t test "$@"; }
screen() { tmux -S "$socket" capture-pane -p -t test; }
no_terminal() { [ -z "$socket" ] || tmux -S "$socket" kill-server 2>/dev/null || true; }

# sees SECONDS TEXT...: waits until all of the texts, basic regular expressions, stand on the screen.
sees() {
  local until=$((SECONDS + $1)) text shown missing next=$((SECONDS + 5))
  shift
  while :; do
    shown=$(screen) missing=
    for text; do
      grep -q -- "$text" <<<"$shown" || missing=yes
    done
    [ -n "$missing" ] || return 0
    [ "$SECONDS" -lt "$until" ] || return 1
    if [ -n "$nudge" ] && [ "$SECONDS" -ge "$next" ]; then
      next=$((SECONDS + 5))
      "$nudge"
    fi
    sleep 0.2
  done
}

# see NAME TEXT...: a test: the texts are seen, or in a negative control are not.
see() {
  local name=$1 ok=
  shift
  if [ -z "${control:-}" ]; then
    sees 60 "$@" && ok=yes
  else
    name="${name%%: *}: negative control: without programs this is not seen: ${name#*: }"
    sees 3 "$@" || ok=yes
  fi
  if [ -n "$ok" ]; then
    echo "ok - $name"
    echo '1 0 0' >>"$counts"
  else
    echo "not ok - $name; wanted: $*"
    screen | sed 's/^/    /'
    echo '0 1 0' >>"$counts"
  fi
  [ -z "${keep:-}" ] || [ -n "${control:-}" ] || screen >"$keep/$(tr -cs 'a-z\n' - <<<"$name").txt"
}
