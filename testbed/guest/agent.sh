#!/bin/sh
# Runs what the host asks for, several at a time. One line in: "ID MODE BASE64-OF-A-SHELL-COMMAND".
# Out, for MODE "whole": "end ID STATUS OUT-BYTES ERR-BYTES" and that many bytes of each.
# For MODE "stream": "line ID TEXT" for every line of either, then "end ID STATUS 0 0".
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
work=/run/testbed
mkdir -p $work
ip link set lo up
ip address add 127.0.0.1/8 dev lo 2>/dev/null
for port in /sys/class/virtio-ports/*; do
  [ "$(cat "$port/name")" = testbed ] && device=/dev/${port##*/}
done
exec 3<>"$device" || { echo 'testbed: no way to the host'; poweroff -f; }

# One writer at a time: an answer is never torn.
tell() { flock 8; cat >&3; flock -u 8; }

answer() {
  id=$1 mode=$2 command=$3
  exec 8>$work/lock
  if [ "$mode" = stream ]; then
    { sh -c "$command" </dev/null 2>&1 3>&- 8>&-; echo $? >"$work/$id.status"; } |
      while IFS= read -r line || [ -n "$line" ]; do printf 'line %s %s\n' "$id" "$line" | tell; done
    printf 'end %s %s 0 0\n' "$id" "$(cat "$work/$id.status")" | tell
  else
    sh -c "$command" </dev/null >"$work/$id.out" 2>"$work/$id.err" 3>&- 8>&-
    status=$?
    {
      printf 'end %s %s %s %s\n' "$id" $status "$(stat -c %s "$work/$id.out")" "$(stat -c %s "$work/$id.err")"
      cat "$work/$id.out" "$work/$id.err"
    } | tell
  fi
  rm -f "$work/$id".*
}

exec 8>$work/lock
echo ready | tell
while IFS=' ' read -r id mode command; do
  answer "$id" "$mode" "$(printf %s "$command" | base64 -d)" &
done <&3
# The host has gone.
sync
echo o >/proc/sysrq-trigger
sleep 10
