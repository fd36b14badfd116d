#!/usr/bin/env python3
"""Boots a real Linux kernel under QEMU with an emulated IOMMU and brings back what it decided.

The capture is a directory laid out as the machine's own / (proc, sys, boot, var/log).
"""
import argparse
import base64
import glob
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUSYBOX = '/bin/busybox'
APPLETS = ('sh mount cat ls echo insmod sleep poweroff dmesg uname mkdir tar gzip base64 wc tail ln cp dd ping ip '
           'ifconfig sync seq head grep sort nc udhcpc hexdump date taskset').split()
# On a busy host the kernel takes a late timer interrupt for one that does not come.
CONSOLE = 'console=ttyS0 panic=-1 mitigations=off no_timer_check '
CONFIG = re.compile('IOMMU|SWIOTLB|DMAR|DMA_API|CONFIG_IOVA|CONFIG_X86_64=|CONFIG_PCI_|CONFIG_THUNDERBOLT|CONFIG_HZ')


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('--kernel', required=True, help='an unpacked linux-image package: boot/vmlinuz-*, lib/modules')
    add('--out', required=True, help='where the capture lands')
    add('--append', default='intel_iommu=on', help='the command line')
    add('--qemu', default='-device intel-iommu,intremap=on,caching-mode=on', help='what is plugged in')
    add('--script', help='a lockstep script; its transcript lands in OUT/lockstep/transcript')
    add('--ko', help='lockstep.ko, built for this kernel')
    add('--acpi', nargs='*', default=[], help='tables that QEMU adds')
    add('--upgrade', nargs='*', default=[], help="tables that replace the firmware's")
    add('--modules', default='', help='modules to load, separated by commas')
    add('--workload', help='a shell script to run before the capture')
    add('--external', default='', help='the ports that firmware marks as external-facing')
    add('--smp', default='1')
    add('--mem', default='1G')
    add('--machine', default='q35,kernel-irqchip=split')
    add('--timeout', type=int, default=240)
    add('--note', default='')
    return parser.parse_args()


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def cpio(files):
    """Packs name -> (mode, bytes) as a newc archive."""
    directories = {'/'.join(name.split('/')[:n]) for name in files for n in range(1, name.count('/') + 1)}
    entries = [(name, 0o40755, b'') for name in sorted(directories)]
    entries += [(name, mode, data) for name, (mode, data) in files.items()]
    entries += [('TRAILER!!!', 0, b'')]
    out = io.BytesIO()
    for inode, (name, mode, data) in enumerate(entries, 1):
        fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        for part in (b'070701' + b''.join(b'%08X' % f for f in fields) + name.encode() + b'\0', data):
            out.write(part)
            out.write(b'\0' * (-out.tell() % 4))
    return out.getvalue()


def module(kernel, name):
    found = glob.glob('%s/lib/modules/*/kernel/**/%s.ko*' % (kernel, name), recursive=True)
    if not found:
        sys.exit('no module ' + name)
    data = read(found[0])
    if found[0].endswith('.xz'):
        data = subprocess.run(['xz', '-dc', found[0]], capture_output=True, check=True).stdout
    return data


def initrd_files(a):
    files = {'bin/busybox': (0o100755, read(BUSYBOX)), 'init': (0o100755, read(os.path.join(HERE, 'init.sh')))}
    for applet in APPLETS:
        files['bin/' + applet] = (0o120777, b'busybox')
    for directory in ('proc', 'sys', 'dev', 'tmp', 'etc', 'm'):
        files[directory + '/.k'] = (0o100644, b'')
    for name, path, mode in (('lockstep.ko', a.ko, 0o100644), ('script', a.script, 0o100644),
                             ('workload', a.workload, 0o100755)):
        if path:
            files[name] = (mode, read(path))
    if a.modules:
        names = a.modules.split(',')
        for name in names:
            files['m/%s.ko' % name] = (0o100644, module(a.kernel, name))
        files['modules.list'] = (0o100644, '\n'.join(name + '.ko' for name in names).encode())
    return files


def boot(a, tmp):
    """Boots, and returns the capture as the bytes of a compressed tar."""
    with open(tmp + '/initrd', 'wb') as out:
        if a.upgrade:
            out.write(cpio({'kernel/firmware/acpi/' + os.path.basename(u): (0o100644, read(u)) for u in a.upgrade}))
        out.write(subprocess.run(['gzip', '-1c'], input=cpio(initrd_files(a)), capture_output=True).stdout)
    command = ['qemu-system-x86_64', '-machine', a.machine + ',accel=tcg', '-cpu', 'max', '-smp', a.smp, '-m', a.mem,
               '-no-reboot', '-kernel', sorted(glob.glob(a.kernel + '/boot/vmlinuz-*'))[0], '-initrd', tmp + '/initrd',
               '-append', CONSOLE + a.append, '-serial', 'file:' + tmp + '/con', '-serial', 'file:' + tmp + '/out',
               '-monitor', 'none', '-display', 'none', '-nodefaults', '-net', 'none']
    for table in a.acpi:
        command += ['-acpitable', 'file=' + table]
    try:
        said = subprocess.run(command + a.qemu.split(), timeout=a.timeout, capture_output=True, text=True).stderr
    except subprocess.TimeoutExpired:
        said = 'no end after %d s' % a.timeout
    raw = read(tmp + '/out') if os.path.exists(tmp + '/out') else b''
    if b'@@end' not in raw:
        console = read(tmp + '/con').decode('latin1') if os.path.exists(tmp + '/con') else ''
        sys.exit('boot failed: %s\n%s' % (said[-600:], console[-1500:]))
    return base64.b64decode(raw.split(b'@@end')[0])


def complete(a):
    """Adds what the kernel itself cannot tell, and takes out what only the recording put in."""
    os.makedirs(a.out + '/boot', exist_ok=True)
    with open(glob.glob(a.kernel + '/boot/config-*')[0]) as config, open(a.out + '/boot/config', 'w') as out:
        out.writelines(line for line in config if CONFIG.search(line))
    cmdline = read(a.out + '/proc/cmdline').decode()
    with open(a.out + '/proc/cmdline', 'w') as out:
        out.write(cmdline.replace(CONSOLE, ''))
    log = read(a.out + '/var/log/dmesg').decode(errors='replace')
    with open(a.out + '/machine.properties', 'w') as out:
        out.write("# what the machine's own /proc and /sys cannot tell\n")
        if a.external:
            out.write('external_facing=%s\n' % a.external)
        out.write('cpus=%s\n' % a.smp)
        pool = re.search(r'software IO TLB: mapped \[mem (0x[0-9a-f]+)-(0x[0-9a-f]+)\]', log)
        if pool:
            out.write('swiotlb=%#x-%#x\n' % (int(pool[1], 16), int(pool[2], 16)))
        units = r'reg_base_addr ([0-9a-f]+) ver (\S+) cap ([0-9a-f]+) ecap ([0-9a-f]+)'
        for unit in re.findall(units, log):
            out.write('unit.0x%s=version %s cap 0x%s ecap 0x%s\n' % unit)
        if a.note:
            out.write('note=%s\n' % a.note)


def main():
    a = arguments()
    with tempfile.TemporaryDirectory() as tmp:
        capture = boot(a, tmp)
    if os.path.exists(a.out):
        shutil.rmtree(a.out)
    os.makedirs(a.out)
    tarfile.open(fileobj=io.BytesIO(capture), mode='r:gz').extractall(a.out)
    complete(a)
    print(a.out, 'ok')


if __name__ == '__main__':
    main()
