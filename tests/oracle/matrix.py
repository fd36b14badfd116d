#!/usr/bin/env python3
"""matrix.py OUT KERNEL KO [NAME-REGEX]: boots every machine of the policy matrix, two at a time.

OUT      the captures land in OUT/NAME
KERNEL   an unpacked kernel image (boot/, lib/modules/)
KO       lockstep.ko, built for that kernel
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

import dmar

HERE = os.path.dirname(os.path.abspath(__file__))
ACPI = tempfile.mkdtemp(prefix='oracle-acpi-')

# Machines: what QEMU is told to plug in.
UNIT = '-device intel-iommu,intremap=on,caching-mode=off'
UNIT_48 = '-device intel-iommu,intremap=on,aw-bits=48'
UNIT_ATS = '-device intel-iommu,intremap=on,device-iotlb=on,aw-bits=48'
UNIT_SNOOP = '-device intel-iommu,intremap=on,snoop-control=on'
FLAT = (' -device e1000e,addr=3 -device edu,addr=5'
        ' -device nvme,addr=6,serial=x,drive=n0 -drive if=none,id=n0,file=null-co://,format=raw'
        ' -device virtio-net-pci,addr=7,disable-legacy=on,iommu_platform=on')
PORT = ' -device pcie-root-port,id=rp4,addr=4,chassis=1'
EXTERNAL = ' -device e1000e,addr=3' + PORT + ' -device edu,bus=rp4'
SWITCH_PORTS = (PORT + ' -device x3130-upstream,id=up,bus=rp4'
                ' -device xio3130-downstream,id=d0,bus=up,chassis=11,slot=0'
                ' -device xio3130-downstream,id=d1,bus=up,chassis=12,slot=1,addr=1')
DOCK = SWITCH_PORTS + ' -device edu,bus=d0 -device e1000e,bus=d1'
SWITCH = (SWITCH_PORTS + ' -device xio3130-downstream,id=d2,bus=up,chassis=13,slot=2,addr=2'
          ' -device e1000e,bus=d0 -device edu,bus=d1 -device nvme,bus=d2,serial=y')
PCI_BRIDGE = (PORT + ' -device pcie-pci-bridge,id=pb,bus=rp4 -device e1000,bus=pb,addr=1'
              ' -device edu,bus=pb,addr=2 -device e1000e,addr=8')
THREE_PORTS = (' -device pcie-root-port,id=r0,addr=4.0,chassis=1,multifunction=on'
               ' -device pcie-root-port,id=r1,addr=4.1,chassis=2'
               ' -device pcie-root-port,id=r2,addr=4.2,chassis=3'
               ' -device e1000e,bus=r0 -device edu,bus=r1 -device nvme,bus=r2,serial=z')
MULTIFUNCTION = (' -device e1000e,addr=8.0,multifunction=on -device edu,addr=8.1 -device qemu-xhci,addr=8.2'
                 ' -device pcie-root-port,id=r0,addr=4,chassis=1'
                 ' -device virtio-net-pci,bus=r0,addr=0.0,multifunction=on,disable-legacy=on,iommu_platform=on'
                 ' -device edu,bus=r0,addr=0.1')
USB = (' -device VGA,addr=2 -device ich9-usb-ehci1,addr=1d.7,multifunction=on'
       ' -device ich9-usb-uhci1,addr=1d.0,multifunction=on -device ich9-usb-uhci2,addr=1d.1'
       ' -device qemu-xhci,addr=9 -device e1000e,addr=3 -device intel-hda,addr=1b')


def second_root(options=''):
    return (' -device pxb-pcie,id=pxb1,bus_nr=64,bus=pcie.0,addr=a' + options +
            ' -device pcie-root-port,id=pr,bus=pxb1,chassis=40 -device edu,bus=pr'
            ' -device e1000e,addr=3,bus=pcie.0')


# Firmware: tables that replace QEMU's, as arguments of boot.py.
def upgrade(name, body, **header):
    directory = os.path.join(ACPI, name)
    os.makedirs(directory)
    path = os.path.join(directory, 'dmar.aml')
    with open(path, 'wb') as out:
        out.write(dmar.table(body, **header))
    return ['--upgrade', path]


IO = dmar.scope(dmar.IOAPIC, 0xff, [(0, 0)])
ALL = dmar.drhd(0xfed90000, flags=1, scopes=[IO])
OPT_IN = upgrade('optin', ALL, flags=4)
PARTIAL = upgrade('partial', dmar.drhd(0xfed90000, scopes=[
    IO, dmar.scope(dmar.ENDPOINT, 0, [(3, 0)]), dmar.scope(dmar.BRIDGE, 0, [(4, 0)])]))
GRAPHICS_ONLY = upgrade('gfxonly', dmar.drhd(0xfed90000, scopes=[dmar.scope(dmar.ENDPOINT, 0, [(2, 0)])]))
ZERO_BASE = upgrade('zero', dmar.drhd(0, flags=1))
WIDTH_36 = upgrade('width36', ALL, width=36)
RMRR_USB = upgrade('rmrr_usb', ALL + dmar.rmrr(0x3fe00000, 0x3fe1ffff, [
    dmar.scope(dmar.ENDPOINT, 0, [(0x1d, 7)]), dmar.scope(dmar.ENDPOINT, 0, [(0x1d, 0)])]))
RMRR_NIC = upgrade('rmrr_nic', ALL + dmar.rmrr(0x3fe00000, 0x3fe1ffff, [
    dmar.scope(dmar.ENDPOINT, 0, [(3, 0)])]))

ON = 'intel_iommu=on'
BIG = ['--mem', '5G']
OUTSIDE = ['external']  # replaced by the table that marks the root port 00:04.0

CASES = [  # name, command line, machine, further arguments
    ('flat-default', '', UNIT + FLAT, []),
    ('flat-on', ON, UNIT + FLAT, []),
    ('flat-off', 'intel_iommu=off', UNIT + FLAT, []),
    ('flat-pt', ON + ' iommu.passthrough=1', UNIT + FLAT, []),
    ('flat-iommupt', ON + ' iommu=pt', UNIT + FLAT, []),
    ('flat-pt-nopt', ON + ' iommu.passthrough=1 iommu=nopt', UNIT + FLAT, []),
    ('flat-iommuoff', ON + ' iommu=off', UNIT + FLAT, []),
    ('flat-iommusoft-off', 'intel_iommu=off iommu=soft', UNIT + FLAT, []),
    ('flat-strict', ON + ',strict', UNIT + FLAT, []),
    ('flat-spoff', ON + ',sp_off', UNIT + FLAT, []),
    ('flat-forcedac', ON + ',forcedac', UNIT + FLAT, []),
    ('flat-swforce', ON + ' swiotlb=force', UNIT + FLAT, []),
    ('flat-off-5g', 'intel_iommu=off', UNIT + FLAT, BIG),
    ('flat-sw-16384', 'intel_iommu=off swiotlb=16384', UNIT + FLAT, BIG),
    ('flat-aw48', ON, UNIT_48 + FLAT, []),
    ('flat-dt', ON, UNIT_ATS + FLAT, []),
    ('flat-noiommu', '', FLAT.strip(), []),
    ('flat-snoop', ON, UNIT_SNOOP + FLAT, []),
    ('flat-onoff', ON + ' intel_iommu=off', UNIT + FLAT, []),
    ('ext-on', ON, UNIT + EXTERNAL, OUTSIDE),
    ('ext-pt-5g', ON + ' iommu=pt', UNIT + EXTERNAL, OUTSIDE + BIG),
    ('ext-nobounce', ON + ',nobounce', UNIT + EXTERNAL, OUTSIDE),
    ('ext-off', 'intel_iommu=off', UNIT + EXTERNAL, OUTSIDE),
    ('ext-optin-off', 'intel_iommu=off', UNIT + EXTERNAL, OUTSIDE + OPT_IN),
    ('ext-optin-default', '', UNIT + EXTERNAL, OUTSIDE + OPT_IN),
    ('flat-optin-iommuoff', 'iommu=off', UNIT + FLAT, OPT_IN),
    ('extsw-on', ON, UNIT + DOCK, OUTSIDE + BIG),
    ('pcib-on', ON, UNIT + PCI_BRIDGE, []),
    ('pcib-pt', ON + ' iommu=pt', UNIT + PCI_BRIDGE, []),
    ('switch-on', ON, UNIT + SWITCH, []),
    ('switch-pt', ON + ' iommu=pt', UNIT + SWITCH, []),
    ('rp3-on', ON, UNIT + THREE_PORTS, []),
    ('mf-on', ON, UNIT + MULTIFUNCTION, []),
    ('pxb-on', ON, UNIT + second_root(), []),
    ('pxb-bypass', ON, UNIT + second_root(',bypass_iommu=on'), []),
    ('usb-on', ON, UNIT + USB, []),
    ('usb-rmrr', ON, UNIT + USB, RMRR_USB),
    ('usb-rmrr-pt', ON + ' iommu=pt', UNIT + USB, RMRR_USB),
    ('usb-igfx', ON + ',igfx_off', UNIT + USB, []),
    ('usb-gfxonly', ON, UNIT + USB, GRAPHICS_ONLY),
    ('nic-rmrr', ON, UNIT + FLAT, RMRR_NIC),
    ('ext-partial', ON, UNIT + EXTERNAL, PARTIAL),
    ('flat-zero', ON, UNIT + FLAT, ZERO_BASE),
    ('flat-width36', ON, UNIT + FLAT, WIDTH_36),
]


def external_facing_table():
    """An SSDT whose _DSD says that the root port in slot 4 leads outside of the chassis."""
    source = os.path.join(ACPI, 'external.asl')
    with open(source, 'w') as out:
        out.write(r'''DefinitionBlock ("", "SSDT", 2, "LOCKST", "EXTFACE", 1) {
  External (\_SB.PCI0.S20, DeviceObj)
  Scope (\_SB.PCI0.S20) {
    Name (_DSD, Package () {
      ToUUID ("efcc06cc-73ac-4bc3-bff0-76143807c389"),
      Package () { Package () { "ExternalFacingPort", 1 }, Package () { "UID", 0 } }
    })
  }
}
''')
    subprocess.run(['iasl', source], check=True, capture_output=True)
    return os.path.join(ACPI, 'external.aml')


def record(case, out, kernel, ko, external):
    name, append, machine, further = case
    arguments = [a for a in further if a != 'external']
    if 'external' in further:
        arguments += ['--external', '0000:00:04.0', '--acpi', external]
    done = subprocess.run(
        [sys.executable, os.path.join(HERE, 'boot.py'), '--kernel', kernel, '--ko', ko,
         '--out', os.path.join(out, name), '--append', append, '--qemu=' + machine] + arguments,
        capture_output=True, text=True)
    print(name, 'ok' if done.returncode == 0 else 'FAILED ' + done.stderr[-700:], flush=True)
    return done.returncode == 0


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    out, kernel, ko = sys.argv[1:4]
    wanted = re.compile(sys.argv[4] if len(sys.argv) == 5 else '.')
    external = external_facing_table()
    cases = [case for case in CASES if wanted.search(case[0])]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda case: record(case, out, kernel, ko, external), cases))
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main()
