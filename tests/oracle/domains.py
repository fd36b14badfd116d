#!/usr/bin/env python3
"""domains.py PROFILE SEED [N]: writes a random script of about N calls of the IOMMU API on domains of its own.

PROFILE is domains-FEATURE-FEATURE..., SEED says which calls. No mapping overlaps another: over part of a larger page
the kernel writes into the memory that is mapped there, and dies of it sooner or later. Features:
  huge  pages of 1 GiB as well
  high  addresses that a unit of 39 or 48 bits does not reach, before and after a device is attached
"""
import random
import sys

DEVICES = ['0000:00:05.0', '0000:00:03.0']
PAGE, LARGE, HUGE = 1 << 12, 1 << 21, 1 << 30


class Script:
    def __init__(self, profile, seed, calls):
        self.features = set(profile.split('-')[1:])
        self.random = random.Random('%s/%d' % (profile, seed))
        self.calls = calls
        self.attached = {}
        self.mapped = {}
        self.current = None

    def has(self, feature):
        return feature in self.features

    def chance(self, probability):
        return self.random.random() < probability

    def select(self, device):
        if self.current != device:
            print('dev', device)
            self.current = device

    def phys(self, alignment):
        end = 4 * HUGE if self.has('huge') else HUGE
        return self.random.randrange(end // alignment) * alignment

    def span(self):
        """Chooses an I/O address, a physical one and a size, often on bounds of large pages."""
        sizes = [PAGE, 2 * PAGE, 16 * PAGE, LARGE, LARGE, 3 * LARGE, LARGE + PAGE, 2 * LARGE,
                 self.random.randrange(1, 600) * PAGE]
        alignments = [PAGE, PAGE, LARGE, LARGE]
        if self.has('huge'):
            sizes += [HUGE, HUGE + LARGE]
            alignments += [HUGE]
        size, alignment = self.random.choice(sizes), self.random.choice(alignments)
        reach = 6 * HUGE if self.has('huge') else 24 * LARGE
        iova = self.random.choice([0x10000000, 0x3fc00000, 0x7fff800000 - reach]) + self.random.randrange(reach)
        iova = iova // alignment * alignment
        if self.has('high') and self.chance(.1):
            iova += self.random.choice([1 << 38, 1 << 39, 1 << 40, 1 << 47, 1 << 48])
        return iova, self.phys(self.random.choice([alignment, alignment, PAGE])), size

    def overlaps(self, domain, iova, size):
        return any(iova < at + length and at < iova + size for at, length in self.mapped[domain])

    def map(self, domain):
        iova, phys, size = self.span()
        if self.overlaps(domain, iova, size):
            return
        if self.chance(.03):
            size += self.random.choice([1, 0x800])
        if self.chance(.02):
            phys += 0x10
        rights = self.random.choice([1, 2, 3, 3, 3, 7, 0, 8, 19])
        print('dmap %d 0x%x 0x%x 0x%x %d' % (domain, iova, phys, size, rights))
        self.mapped[domain].append((iova, size))

    def unmap(self, domain):
        if not self.mapped[domain]:
            return
        iova, size = self.mapped[domain].pop(self.random.randrange(len(self.mapped[domain])))
        # Beyond what the table reaches the kernel stops.
        if iova >= 1 << 39:
            return
        if self.chance(.02):
            iova += 0x200
        print('dunmap %d 0x%x 0x%x' % (domain, iova, size))

    def look(self, domain):
        iova = self.span()[0] + self.random.randrange(LARGE)
        if self.mapped[domain] and self.chance(.7):
            at, size = self.random.choice(self.mapped[domain])
            iova = max(0, at + self.random.randrange(-PAGE, size + PAGE))
        if self.has('high') and self.chance(.1):
            iova += self.random.choice([1 << 39, 1 << 48, 1 << 57])
        print('dxlate %d 0x%x' % (domain, iova))

    def manage(self):
        device, domain = self.random.choice(DEVICES), self.random.randrange(1, 5)
        self.select(device)
        if domain not in self.mapped:
            print('dnew', domain)
            self.mapped[domain] = []
        elif device in self.attached and self.chance(.7):
            print('ddetach', self.attached.pop(device))
        elif domain not in self.attached.values() and self.chance(.3):
            print('ddump %d\nddel %d' % (domain, domain))
            del self.mapped[domain]
        else:
            print('dattach', domain)
            if self.has('high'):
                print('ddump', domain)
            self.attached.setdefault(device, domain)

    def run(self):
        self.select(DEVICES[0])
        for _ in range(self.calls):
            if not self.mapped or self.chance(.03):
                self.manage()
                continue
            domain = self.random.choice(sorted(self.mapped))
            dice = self.random.random()
            (self.map if dice < .5 else self.look if dice < .7 else self.unmap)(domain)
            if self.chance(.02):
                print('ddump', domain)
        for device, domain in sorted(self.attached.items()):
            self.select(device)
            print('ddetach', domain)
        for domain in sorted(self.mapped):
            print('ddump %d\nddel %d' % (domain, domain))


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    Script(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) == 4 else 900).run()


if __name__ == '__main__':
    main()
