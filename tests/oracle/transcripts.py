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
from matrix import BIG, EXTERNAL, FLAT, ON, OUTSIDE, PCI_BRIDGE, SWITCH, UNIT, UNIT_48

CACHING = '-device intel-iommu,intremap=on,caching-mode=on'
CACHING_48 = CACHING + ',aw-bits=48'
PT, STRICT, OFF = ON + ' iommu=pt', ON + ',strict', 'intel_iommu=off'
GRAPHICS = ' -device VGA,addr=2'
DOCKED = OUTSIDE + BIG

SETTINGS = [  # name, profile of script.py, command line, machine, further arguments
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
    ('bounce', 'external-data-odd-masks-cmasks-churn-longsg', ON, UNIT + EXTERNAL, DOCKED),
    ('bounce-huge', 'external-data-huge-masks-longsg-bigsg-alloc-attrs', STRICT, UNIT + EXTERNAL, DOCKED),
    ('bounce-low', 'external-data-low-cmasks-resource-errors', ON + ',forcedac', UNIT + EXTERNAL, DOCKED),
    ('bounce-tiny', 'external-data-odd-full-big', ON + ' swiotlb=256', UNIT + EXTERNAL, DOCKED),
    ('bounce-spoff', 'external-data-masks-big-skip', ON + ',sp_off', CACHING_48 + EXTERNAL, DOCKED),
    ('bounce-never', 'mixed-data-masks-cmasks-attrs', STRICT + ',nobounce', UNIT + EXTERNAL, DOCKED),
    ('bounce-nowhere', 'mixed-data-odd-aligned-masks', STRICT, UNIT + EXTERNAL, OUTSIDE + ['--mem', '2G']),
]


def record(setting, seed, out, kernel, ko, external):
    name, profile, append, machine, further = setting
    case = '%s-%d' % (name, seed)
    if os.path.exists(os.path.join(out, case)):
        return True
    script = os.path.join(matrix.ACPI, case)
    with open(script, 'w') as file:
        subprocess.run([sys.executable, os.path.join(matrix.HERE, 'script.py'), profile, str(seed)],
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
