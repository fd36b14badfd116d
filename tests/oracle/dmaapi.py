#!/usr/bin/env python3
"""dmaapi.py BDF SEED: a random script of the DMA API's lesser calls: pools, allocated pages, tables, limits."""
import random, sys

def main():
    bdf, seed = sys.argv[1], int(sys.argv[2])
    r = random.Random(seed)
    lines = ['dev ' + bdf, 'limits', 'mask 64', 'cmask 64', 'limits', 'pinfo']
    live, freed, pools, ids, owner = [], [], {}, 0, {}

    def pool(number, size, align, boundary):
        lines.append('pool %d %s %d %d %d' % (number, r.choice(['rx', 'tx-descriptors', 'a-name-that-is-longer-than-31-chars']), size, align, boundary))

    # What cannot be made.
    for size, align, boundary in ((0, 0, 0), (16, 3, 0), (64, 64, 32), (64, 64, 96), (5000, 8, 4096)):
        pool(63, size, align, boundary)
    shapes = [(1, 0, 0), (64, 64, 0), (2048, 0, 0), (4096, 0, 0), (100, 4, 512), (48, 16, 256), (60, 1, 4096), (5000, 64, 0), (24, 32, 64), (1000, 8, 2048), (6000, 0, 8192)]
    r.shuffle(shapes)
    for number, shape in enumerate(shapes[:8]):
        pool(number, *shape)
        pools[number] = shape
    lines.append('pinfo')
    for step in range(500):
        what = r.random()
        if what < 0.5 or not live:
            ids += 1
            owner[ids] = r.choice(list(pools))
            lines.append('%s %d %d' % (r.choice(['palloc', 'pzalloc']), ids, owner[ids]))
            live.append(ids)
        elif what < 0.9:
            block = live.pop(r.randrange(len(live)))
            lines.append('pfree %d' % block)
            freed.append(block)
        elif what < 0.95:
            lines.append('pfill %d 4 %d' % (r.choice(live), r.randrange(256)))
        elif freed:
            lines.append('ppeek %d 8' % freed[-1])
        if step % 100 == 99:
            lines.append('pinfo')
    block = live[0]
    lines += ['pbad %d 0x1000' % block]
    # A pool that is still in use, and one that is not.
    for block in [b for b in live if owner[b] != owner[live[0]]]:
        lines.append('pfree %d' % block)
    for number in pools:
        lines.append('pdel %d' % number)
    lines.append('pinfo')
    for number in range(12):
        size = r.choice([1, 4096, 4097, 20000, 65536, 1 << 20, 8 << 20])
        direction = r.choice(['to', 'from', 'bi'])
        lines.append('apages %d %d %s' % (number, size, direction))
        if size <= 1 << 20:
            lines.append('needsync %d' % number)
    lines.append('dump')
    for number in r.sample(range(12), 12):
        lines.append('unmap %d' % number)
    lines += ['alloc 20 %d' % r.randrange(1, 40000), 'getsgt 20', 'unmap 20']
    for number in range(4):
        lines.append('page %d 2' % number)
    for _ in range(6):
        lines.append('sgtable ' + ' '.join('%d:%d:%d' % (r.randrange(4), r.randrange(4096), r.randrange(1, 8192)) for _ in range(r.randrange(1, 6))))
    lines += ['maxseg 0x10000000', 'limits', 'maxseg 0', 'boundary 0xffff', 'limits', 'boundary 0', 'minalign 0xfff', 'limits', 'mask 32', 'limits', 'mask 20', 'limits',
              'noparms', 'maxseg 4096', 'boundary 4095', 'minalign 15', 'limits']
    print('\n'.join(lines))

main()
