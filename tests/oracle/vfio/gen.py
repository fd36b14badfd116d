#!/usr/bin/env python3
"""gen.py PROFILE SEED: a script of VFIO calls for vfio-lockstep.

table      every combination of a list of addresses, sizes and flags for MAP_DMA (SEED 2) or UNMAP_DMA (SEED 1: type1, 3: type1v2)
v1, v2     random maps and unmaps that touch, overlap and cut each other
dirty      random calls of dirty-page tracking
cuts       many maps and unmaps, and unmaps that cut (type1)
limits     random maps under RLIMIT_MEMLOCK and dma_entry_limit
"""
import random, sys

DEVICE = '0000:00:05.0'
V = 0x10000000

def h(x): return hex(x & (1 << 64) - 1)

def begin(kind):
    print('override %s vfio-pci' % DEVICE); print('bind %s vfio-pci' % DEVICE)
    print('container c'); print('group g %s' % DEVICE); print('set g c'); print('iommu c %d' % kind)
    print('mmap %s 0x400000 rw' % h(V)); print('mmap 0x20000000 0x10000 r'); print('mmap 0x30000000 0x8000 rw')
    print('fill %s 0x100000 1' % h(V))

def end():
    print('locked'); print('close g'); print('close c'); print('locked')
    print('unbind %s' % DEVICE); print('override %s' % DEVICE)

EDGES = [0, 0x1000, 0x800, 0xfedff000, 0xfee00000, 0xfeeff000, 0xfef00000, 0x7ffffff000, 0x8000000000, 0xfffffffffffff000, 0xffffffffffffffff]
SIZES = [0, 1, 0xfff, 0x1000, 0x2000, 0x1001, 0x100000, 0x8000000000, 0xfffffffffffff000, 0xffffffffffffffff]

def map_table():
    for iova in EDGES:
        for size in SIZES:
            for vaddr, flags in ((V, 3), (V, 1), (V, 0), (V, 4), (V + 0x200, 3), (0xfffffffffffff000, 3), (0x20000000, 1), (0x20000000, 3)):
                print('map c %s %s %s %d' % (h(vaddr), h(iova), h(size), flags))
                if flags == 3 and vaddr == V: print('map c %s %s %s %d' % (h(vaddr), h(iova), h(size), flags))
                print('unmap c %s %s' % (h(iova), h(size)))
    for argsz in (0, 8, 31, 32, 33, 4096): print('map c %s 0x100000 0x1000 3 %d' % (h(V), argsz)); print('unmap c 0x100000 0x1000 0 32')
    for argsz in (0, 8, 23, 24, 25, 48, 4096): print('unmap c 0x100000 0x1000 0 %d' % argsz)
    for flags in range(0, 9): print('unmap c 0x100000 0x1000 %d' % flags)

def unmap_table():
    pieces = [(0x100000, 0x1000), (0x101000, 0x2000), (0x103000, 0x1000), (0x105000, 0x3000), (0x200000, 0x200000)]
    cuts = [0, 0xff000, 0x100000, 0x101000, 0x102000, 0x103000, 0x104000, 0x105000, 0x106000, 0x108000, 0x1ff000, 0x200000, 0x201000, 0x400000, 0x401000]
    for lo in cuts:
        for hi in cuts + [0xfffffffffffff000, 0x10000000000000000]:
            if hi <= lo: continue
            for iova, size in pieces: print('map c %s %s %s 3' % (h(V), h(iova), h(size)))
            print('unmap c %s %s' % (h(lo), h(hi - lo)))
            for iova, size in pieces: print('unmap c %s %s' % (h(iova), h(size)))

def random_calls(r, n, tail=None):
    P = 0x1000
    for i in range(n):
        base = 0x100000 + r.randrange(0, 24) * P
        size = r.choice([1, 1, 1, 2, 3, 4, 8]) * P
        k = r.random()
        if r.random() < .04: base += r.choice([1, 0x800, 0xfff])
        if r.random() < .04: size += r.choice([-1, 1, 0x800])
        if r.random() < .03: base = r.choice(EDGES)
        if r.random() < .03: size = r.choice(SIZES)
        if k < .55:
            vaddr = r.choice([V + r.randrange(0, 512) * P] * 5 + [V + 0x3ff000, 0x20000000 + r.randrange(0, 16) * P, 0x30000000, 0x30007000, 0x40000000])
            print('map c %s %s %s %d' % (h(vaddr), h(base), h(size), r.choice([3, 3, 3, 3, 1, 2, 0, 4])))
        elif k < .95: print('unmap c %s %s' % (h(base), h(size)))
        elif k < .97: print('child unmap c %s %s' % (h(base), h(size)))
        else: print('locked')
        if tail and r.random() < .2: tail(r)

def cuts(r):
    P = 0x1000
    for i in range(14):
        slots = list(range(40))
        r.shuffle(slots)
        for s in slots[:r.randrange(8, 40)]: print('map c %s %s %s 3' % (h(V + s * 2 * P), h(0x100000 + s * 2 * P), h(2 * P)))
        for s in r.sample(range(40), r.randrange(4, 20)): print('unmap c %s %s' % (h(0x100000 + s * 2 * P), h(2 * P)))
        for j in range(3):
            s = r.randrange(0, 38)
            print('unmap c %s %s' % (h(0x100000 + (s * 2 + 1) * P), h(r.choice([3, 5, 21, 79]) * P)))
        print('locked')

def dirty_call(r):
    P = 0x1000
    k = r.random()
    if k < .3: print('dirty c %d' % r.choice([1, 1, 1, 2, 3, 8, 5]))
    elif k < .8:
        base = r.choice([0x100000, 0x100000, 0x100000 + r.randrange(0, 24) * P, 0x100800])
        size = r.choice([32, 40, 1, 8, r.randrange(1, 40)]) * P
        print('bitmap c %s %s %s %d' % (h(base), h(size), h(r.choice([P, P, P, P, 0x2000, 0x200000])), r.choice([8, 8, 8, 16, 4, 0])))
    else:
        base = 0x100000 + r.randrange(0, 24) * P
        size = r.choice([1, 2, 3, 4, 8]) * P
        print('unmapdirty c %s %s %s %d' % (h(base), h(size), h(r.choice([P, P, P, 0x2000])), r.choice([8, 8, 8, 4, 0])))

def limits(r):
    P = 0x1000
    print('cap 0')
    for i in range(120):
        k = r.random()
        if k < .1: print('memlock %d' % r.choice([0, 4096, 8192, 20480, 65536, 4095, 12289]))
        elif k < .15: print('cap %d' % r.randrange(2))
        elif k < .2: print('param disable_hugepages %s' % r.choice('YN'))
        elif k < .6: print('map c %s %s %s %d' % (h(r.choice([V, 0x30000000]) + r.randrange(0, 8) * P), h(0x100000 + r.randrange(0, 16) * P), h(r.choice([1, 1, 2, 3, 5]) * P), r.choice([3, 3, 1])))
        elif k < .9: print('unmap c %s %s' % (h(0x100000 + r.randrange(0, 16) * P), h(r.choice([1, 2, 4, 16]) * P)))
        else: print('locked')
    print('cap 1'); print('param disable_hugepages N'); print('memlock 67108864')

def main():
    profile, seed = sys.argv[1], int(sys.argv[2])
    r = random.Random(seed)
    print('# gen.py %s %d' % (profile, seed))
    if profile == 'limits': print('param dma_entry_limit 6')
    begin({'v1': 1, 'cuts': 1, 'v2': 3, 'dirty': 3, 'limits': r.choice([1, 3])}.get(profile) or (1 if seed == 1 else 3))
    if profile == 'table': map_table() if seed == 2 else unmap_table()
    elif profile == 'limits': limits(r)
    elif profile == 'cuts': cuts(r)
    elif profile == 'dirty': random_calls(r, 150, dirty_call)
    else: random_calls(r, 260)
    end()
    if profile == 'limits': print('param dma_entry_limit 65535')
main()
