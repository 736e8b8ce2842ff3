#!/bin/sh
# attach.sh HOST PORT BUSID: plugs a board into this kernel. Prints its bus path, its device number and its node:
# "1-1 5 /dev/bus/usb/001/005".
devices=/sys/bus/usb/devices
# `usbip attach` notes which port of the virtual hub it took; what it noted for an earlier life of the board is old.
note=$(grep -lsx "$1 $2 $3" /run/vhci_hcd/port*)
[ -n "$note" ] && rm $note
# The tool reads the state of every attached device first, and gives up ("open vhci_driver") when another one goes away at
# that moment: then nothing was attached, and it is asked again.
complaint=/run/attach.$$
tries=0
until usbip --tcp-port "$2" attach -r "$1" -b "$3" >"$complaint" 2>&1; do
  cat "$complaint" >&2
  tries=$((tries + 1))
  if [ $tries -eq 10 ] || ! grep -q 'open vhci_driver' "$complaint"; then
    rm "$complaint"
    exit 1
  fi
  sleep 0.3
done
rm "$complaint"
note=$(grep -lsx "$1 $2 $3" /run/vhci_hcd/port*)
port=$(printf %04d "${note##*port}")
tries=0
while [ $tries -lt 400 ]; do
  name=$(awk -v port="$port" '$2 == port && $3 == "006" { print $7 }' /sys/devices/platform/vhci_hcd.0/status)
  if [ -n "$name" ] && [ -e "$devices/$name:1.0" ]; then
    number=$(cat "$devices/$name/devnum")
    printf '%s %s /dev/bus/usb/%03d/%03d\n' "$name" "$number" "$(cat "$devices/$name/busnum")" "$number"
    exit 0
  fi
  sleep 0.05
  tries=$((tries + 1))
done
echo "The kernel does not show the board (port $port)." >&2
cat /sys/devices/platform/vhci_hcd.0/status >&2
exit 1
