#!/bin/sh
# Starts udev, so that libusb hears of what is plugged in and out.
mkdir -p /run/udev
/lib/systemd/systemd-udevd --daemon --children-max=2 || exit 1
udevadm control --ping
