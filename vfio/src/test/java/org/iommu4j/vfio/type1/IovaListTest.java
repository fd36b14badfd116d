package org.iommu4j.vfio.type1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainGeometry;
import org.junit.jupiter.api.Test;

final class IovaListTest {
  private static final ReservedRegion MSI =
      new ReservedRegion(0xfee0_0000L, 0xfeef_ffffL, ReservedRegion.Type.MSI);
  private static final ReservedRegion RELAXABLE =
      new ReservedRegion(0, 0xff_ffffL, ReservedRegion.Type.DIRECT_RELAXABLE);

  private final IovaList list = new IovaList();

  @Test
  void reservedRegionsAreHolesUnlessTheyAreRelaxable() {
    list.narrow(0, 0x7f_ffff_ffffL);
    assertEquals(0, list.exclude(List.of(RELAXABLE, MSI)));
    assertEquals("[0x0-0xfedfffff, 0xfef00000-0x7fffffffff]", list.ranges().toString());
    assertTrue(list.allows(0, 0xfedf_ffffL));
    assertFalse(list.allows(0xfedf_f000L, 0xfee0_0fffL));
    assertFalse(list.allows(0, 0x80_0000_0000L));
    assertFalse(list.allows(0, -1));
  }

  @Test
  void aNarrowerDomainNarrowsAndAHoleAtAnEndGoes() {
    list.narrow(0, -1);
    assertEquals(0, list.exclude(List.of(MSI)));
    list.narrow(0x1000, 0xfef0_0000L);
    assertEquals("[0x1000-0xfedfffff]", list.ranges().toString());
    list.widen(0, 0x1_0000_0000L);
    assertEquals("[0x0-0x100000000]", list.ranges().toString());
  }

  @Test
  void nothingLeftIsAnError() {
    list.narrow(0xfee0_1000L, 0xfee0_1fffL);
    assertEquals(Errno.EINVAL, list.exclude(List.of(MSI)));
  }

  @Test
  void emptyMeansThatAllIsAllowed() {
    assertTrue(list.allows(0, -1));
    assertFalse(list.conflicts(new DomainGeometry(5, 6, true), new DmaList()));
  }

  @Test
  void disjointAperturesConflict() {
    list.narrow(0x1000, 0x1fff);
    assertTrue(list.conflicts(new DomainGeometry(0x2000, 0x2fff, true), new DmaList()));
    assertFalse(list.conflicts(new DomainGeometry(0x1800, 0x2fff, true), new DmaList()));
  }

  @Test
  void onePieceIsMadeOfAll() {
    list.narrow(0, 0xffff_ffffL);
    assertEquals(0, list.exclude(List.of(MSI)));
    IovaList copy = list.copy();
    copy.fillHoles();
    assertEquals("[0x0-0xffffffff]", copy.ranges().toString());
    assertEquals(2, list.ranges().size());
  }
}
