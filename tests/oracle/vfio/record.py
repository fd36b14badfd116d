#!/usr/bin/env python3
"""Runs scripts of VFIO calls on a real kernel and keeps what it answered.

record.py KERNEL OUT SCRIPT...   each SCRIPT becomes OUT/NAME.transcript, and each machine that they ran on the capture
                                      OUT/MACHINE; a line "# machine: NAME" in a script chooses one from the list below;
                                      scripts of one machine share a boot, in their order
"""
import base64, collections, glob, os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
UNIT = '-device intel-iommu,intremap=%s,caching-mode=off'
DEVICES = (' -device edu,addr=5 -device edu,addr=6 -device e1000e,addr=3 -device pcie-pci-bridge,id=br,addr=8'
           ' -device edu,bus=br,addr=1 -device edu,bus=br,addr=2 -device e1000,bus=br,addr=3')
USB = ' -device VGA,addr=2 -device qemu-xhci,addr=9 -device ich9-usb-ehci1,addr=1d.7,multifunction=on -device ich9-usb-uhci1,addr=1d.0,multifunction=on'
TABLES = HERE + "/../tables/"
MODULES = 'irqbypass vfio vfio_virqfd vfio_iommu_type1 vfio-pci-core vfio-pci pci-stub pps_core ptp e1000e'.split()
MACHINES = {  # name: command line, devices, firmware's table
    'vfio': ('intel_iommu=on', UNIT % 'on' + DEVICES, None),
    'vfio-noir': ('intel_iommu=on', UNIT % 'off' + DEVICES, None),
    'vfio-off': ('intel_iommu=off', UNIT % 'on' + DEVICES, None),
    'vfio-rmrr': ('intel_iommu=on', UNIT % 'on' + DEVICES + USB, TABLES + 'dmar-vfio-rmrr.aml'),
}

def machine(script):
    for line in open(script):
        if line.startswith('# machine: '): return line.split(': ', 1)[1].strip()
    return 'vfio'

def modules(kernel):
    """Those that the kernel has: 5.10 has vfio-pci in one piece."""
    return ','.join(m for m in MODULES if glob.glob('%s/lib/modules/*/kernel/**/%s.ko*' % (kernel, m), recursive=True))

def boot(kernel, out, name, scripts, binary):
    append, qemu, upgrade = MACHINES[name]
    with tempfile.TemporaryDirectory() as t:
        with open(t + '/w', 'w') as w:
            w.write("base64 -d >/tmp/vl <<'END'\n" + base64.encodebytes(open(binary, 'rb').read()).decode() + 'END\n')
            w.write('busybox chmod 755 /tmp/vl\n')
            for i, s in enumerate(scripts):
                w.write("cat >/tmp/s%d <<'END'\n%sEND\n" % (i, open(s).read()))
                w.write('echo "@@%s"; /tmp/vl /tmp/s%d\n' % (os.path.basename(s).rsplit('.', 1)[0], i))
        cmd = [sys.executable, HERE + '/../boot.py', '--kernel', kernel, '--out', out + '/' + name, '--append', append,
               '--qemu', qemu, '--modules', modules(kernel), '--workload', t + '/w', '--timeout', '1200']
        if upgrade:
            shutil.copy(upgrade, t + '/dmar.aml')
            cmd += ['--upgrade', t + '/dmar.aml']
        # On a loaded host the emulated timer may miss its check at boot.
        for attempt in range(4):
            if subprocess.run(cmd).returncode == 0: break
        else: sys.exit('record.py: %s did not boot' % name)
    for part in open('%s/%s/workload.log' % (out, name)).read().split('@@')[1:]:
        script, text = part.split('\n', 1)
        open('%s/%s.transcript' % (out, script), 'w').write(text)
    os.unlink('%s/%s/workload.log' % (out, name))

def main():
    kernel, out, scripts = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(out, exist_ok=True)
    with tempfile.TemporaryDirectory() as t:
        binary = t + '/vfio-lockstep'
        subprocess.run(['gcc', '-O2', '-static', '-s', '-Wall', '-o', binary, HERE + '/vfio-lockstep.c'], check=True)
        boots = collections.OrderedDict()
        for s in scripts: boots.setdefault(machine(s), []).append(s)
        for name, group in boots.items(): boot(kernel, out, name, group, binary)
main()
