package org.iommu4j.vtd.hw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.junit.jupiter.api.Test;

/** What a person is shown is what the hardware does. */
final class RequestWalkTest {
  private static final long IOVA = 0x7f_1234_5000L;

  private final Rig rig = new Rig(Rig.QEMU);
  private final long table = rig.frame();
  private final ContextEntry context =
      ContextEntry.of(ContextEntry.TT_UNTRANSLATED, table, 4, 0x11);

  @Property(tries = 300)
  void theShownWalkEndsWhereAColdUnitEnds(@ForAll long seed) {
    Random random = new Random(seed);
    Rig damaged = new Rig(Rig.FULL);
    long top = damaged.frame();
    damaged.set(
        top, 4, IOVA, 1 + random.nextInt(3), damage(random, 0x8000_0083L | random.nextInt(4)));
    ContextEntry entry =
        new ContextEntry(
            damage(random, ContextEntry.of(random.nextInt(4), top, 4, 3).low()),
            damage(random, ContextEntry.of(0, top, 4, 3).high()));
    damaged.boot(entry);
    if (random.nextInt(6) == 0) {
      damaged.memory.write64(damaged.rootPhys, damage(random, damage(random, 0x4001)));
    }
    long iova = random.nextInt(4) == 0 ? random.nextLong() : IOVA | random.nextInt(4096);
    for (Access access : Access.values()) {
      long shown = damaged.unit.walk(Rig.DEVICE, iova, access).phys();
      long expected =
          iova >>> 20 == 0xfee ? shown : damaged.unit.translate(Rig.DEVICE, iova, access);
      assertEquals(expected, shown, () -> access + " of " + Long.toHexString(iova));
    }
  }

  private static long damage(Random random, long word) {
    return random.nextInt(3) == 0 ? word ^ 1L << random.nextInt(64) : word;
  }

  @Test
  void showingCachesNothingAndRecordsNothing() {
    rig.boot(context);
    RequestWalk refused = rig.unit.walk(Rig.DEVICE, IOVA, Access.READ);
    assertEquals(Translator.refused(Access.READ.denied()), refused.phys());
    assertEquals(0, rig.faultStatus());
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, true));
    assertEquals(0x5000, rig.unit.walk(Rig.DEVICE, IOVA, Access.READ).phys());
    assertEquals(RemappingHardware.NOT_CACHED, rig.unit.cached(Rig.DEVICE, IOVA, Access.READ));
  }

  @Test
  void theEntriesOnTheWayAreThoseInMemory() {
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, true));
    rig.boot(context);
    ContextLookup lookup = rig.unit.walk(Rig.DEVICE, IOVA, Access.READ).lookup();
    assertEquals(rig.rootPhys, lookup.rootPhys());
    RootEntry root = lookup.root();
    assertEquals(rig.memory.read64(rig.rootPhys), root == null ? 0 : root.low());
    assertEquals(context, lookup.context());
    assertEquals(rig.memory.read64(lookup.contextPhys()), context.low());
  }

  @Test
  void whatTheCachesHoldIsToldApartFromTheTables() {
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x5000, 1, true, true));
    rig.boot(context);
    assertEquals(0x5000, rig.read(IOVA));
    rig.set(table, 4, IOVA, 1, SecondLevelEntry.leaf(0x6000, 1, true, true));
    assertEquals(0x5000, rig.unit.cached(Rig.DEVICE, IOVA, Access.READ));
    assertEquals(0x6000, rig.unit.walk(Rig.DEVICE, IOVA, Access.READ).phys());
    assertFalse(RemappingHardware.isRefused(rig.read(IOVA)));
  }
}
