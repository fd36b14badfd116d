package org.iommu4j.vtd.hw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.junit.jupiter.api.Test;

final class RegistersTest {
  private final Rig rig = new Rig(Rig.FULL);

  @Test
  void afterResetOnlyCapabilitiesAndMasksAreSet() {
    assertEquals(0x10, rig.unit.read32(Register.VER));
    assertEquals(Rig.FULL.cap(), rig.unit.read64(Register.CAP));
    assertEquals((int) (Rig.FULL.ecap() >>> 32), rig.unit.read32(Register.ECAP + 4));
    assertEquals(1 << 31, rig.unit.read32(Register.FECTL));
    assertEquals(1 << 31, rig.unit.read32(Register.IECTL));
    assertEquals(0, rig.unit.read32(Register.GSTS));
    assertEquals(0x1000, rig.unit.registerBytes());
    assertEquals(-1, rig.unit.read32(0x1000));
    assertEquals(-1L, rig.unit.read64(0x2000));
  }

  @Test
  void misalignedOffsetsAreTheCallersMistake() {
    assertThrows(IllegalArgumentException.class, () -> rig.unit.read32(2));
    assertThrows(IllegalArgumentException.class, () -> rig.unit.write64(4, 0));
    assertThrows(IllegalArgumentException.class, () -> rig.unit.read32(-4));
  }

  @Property
  void capabilitiesAndStatusCannotBeWritten(@ForAll long value) {
    Rig fresh = new Rig(Rig.FULL);
    for (int offset : new int[] {Register.VER, Register.CAP, Register.ECAP, Register.IQH}) {
      long before = fresh.unit.read64(offset);
      fresh.unit.write64(offset, value);
      assertEquals(before, fresh.unit.read64(offset));
    }
    fresh.unit.write32(Register.GSTS, (int) value);
    assertEquals(0, fresh.unit.read32(Register.GSTS));
  }

  @Test
  void commandsShowInTheStatusAndReadAsZero() {
    rig.unit.write32(Register.GCMD, 1 << 31);
    assertEquals(1 << 31, rig.unit.read32(Register.GSTS));
    rig.unit.write32(Register.GCMD, 1 << 31 | 1 << 30);
    assertEquals(3 << 30, rig.unit.read32(Register.GSTS));
    rig.unit.write32(Register.GCMD, 1 << 31 | 1 << 27);
    assertEquals(3 << 30, rig.unit.read32(Register.GSTS));
    rig.unit.write32(Register.GCMD, 1 << 25 | 1 << 24 | 1 << 23);
    assertEquals(1 << 30 | 7 << 23, rig.unit.read32(Register.GSTS));
    assertEquals(0, rig.unit.read32(Register.GCMD));
  }

  @Test
  void halvesOfA64BitRegisterCanBeWrittenOneAfterTheOther() {
    rig.unit.write32(Register.RTADDR, 0x1000);
    rig.unit.write32(Register.RTADDR + 4, 0x12);
    assertEquals(0x12_0000_1000L, rig.unit.read64(Register.RTADDR));
    rig.unit.write32(Register.CCMD, 0);
    rig.unit.write32(Register.CCMD + 4, 0xa000_0000);
    assertEquals(1L << 61 | 1L << 59, rig.unit.read64(Register.CCMD));
  }

  @Test
  void aProtectedRegionIsOutOfReachWhileTranslationIsOff() {
    rig.unit.write32(Register.PLMBASE, 0x20_0000);
    rig.unit.write32(Register.PLMLIMIT, 0x20_0000);
    rig.unit.write64(Register.PHMBASE, 0x1_0000_0000L);
    rig.unit.write64(Register.PHMLIMIT, 0x1_ffff_ffffL);
    assertEquals(0x20_0000, rig.read(0x20_0000));
    rig.unit.write32(Register.PMEN, 1 << 31);
    assertEquals(1 << 31 | 1, rig.unit.read32(Register.PMEN));
    assertTrue(RemappingHardware.isRefused(rig.read(0x3f_ffff)));
    assertTrue(RemappingHardware.isRefused(rig.read(0x1_8000_0000L)));
    assertEquals(0x40_0000, rig.read(0x40_0000));
    rig.unit.write32(Register.PMEN, 0);
    assertEquals(0, rig.unit.read32(Register.PMEN));
    assertEquals(0x20_0000, rig.read(0x20_0000));
    assertEquals(0, rig.faultStatus());
  }

  @Test
  void withTranslationOffOrPassThroughAddressesStayAsTheyAre() {
    assertEquals(0x123456, rig.read(0x123456));
    rig.boot(ContextEntry.of(ContextEntry.TT_PASS_THROUGH, 0, 4, 1));
    assertEquals(0x123456, rig.write(0x123456));
  }
}
