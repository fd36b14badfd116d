#!/bin/sh
# traces.sh KERNEL OUT: has a network card's and an NVMe drive's drivers at work, and keeps the kernel's own trace of it.
# OUT/bounce: both behind an external port; OUT/lazy-smp: four CPUs that unmap lazily, with the events of timers.
set -eu
[ $# -eq 2 ] || { echo "usage: traces.sh KERNEL OUT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
kernel=$1 out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
modules=pps_core,ptp,e1000e,crct10dif_common,crc-t10dif,t10-pi,nvme-core,nvme
events=trace_event=intel_iommu:*,iommu:*

cat >"$work/one" <<'END'
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
sleep 2
ping -c 6 -i 0.2 -s 1400 10.0.2.2
ping -c 4 -i 0.2 -s 64 10.0.2.2
dd if=/dev/nvme0n1 of=/dev/null bs=4k count=12
dd if=/dev/nvme0n1 of=/dev/null bs=64k count=3 skip=40
dd if=/dev/zero of=/dev/nvme0n1 bs=16k count=4
sync
ifconfig eth0 down
sleep 1
END
cat >"$work/four" <<'END'
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
sleep 2
ping -c 20 -i 0.05 -s 1400 10.0.2.2 &
for c in 0 1 2 3; do
  (for i in 1 2 3; do
    taskset $((1 << c)) dd if=/dev/nvme0n1 of=/dev/null bs=$((4096 << c)) count=40 skip=$((i * 50 + c * 1000))
    taskset $((1 << c)) dd if=/dev/zero of=/dev/nvme0n1 bs=16k count=20 seek=$((c * 2000 + i * 60)) conv=fsync
  done) &
done
wait
sync
ifconfig eth0 down
sleep 1
END

boot() {
  name=$1
  shift
  python3 "$here/boot.py" --kernel "$kernel" --modules $modules --out "$out/$name" "$@"
  rm -f "$out/$name/workload.log"
}

external=$(cd "$here" && python3 -c 'import matrix; print(matrix.external_facing_table())')
boot bounce --mem 5G --external 0000:00:04.0 --acpi "$external" --workload "$work/one" \
  --append "intel_iommu=on $events trace_buf_size=20M" --qemu "-device intel-iommu,intremap=on \
  -device pcie-root-port,id=rp4,addr=4,chassis=1 -device x3130-upstream,id=up,bus=rp4 \
  -device xio3130-downstream,id=d0,bus=up,chassis=11,slot=0 \
  -device xio3130-downstream,id=d1,bus=up,chassis=12,slot=1,addr=1 -netdev user,id=u -device e1000e,netdev=u,bus=d0 \
  -drive file=null-co://,format=raw,if=none,id=n0 -device nvme,drive=n0,serial=x,bus=d1"
boot lazy-smp --smp 4 --workload "$work/four" \
  --append "intel_iommu=on $events,timer:timer_start,timer:timer_expire_entry trace_buf_size=60M" \
  --qemu "-device intel-iommu,intremap=on,caching-mode=off -netdev user,id=u -device e1000e,netdev=u,addr=3 \
  -device nvme,addr=6,serial=x,drive=n0 -drive if=none,id=n0,file=null-co://,format=raw"
