#!/bin/sh
# The first process of a recorded boot: copies what the kernel says into a tree laid out like / and sends it out.
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs none /tmp
mount -t tracefs none /sys/kernel/tracing 2>/dev/null
mkdir -p /lib/modules
ln -s /m "/lib/modules/$(uname -r)" 2>/dev/null
for m in $(cat /modules.list 2>/dev/null); do insmod "/m/$m"; done
[ -s /modules.list ] && sleep 2
[ -x /workload ] && sh /workload >/tmp/workload.log 2>&1

C=/tmp/c
mkdir -p $C/proc $C/var/log $C/lockstep $C/sys/firmware/acpi/tables $C/sys/bus/pci/devices \
  $C/sys/kernel/iommu_groups $C/sys/class/iommu
for f in /proc/cmdline /proc/version /proc/iomem; do cat $f >$C$f; done
for t in DMAR IVRS VIOT; do
  f=/sys/firmware/acpi/tables/$t
  [ -f $f ] && cat $f >$C$f
done
for d in /sys/bus/pci/devices/*; do
  mkdir -p "$C$d"
  for f in config class vendor device resource dma_mask_bits consistent_dma_mask_bits numa_node removable; do
    [ -f "$d/$f" ] && cat "$d/$f" >"$C$d/$f" 2>/dev/null
  done
done
for g in /sys/kernel/iommu_groups/*; do
  [ -d "$g" ] || continue
  mkdir -p "$C$g/devices"
  for f in type reserved_regions; do [ -f "$g/$f" ] && cat "$g/$f" >"$C$g/$f"; done
  for d in "$g"/devices/*; do : >"$C$g/devices/${d##*/}"; done
done
for i in /sys/class/iommu/*; do
  [ -d "$i" ] || continue
  for s in intel-iommu amd-iommu; do
    [ -d "$i/$s" ] || continue
    mkdir -p "$C$i/$s"
    for f in "$i/$s"/*; do cat "$f" >"$C$f"; done
  done
  mkdir -p "$C$i/devices"
  for d in "$i"/devices/*; do : >"$C$i/devices/${d##*/}"; done
done
if [ -f /lockstep.ko ] && insmod /lockstep.ko; then
  for d in /sys/bus/pci/devices/*; do echo "dev ${d##*/}"; done >/tmp/ops
  cat /tmp/ops >/dev/lockstep
  cat /dev/lockstep >$C/lockstep/ops
  n=$(wc -l <$C/lockstep/ops)
  if [ -f /script ]; then
    cat /script >/dev/lockstep
    tail -n +$((n + 1)) /dev/lockstep >$C/lockstep/transcript
  fi
fi
grep -q trace_event /proc/cmdline && cat /sys/kernel/tracing/trace >$C/trace
[ -f /tmp/workload.log ] && cp /tmp/workload.log $C/
dmesg >$C/var/log/dmesg
cd $C && tar cf - . | gzip -9 | base64 >/dev/ttyS1
echo "@@end" >/dev/ttyS1
poweroff -f
