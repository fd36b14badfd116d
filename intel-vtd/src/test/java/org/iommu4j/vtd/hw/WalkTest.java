package org.iommu4j.vtd.hw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The walk against a second one, written from the tables of bits and sharing no code with it. */
final class WalkTest {
  /** Random tables: any entry may point anywhere among the tables, be a leaf, or be damaged. */
  @Property(tries = 400)
  void theWalkAgreesWithANaiveOneOnRandomTables(@ForAll long seed) {
    Random random = new Random(seed);
    PhysicalMemory memory = PhysicalMemory.everywhere();
    int tables = 6;
    for (int t = 0; t < tables; t++) {
      for (int i = 0; i < 512; i++) {
        memory.write64(0x10000 + t * 0x1000L + i * 8L, randomEntry(random, tables));
      }
    }
    PagingRules rules = new PagingRules(Rig.QEMU, 48);
    for (int i = 0; i < 50; i++) {
      int levels = 3 + random.nextInt(3);
      long iova = random.nextLong() & ((1L << (12 + 9 * levels)) - 1);
      Access access = random.nextBoolean() ? Access.READ : Access.WRITE;
      PageTableWalk walk = PageTableWalk.of(memory, rules, 0x10000, levels, iova, access);
      long expected = naive(memory, 0x10000, levels, iova, access);
      FaultReason fault = walk.fault();
      assertEquals(expected, fault == null ? walk.phys() : -fault.code());
    }
  }

  private static long randomEntry(Random random, int tables) {
    long entry = 0x10000 + random.nextInt(tables) * 0x1000L;
    entry |= random.nextInt(8) == 0 ? random.nextInt(4) : 3;
    if (random.nextInt(6) == 0) {
      entry = (random.nextLong() & 0xffff_c000_0000L) | 0x83;
    }
    if (random.nextInt(12) == 0) {
      entry ^= 1L << random.nextInt(64);
    }
    return entry;
  }

  private static long naive(PhysicalMemory memory, long top, int levels, long iova, Access access) {
    long table = top;
    for (int level = levels; level >= 1; level--) {
      int shift = 12 + (level - 1) * 9;
      long entry = memory.read64(table + ((iova >> shift) % 512) * 8);
      if (((entry >> (access == Access.READ ? 0 : 1)) & 1) == 0) {
        return access == Access.READ ? -6 : -5;
      }
      boolean big = (entry & 0x80) != 0;
      boolean leaf = level == 1 || big;
      long reserved = 0x400f_0000_0000_0800L;
      if (leaf && level > 1 && level < 4) {
        reserved |= (1L << shift) - 1 & ~0xfffL;
      }
      if ((entry & reserved) != 0 || (big && level >= 4)) {
        return -0xc;
      }
      table = entry & 0xffff_ffff_f000L;
      if (leaf) {
        return table + (iova & ((1L << shift) - 1));
      }
    }
    throw new AssertionError();
  }

  @Test
  void aWalkTellsItsStepsLevelByLevel() {
    Rig rig = new Rig(Rig.QEMU);
    long top = rig.frame();
    long iova = 0x7f_c020_1234L;
    rig.set(top, 4, iova, 2, SecondLevelEntry.leaf(0x20_0000, 2, true, false));
    PageTableWalk walk =
        PageTableWalk.of(rig.memory, new PagingRules(Rig.QEMU, 48), top, 4, iova, null);
    assertEquals(3, walk.steps());
    assertEquals(4, walk.level(0));
    assertEquals(top, walk.entryPhys(0));
    assertEquals(rig.memory.read64(walk.entryPhys(1)), walk.entry(1));
    assertEquals(0x20_0081, walk.entry(2));
    assertEquals(2 << 20, walk.pageBytes());
    assertEquals(0x20_1234, walk.phys());
    assertEquals(true, walk.isReadable());
    assertEquals(false, walk.isWritable());
    assertEquals(iova, walk.iova());
  }

  @Test
  void aWalkThatEndsInNothingHasNoAddress() {
    Rig rig = new Rig(Rig.QEMU);
    PageTableWalk walk =
        PageTableWalk.of(rig.memory, new PagingRules(Rig.QEMU, 48), rig.frame(), 3, 0, null);
    @Nullable FaultReason fault = walk.fault();
    assertEquals(FaultReason.READ_DENIED, fault);
    assertThrows(IllegalStateException.class, walk::phys);
  }
}
