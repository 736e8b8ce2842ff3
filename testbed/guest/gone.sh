#!/bin/sh
# gone.sh PATH NUMBER: waits until the kernel has that device no more. Another may be at its bus path already.
tries=0
while [ "$(cat "/sys/bus/usb/devices/$1/devnum" 2>/dev/null)" = "$2" ]; do
  [ $tries -lt 400 ] || { echo "$1 is still there." >&2; exit 1; }
  sleep 0.05
  tries=$((tries + 1))
done
