#!/usr/bin/env python3
"""wide.py OUT KERNEL KO [NAME-REGEX] [--print]: boots the machines of wide.json, two at a time.

OUT      the captures land in OUT/NAME
KERNEL   an unpacked kernel image (boot/, lib/modules/)
KO       lockstep.ko, built for that kernel
--print  only says how boot.py would be called
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def command(machine, out, kernel, ko):
    """The call of boot.py for one entry; tables are named relative to this directory."""
    tables = [word for option, files in machine['tables'].items() for word in ['--' + option] + files]
    return [sys.executable, 'boot.py', '--kernel', kernel, '--ko', ko, '--out', os.path.join(out, machine['name']),
            '--append', machine['append'], '--qemu=' + machine['qemu']] + machine['arguments'] + tables


def record(machine, out, kernel, ko):
    done = subprocess.run(command(machine, out, kernel, ko), cwd=HERE, capture_output=True, text=True)
    print(machine['name'], 'ok' if done.returncode == 0 else 'FAILED ' + done.stderr[-700:], flush=True)
    return done.returncode == 0


def main():
    words = [word for word in sys.argv[1:] if word != '--print']
    if len(words) not in (3, 4):
        sys.exit(__doc__)
    paths = [os.path.abspath(word) for word in words[:3]]
    wanted = re.compile(words[3] if len(words) == 4 else '.')
    with open(os.path.join(HERE, 'wide.json')) as file:
        machines = [machine for machine in json.load(file) if wanted.search(machine['name'])]
    if '--print' in sys.argv:
        for machine in machines:
            print(shlex.join(command(machine, *paths)))
        return
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda machine: record(machine, *paths), machines))
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main()
