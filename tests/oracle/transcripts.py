#!/usr/bin/env python3
"""transcripts.py OUT KERNEL KO FIRST-SEED LAST-SEED [NAME-REGEX]: records a random script of every setting and seed.

OUT      the captures land in OUT/NAME-SEED; what is there already stays
KERNEL   an unpacked kernel image (boot/, lib/modules/)
KO       lockstep.ko, built for that kernel
"""
import concurrent.futures
import os
import re
import subprocess
import sys

import matrix
from matrix import (BIG, DOCK, EXTERNAL, FLAT, MULTIFUNCTION, ON, OPT_IN, OUTSIDE, PARTIAL, PCI_BRIDGE, RMRR_USB,
                    SWITCH, UNIT, UNIT_48, USB, WIDTH_36, second_root)

CACHING = '-device intel-iommu,intremap=on,caching-mode=on'
CACHING_48 = CACHING + ',aw-bits=48'
SCALABLE = '-device intel-iommu,intremap=on,x-scalable-mode=on'
SNOOPING = '-device intel-iommu,intremap=on,snoop-control=on,aw-bits=48'
SOFTWARE_PT = '-device intel-iommu,intremap=on,pt=off'
ATS = ('-device intel-iommu,intremap=on,device-iotlb=on,aw-bits=48 -device edu,addr=5 -device e1000e,addr=3'
       ' -device virtio-net-pci,addr=7,disable-legacy=on,iommu_platform=on,ats=on')
PT, STRICT, OFF = ON + ' iommu=pt', ON + ',strict', 'intel_iommu=off'
EXACT_MAP = ' memmap=exactmap memmap=640K@0 memmap=1023M@1M memmap=512M@4G'
GRAPHICS = ' -device VGA,addr=2'
DOCKED = OUTSIDE + BIG

SETTINGS = [  # name, profile of script.py or domains.py, command line, machine, further arguments
    ('remap', 'flat-masks-xlate-infos', ON, CACHING + FLAT, []),
    ('remap-full', 'flat-low-full-cmasks', ON, CACHING + FLAT, []),
    ('remap-four', 'flat4-masks-cmasks-big-attrs-resource-xlate-errors', ON, CACHING + FLAT, []),
    ('remap-strict', 'flat-odd-data-masks-churn-alloc', STRICT, UNIT + FLAT, ['--mem', '3G']),
    ('remap-huge', 'flat2-huge-wide-longsg-bigsg-alloc', ON, CACHING_48 + FLAT, BIG),
    ('remap-dac', 'flat-huge-masks-longsg-bigsg-alloc', STRICT + ',forcedac', UNIT + FLAT, BIG),
    ('remap-small', 'flat-low-big-full-cmasks', ON + ',forcedac,sp_off', CACHING + FLAT, []),
    ('remap-bridge', 'bridge-masks-xlate', ON, CACHING + PCI_BRIDGE, []),
    ('remap-isa', 'isa-masks-low-xlate', ON, CACHING + FLAT, []),
    ('remap-switch', 'switch-masks-big-longsg', ON, CACHING + SWITCH, []),
    ('lazy', 'flat-lazy-masks-big', ON, UNIT + FLAT, []),
    ('lazy-ring', 'flat-lazy-ring-full', ON, UNIT + FLAT, []),
    ('lazy-two', 'flat2-lazy-masks-cmasks-big-resource', ON + ',sp_off', UNIT + FLAT, []),
    ('cpus', 'flat-cpus2-masks', ON, CACHING + FLAT, ['--smp', '2']),
    ('cpus-lazy', 'flat-cpus2-lazy', ON, UNIT + FLAT, ['--smp', '2']),
    ('cpus-four', 'flat2-cpus4-masks-big', STRICT, UNIT + FLAT, ['--smp', '4']),
    ('cpus-direct', 'flat2-cpus2-data-masks-churn', PT, UNIT + FLAT, ['--smp', '2'] + BIG),
    ('cpus-bounce', 'mixed-cpus3-data-masks', STRICT, UNIT + EXTERNAL, ['--smp', '3'] + DOCKED),
    ('mixed-pt', 'mixed-data-masks-cmasks-xlate-resource-infos', PT, UNIT + EXTERNAL, DOCKED),
    ('mixed', 'mixed-data-masks-cmasks-resource-errors', ON, CACHING + EXTERNAL, DOCKED),
    ('mixed-three', 'mixed3-data-low-attrs-churn', STRICT + ',igfx_off', UNIT + GRAPHICS + EXTERNAL, DOCKED),
    ('edu-strict', 'flat-edu-data-device28', STRICT, UNIT + FLAT, []),
    ('edu-lazy', 'flat-edu-lazy-device28', ON, UNIT + FLAT, []),
    ('edu-48', 'flat-edu-churn-device28', STRICT, UNIT_48 + FLAT, []),
    ('edu-bounce', 'external-edu-data-device28', ON, UNIT + EXTERNAL, DOCKED),
    ('direct-off', 'flat2-data-masks-cmasks-resource-errors', OFF, UNIT + FLAT, ['--mem', '3G']),
    ('direct-9g', 'flat-data-masks-cmasks-alloc-attrs-dma32-churn', OFF, UNIT + FLAT, ['--mem', '9G']),
    ('direct-low', 'flat2-data-low-cmasks-alloc-resource', OFF, UNIT + FLAT, BIG),
    ('direct-force', 'flat-data-low-odd-big-skip', OFF + ' swiotlb=8192,force', UNIT + FLAT, BIG),
    ('direct-tiny', 'flat2-data-masks-full-odd', OFF + ' swiotlb=129', UNIT + FLAT, BIG),
    ('direct-noforce', 'flat-data-masks-resource-alloc', OFF + ' swiotlb=noforce', UNIT + FLAT, BIG),
    ('direct-pt', 'flat2-data-masks-cmasks-big', PT, UNIT_48 + FLAT, ['--mem', '9G']),
    ('direct-none', 'flat-data-masks-resource-xlate', '', FLAT.strip(), BIG),
    ('direct-twice', 'flat2-data-masks-odd', OFF + ' swiotlb=noforce swiotlb=force', UNIT + FLAT, BIG),
    ('direct-512m', 'flat2-data-low-cmasks-resource-alloc', OFF, UNIT + FLAT, ['--mem', '512M']),
    ('direct-exact', 'flat2-data-masks-cmasks-resource', OFF + EXACT_MAP, UNIT + FLAT, BIG),
    ('bounce', 'external-data-odd-masks-cmasks-churn-longsg', ON, UNIT + EXTERNAL, DOCKED),
    ('bounce-huge', 'external-data-huge-masks-longsg-bigsg-alloc-attrs', STRICT, UNIT + EXTERNAL, DOCKED),
    ('bounce-low', 'external-data-low-cmasks-resource-errors', ON + ',forcedac', UNIT + EXTERNAL, DOCKED),
    ('bounce-tiny', 'external-data-odd-full-big', ON + ' swiotlb=256', UNIT + EXTERNAL, DOCKED),
    ('bounce-spoff', 'external-data-masks-big-skip', ON + ',sp_off', CACHING_48 + EXTERNAL, DOCKED),
    ('bounce-never', 'mixed-data-masks-cmasks-attrs', STRICT + ',nobounce', UNIT + EXTERNAL, DOCKED),
    ('bounce-nowhere', 'mixed-data-odd-aligned-masks', STRICT, UNIT + EXTERNAL, OUTSIDE + ['--mem', '2G']),
    ('bounce-bridge', 'bridge-data-masks-odd-churn', PT, UNIT + PCI_BRIDGE, DOCKED),
    ('smts', 'flat-edu-masks-churn-alloc-data-device28', STRICT, SCALABLE + FLAT, []),
    ('smts-lazy', 'flat2-lazy-masks-big', ON, SCALABLE + FLAT, []),
    ('snoop', 'flat2-masks-cmasks-big-resource-attrs', STRICT, SNOOPING + FLAT, BIG),
    ('ats', 'flat2-masks-big-data', STRICT, ATS, []),
    ('nopt', 'flat2-data-masks-cmasks-big-resource', PT, SOFTWARE_PT + FLAT, ['--mem', '3G']),
    ('nopt-big', 'flat-data-masks-alloc-churn', PT, SOFTWARE_PT + FLAT, BIG),
    ('limits', 'flat2-masks-cmasks-limits-longsg-data', STRICT, UNIT + FLAT, BIG),
    ('limits-lazy', 'flat2-lazy-masks-limits', ON, UNIT + FLAT, []),
    ('limits-direct', 'flat2-data-masks-cmasks-limits-longsg', OFF, UNIT + FLAT, ['--mem', '9G']),
    ('limits-force', 'flat2-data-masks-limits-odd-big', OFF + ' swiotlb=16384,force', UNIT + FLAT, BIG),
    ('limits-bounce', 'external-data-masks-limits-longsg', STRICT, UNIT + EXTERNAL, DOCKED),
    ('tiny', 'flat2-tiny-cmasks-full', ON, CACHING + FLAT, []),
    ('tiny-off', 'flat2-data-tiny-cmasks-resource', OFF, UNIT + FLAT, BIG),
    ('rare', 'flat4-rare-cmasks-big-resource-attrs', ON + ',forcedac', CACHING_48 + FLAT, BIG),
    ('rare-off', 'flat2-data-rare-cmasks-alloc', OFF, UNIT + FLAT, ['--mem', '9G']),
    ('soft', 'flat2-data-masks-cmasks', ON + ' iommu=soft', UNIT + FLAT, BIG),
    ('soft-small', 'flat2-data-masks-cmasks', OFF + ' iommu=soft swiotlb=4096', UNIT + FLAT, []),
    ('force-pt', 'flat2-data-masks-big', PT + ' swiotlb=force', UNIT + FLAT, BIG),
    ('no-pt', 'flat2-masks-cmasks', ON + ' iommu.passthrough=1 iommu=nopt', CACHING + FLAT, []),
    ('cut', 'flat2-data-masks-cmasks', OFF + ' mem=3G', UNIT + FLAT, BIG),
    ('cut-on', 'flat2-masks-big-alloc', STRICT + ' mem=512M', UNIT + FLAT, BIG),
    ('igfx', 'usb-masks-cmasks-resource', ON + ',igfx_off', CACHING + USB, BIG),
    ('functions', 'functions-masks-big', STRICT, UNIT + MULTIFUNCTION, []),
    ('roots', 'roots-masks-cmasks-longsg', ON, CACHING + second_root(), []),
    ('roots-bypass', 'roots-masks-cmasks-data', STRICT, UNIT + second_root(',bypass_iommu=on'), BIG),
    ('dock', 'dock-data-masks-odd-longsg', ON, UNIT + DOCK, DOCKED),
    ('dock-optin', 'dock-data-masks-cmasks', 'iommu=off', UNIT + DOCK, DOCKED + OPT_IN),
    ('dock-never', 'dock-cpus4-data-masks', STRICT + ',nobounce', UNIT + DOCK, ['--smp', '4'] + DOCKED),
    ('edu-bridge', 'edubridge-edu-data-device28', STRICT, UNIT + PCI_BRIDGE, []),
    ('edu-switch', 'eduswitch-edu-churn-device28', ON, CACHING + SWITCH, []),
    ('edu-spoff', 'flat-edu-odd-data-device28', STRICT + ',sp_off,forcedac', UNIT_48 + FLAT, []),
    ('rmrr', 'usb-masks-cmasks-big', ON, CACHING + USB, RMRR_USB),
    ('rmrr-pt', 'usb-masks-cmasks-data', PT, UNIT + USB, RMRR_USB),
    ('width36', 'flat2-masks-wide-big', STRICT, UNIT + FLAT, WIDTH_36),
    ('partial', 'mixed-data-masks', STRICT, UNIT + EXTERNAL, DOCKED + PARTIAL),
    ('strict-word', 'flat2-lazy-masks', ON + ' iommu.strict=1', UNIT + FLAT, []),
    ('bounce-noforce', 'mixed-data-masks', STRICT + ' swiotlb=noforce', UNIT + EXTERNAL, DOCKED),
    ('direct-one', 'flat-data-masks-odd-big', OFF + ' swiotlb=1', UNIT + FLAT, BIG),
    ('cpus-four-lazy', 'flat2-cpus4-lazy-masks', ON, UNIT + FLAT, ['--smp', '4']),
    ('cpus-full', 'flat2-cpus2-low-full', STRICT, UNIT + FLAT, ['--smp', '2']),
    ('lazy-huge', 'flat2-lazy-huge-wide-bigsg', ON + ',forcedac', UNIT_48 + FLAT, BIG),
    ('pc', 'flat-data-masks-resource', '', '-device edu,addr=5', ['--machine', 'pc'] + BIG),
    ('domains', 'domains', ON, UNIT + FLAT, []),
    ('domains-caching', 'domains', ON, CACHING + FLAT, []),
    ('domains-pt', 'domains', PT, UNIT + FLAT, []),
    ('domains-high', 'domains-high', ON, UNIT + FLAT, []),
    ('domains-48', 'domains-high', STRICT, UNIT_48 + FLAT, []),
    ('domains-snoop', 'domains-high', ON, SNOOPING + FLAT, []),
    ('domains-spoff', 'domains-high', ON + ',sp_off', UNIT + FLAT, []),
]


def record(setting, seed, out, kernel, ko, external):
    name, profile, append, machine, further = setting
    case = '%s-%d' % (name, seed)
    if os.path.exists(os.path.join(out, case)):
        return True
    script = os.path.join(matrix.ACPI, case)
    writer = 'domains.py' if profile.startswith('domains') else 'script.py'
    with open(script, 'w') as file:
        subprocess.run([sys.executable, os.path.join(matrix.HERE, writer), profile, str(seed)],
                       stdout=file, check=True)
    arguments = further + ['--script', script, '--note', 'profile %s seed %d' % (profile, seed)]
    return matrix.record((case, append, machine, arguments), out, kernel, ko, external)


def main():
    if len(sys.argv) not in (6, 7):
        sys.exit(__doc__)
    out, kernel, ko = sys.argv[1:4]
    wanted = re.compile(sys.argv[6] if len(sys.argv) == 7 else '.')
    settings = [setting for setting in SETTINGS if wanted.search(setting[0])]
    os.makedirs(out, exist_ok=True)
    external = matrix.external_facing_table()
    jobs = [(s, seed) for seed in range(int(sys.argv[4]), int(sys.argv[5]) + 1) for s in settings]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda job: record(*job, out, kernel, ko, external), jobs))
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main()
