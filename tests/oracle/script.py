#!/usr/bin/env python3
"""script.py PROFILE SEED [N]: writes a random script of about N DMA calls for the module in lockstep/.

PROFILE is DEVICES-FEATURE-FEATURE..., for a machine of transcripts.py; SEED says which calls. Features:
  masks, low, wide, tiny, rare, device28  the masks that are set; cmasks: another one for coherent memory
  big, huge, odd, aligned     sizes and offsets; longsg, bigsg: those of lists
  full                        maps on until addresses or slots run short
  skip, attrs                 attributes; resource: mappings of what is no memory; alloc: more coherent memory
  data                        CPU and device read and write
  edu                         the device really accesses memory, where it may and where not
  lazy                        unmaps in batches and lets the flush timer run before anything allocates again
  ring                        with lazy: batches larger than a flush queue
  churn, dma32                pages come and go; some lie below 4 GiB
  cpusN                       on N processors
  errors, xlate, infos        what is answered without a mapping
  limits                      what the device's driver and its bus declare: alignment, segments, reach
"""
import random
import sys

DEVICES = {
    'flat': ['0000:00:05.0'],
    'flat2': ['0000:00:05.0', '0000:00:03.0'],
    'flat4': ['0000:00:05.0', '0000:00:03.0', '0000:00:06.0', '0000:00:07.0'],
    'isa': ['0000:00:05.0', '0000:00:1f.0', '0000:00:1f.2'],
    'bridge': ['0000:02:02.0', '0000:02:01.0', '0000:00:08.0'],
    'switch': ['0000:04:00.0', '0000:03:00.0', '0000:05:00.0'],
    'functions': ['0000:00:08.0', '0000:00:08.1', '0000:00:08.2', '0000:01:00.0', '0000:01:00.1'],
    'roots': ['0000:41:00.0', '0000:00:03.0'],
    'usb': ['0000:00:1d.7', '0000:00:1d.0', '0000:00:09.0', '0000:00:02.0'],
    'edubridge': ['0000:02:02.0'],
    'eduswitch': ['0000:04:00.0'],
    'external': ['0000:01:00.0'],
    'dock': ['0000:03:00.0', '0000:04:00.0'],
    'mixed': ['0000:01:00.0', '0000:00:03.0'],
    'mixed3': ['0000:01:00.0', '0000:00:03.0', '0000:00:02.0'],
}
MASKS = {'masks': [32, 64, 48, 36, 40, 33, 39], 'low': [24, 32, 28, 30, 31, 26], 'wide': [64], 'device28': [28],
         'tiny': [32, 24, 21, 20, 25, 16], 'rare': [63, 34, 47, 52, 57, 31, 32, 38]}
DIRECTIONS = ['to', 'from', 'bi']
MMIO = [0xfebf0000, 0xfe000000, 0xc0000000, 0xfed00000, 0x2000000000, 0x800000000, 0xe0000000, 0x3000000000]
PAGE = 4096
NOBODY = 60000
EDU_BYTES = 4095  # it refuses its buffer's last byte


class Mapping:
    """A live mapping: its kind, size, device, and the page and offset where there is one."""

    def __init__(self, kind, size, device, page=0, offset=0):
        self.kind, self.size, self.device, self.page, self.offset = kind, size, device, page, offset


class Script:
    def __init__(self, profile, seed, calls):
        devices, *features = profile.split('-')
        self.random = random.Random('%s/%d' % (profile, seed))
        self.devices, self.features = DEVICES[devices], set(features)
        self.may_cross = devices not in ('external', 'mixed', 'mixed3', 'dock')
        self.cpus = max([int(f[4:]) for f in features if f.startswith('cpus')], default=0)
        self.masks = next((MASKS[f] for f in features if f in MASKS), [32])
        self.calls = calls
        self.orders, self.live, self.names, self.current, self.aligns = {}, {}, 1, None, None

    def has(self, *features):
        return any(feature in self.features for feature in features)

    def chance(self, probability):
        return self.random.random() < probability

    def select(self, device):
        if self.current != device:
            print('dev', device)
            self.current = device

    def page(self, order):
        page = len(self.orders) + 1
        self.orders[page] = order
        print('page', page, order, *(['dma32'] if self.has('dma32') and self.chance(.5) else []))

    def name(self):
        self.names += 1
        return self.names

    def span(self, large):
        """Chooses a page, an offset in it and a size."""
        most = 10 if self.has('huge') else 9 if large else 6
        page = self.random.choice([p for p, order in self.orders.items() if order <= most])
        total = PAGE << self.orders[page]
        if self.has('aligned'):
            pages = self.random.randrange(1, total // PAGE + 1)
            return page, self.random.randrange(total // PAGE - pages + 1) * PAGE, pages * PAGE
        if large or self.has('odd'):
            sizes = [1, 2, 3, 7, 64, 255, 256, 1500, 2047, 2048, 2049, 4095, 4096, 4097, 9000, 12288, 16384, 65535,
                     65536, 131072, self.random.randrange(1, total + 1), total]
        else:
            sizes = [16, 64, 256, 1500, 2048, 4096, 8192, self.random.randrange(1, min(total, 20000) + 1)]
        size = min(total, self.random.choice(sizes))
        if size == total:
            return page, 0, size
        return page, self.random.randrange(total - size + 1) & self.random.choice([~0, ~0, ~1, ~63, ~2047, ~4095]), size

    def map(self):
        page, offset, size = self.span(self.has('big', 'huge'))
        name, attributes = self.name(), []
        if self.has('skip') and self.chance(.3):
            attributes = [self.random.choice([0, 32])]
        if self.has('attrs') and self.chance(.3):
            attributes = [self.random.choice([2, 4, 8, 32, 34, 64, 128, 256, 512])]
        print('map', name, page, offset, size, self.random.choice(DIRECTIONS), *attributes)
        self.live[name] = Mapping('map', size, self.current, page, offset)

    def list(self):
        name = self.name()
        length = self.random.randrange(1, 50 if self.has('longsg') else 12)
        spans = [self.span(self.has('bigsg')) for _ in range(length)]
        print('sg', name, self.random.choice(DIRECTIONS), *('%d:%d:%d' % span for span in spans))
        self.live[name] = Mapping('sg', 0, self.current)

    def alloc(self):
        sizes = [1, 64, 4096, 4097, 8192, 12288, 65536, 100000, 262144]
        if self.has('big', 'huge'):
            sizes += [1 << 20, 1 << 21, (1 << 21) + PAGE, 1 << 22, (1 << 22) + 1]
        name, size = self.name(), self.random.choice(sizes)
        print('alloc', name, size)
        self.live[name] = Mapping('alloc', size, self.current)

    def resource(self):
        # Bouncing less than pages of what is no memory would stop the kernel.
        offsets = [0, 0, 0x1000, 0x123000] + ([0x10, 0xff0] if self.may_cross else [])
        sizes = [4096, 8192, 65536, 1 << 20] + ([4, 64, 5000] if self.may_cross else [])
        name = self.name()
        print('resource', name, '0x%x' % (self.random.choice(MMIO) + self.random.choice(offsets)),
              self.random.choice(sizes), self.random.choice(DIRECTIONS))
        self.live[name] = Mapping('resource', 0, self.current)

    def take(self):
        kinds = [self.map] * 8 + [self.list] * 2 + [self.alloc] * (4 if self.has('alloc') else 1)
        self.random.choice(kinds + [self.resource] * (2 if self.has('resource') else 0))()

    def unmap(self, name):
        attributes = [self.random.choice([0, 32])] if self.has('skip', 'attrs') and self.chance(.15) else []
        print('unmap', name, *attributes)
        del self.live[name]

    def data(self):
        mine = [n for n, m in self.live.items() if m.kind in ('map', 'alloc') and m.device == self.current]
        if not mine:
            return
        name = self.random.choice(mine)
        it = self.live[name]
        at = self.random.randrange(it.size)
        length = min(it.size - at, self.random.choice([1, 3, 64, 1500, 4096, it.size - at]))
        what = self.random.choice(['dpoke', 'dpeek'] if it.kind == 'alloc'
                                  else ['dpoke', 'dpeek', 'synccpu', 'syncdev', 'peek'])
        if what == 'peek':
            print('peek', it.page, it.offset, it.size)
        elif it.size <= 1 << 20:
            print(what, name, at, length, *([self.random.randrange(256)] if what == 'dpoke' else []))

    def access(self):
        """The first device accesses what is mapped for it, what was, or anything."""
        self.select(self.devices[0])
        way = self.random.choice('rw')
        mine = [n for n, m in self.live.items() if m.kind in ('map', 'alloc') and m.device == self.current]
        if mine and self.chance(.6):
            name = self.random.choice(mine)
            print('edu+', way, name, self.random.choice([1, 4, 16, 64, 100, 2048, EDU_BYTES]))
            if self.live[name].kind == 'map':
                print('peek', self.live[name].page, self.live[name].offset, self.live[name].size)
        elif self.names > 2 and self.chance(.4):
            print('edu+', way, self.random.randrange(2, self.names + 1), self.random.choice([1, 16, EDU_BYTES]))
        else:
            near = self.random.randrange(0xff00000, 1 << 28) & ~7
            anywhere = self.random.randrange(1, 1 << 15) * PAGE + self.random.choice([0, 0x800, 0xff8])
            print('edu', way, '0x%x' % self.random.choice([near, anywhere]), self.random.choice([8, 64, EDU_BYTES]))

    def error(self):
        strange = [n for n, m in self.live.items() if m.kind in ('sg', 'alloc')] or [NOBODY]
        what = self.random.randrange(9)
        if what == 8:
            device = self.current
            print('dev 0000:00:1e.7\ninfo\nmask 32\nunmap %d\ncpu 0' % NOBODY)
            self.current = None
            self.select(device)
            return
        print(['unmap %d' % NOBODY, 'synccpu %d 0 16' % self.random.choice(strange),
               'syncdev %d 0 16' % self.random.choice(strange), 'dpeek %d 0 16' % NOBODY, 'frobnicate 1 2 3',
               '# a remark', 'cpu %d' % self.random.choice([7, 64]),
               '%s %d' % (self.random.choice(['mask', 'cmask']), self.random.choice([0, 8, 16, 20, 23, 65, 88]))][what])

    def churn(self):
        used = {m.page for m in self.live.values()}
        idle = [page for page in self.orders if page not in used]
        if idle and self.chance(.5):
            page = self.random.choice(idle)
            print('pagefree %d\npage %d %d' % (page, page, self.orders[page]))
        else:
            self.page(self.random.choice([0, 0, 0, 1, 2]))

    def begin(self):
        if self.cpus:
            print('cpu 0')
        for device in self.devices:
            self.select(device)
            print('info')
        for order in [0, 0, 0, 1, 1, 2, 3, 4, 6] + ([8, 9, 10] if self.has('big', 'huge', 'full') else []):
            self.page(order)
        for page, order in self.orders.items():
            print('fill', page, 0, min(PAGE << order, 65536), page * 7 & 255)
        for device in self.devices:
            self.select(device)
            self.mask(self.masks[0])
        self.select(self.devices[0])

    def mask(self, bits):
        print('mask %d\ncmask %d' % (bits, self.random.choice(self.masks) if self.has('cmasks') else bits))

    def aside(self):
        """Does, at times, something that is neither a mapping nor an unmapping; says whether it did."""
        if len(self.devices) > 1 and self.chance(.15):
            self.select(self.random.choice(self.devices))
        if self.cpus and self.chance(.08):
            print('cpu', self.random.randrange(self.cpus))
        if len(self.masks) > 1 and self.chance(.05):
            self.mask(self.random.choice(self.masks))
        asides = {'errors': (.05, self.error), 'churn': (.05, self.churn), 'edu': (.12, self.access),
                  'infos': (.03, lambda: print('info')), 'xlate': (.05, self.translate),
                  'limits': (.06, self.limit)}
        for feature, (probability, do) in asides.items():
            if self.has(feature) and self.chance(probability):
                do()
                return True
        return False

    def translate(self):
        print('xlate 0x%x' % self.random.choice([0, 0xfee00000, 1 << 38, self.random.randrange(0xffe00000, 1 << 32)]))

    def limit(self):
        lists = [n for n, m in self.live.items() if m.kind == 'sg' and m.device == self.current]
        known = [n for n, m in self.live.items() if m.kind in ('map', 'alloc', 'resource') and m.device == self.current]
        what = self.random.randrange(7)
        # A search for slots that is both aligned and bounded can go round for ever; and what was mapped with one
        # alignment is not synced or unmapped with another: that can write to bytes of which the script knows nothing.
        if what < 2 and self.aligns is None:
            self.aligns = self.chance(.5)
        if what < 2 and self.aligns and not any(m.device == self.current for m in self.live.values()):
            print('minalign', self.random.choice([0, 0, 0x1ff, 0x7ff, 0xfff]))
        elif what < 2 and not self.aligns:
            print('segbound', self.random.choice(['0xffffffff', '0xffff', '0x1fffff', '0xfff', '0xffffffffffffffff']))
        elif what == 2:
            print('buslimit', self.random.choice(['0', '0', '0xffffffff', '0x7fffffff', '0xfffffffff', '0x3fffffff']))
        elif what in (3, 4) and lists:
            print(self.random.choice(['sgsynccpu', 'sgsyncdev']), self.random.choice(lists))
        elif what == 5 and known:
            print('needsync', self.random.choice(known))
        else:
            print('slots\ninfo')

    def lazy(self, limit):
        if not self.live or self.chance(.85 if len(self.live) < limit else .6):
            self.take()
            return
        for _ in range(min(len(self.live), self.random.randrange(1, 700 if self.has('ring') else 60))):
            self.unmap(self.random.choice(list(self.live)))
        print('sleep', self.random.choice([40, 60, 100]))

    def strict(self, limit):
        dice = self.random.random()
        if dice < (.62 if len(self.live) < limit else .3):
            self.take()
        elif dice < .9 and self.live:
            self.unmap(self.random.choice(list(self.live)) if self.chance(.6) else min(self.live))
        elif dice < .97 and self.has('data'):
            self.data()
        elif self.chance(.1):
            print(self.random.choice(['dump', 'sleep 0', 'sleep 15']))

    def run(self):
        limit = 4000 if self.has('full') else 60 if self.has('edu') else 220
        self.begin()
        for _ in range(self.calls):
            if not self.aside():
                (self.lazy if self.has('lazy') else self.strict)(limit)
        print('dump')
        for name in sorted(self.live, key=lambda _: self.random.random()):
            self.unmap(name)
        if self.has('lazy'):
            print('sleep 40')
        for device in self.devices:
            self.select(device)
            print('dump\ninfo')


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    Script(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else 1200).run()


if __name__ == '__main__':
    main()
