#!/bin/busybox sh
# The guest's first program: makes the host's root, read-only below a tmpfs, the guest's own, and starts the agent there.
bb=/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev
while read -r module; do
  $bb insmod "/modules/$module" || echo "testbed: module $module does not load"
done </modules/order
$bb mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 root /lower &&
  $bb mount -t tmpfs -o size=1g tmpfs /upper &&
  $bb mkdir /upper/files /upper/work &&
  $bb mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /guest ||
  { echo 'testbed: the host root cannot be mounted'; $bb poweroff -f; }
for place in /proc /sys /dev; do $bb mount --move $place /guest$place; done
$bb mount -t tmpfs -o mode=755 tmpfs /guest/run
$bb mkdir -p /guest/dev/shm /guest/dev/pts
$bb mount -t tmpfs -o mode=1777 tmpfs /guest/dev/shm
$bb mount -t devpts devpts /guest/dev/pts
$bb cp /agent.sh /guest/run/agent.sh
exec $bb switch_root /guest /bin/sh /run/agent.sh
