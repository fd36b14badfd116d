package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.junit.jupiter.api.Test;

/**
 * Scalable mode is decided about as Linux 5.10 does, and refused where it would begin to translate:
 * only legacy mode is modelled.
 */
final class ScalableModeTest {
  private static final String CONFIG = "CONFIG_INTEL_IOMMU=y\nCONFIG_SWIOTLB=y\n";
  private static final String ON_BY_DEFAULT = "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON=y\n";
  private static final String WORDS = "DMAR: Intel-IOMMU: scalable mode supported";
  private static final long UNIT_PHYS = 0xfed9_0000L;
  private static final long CAP = 0x00d2_0080_222f_0406L;
  private static final long LEGACY = 0xf02;
  private static final long SCALABLE = LEGACY | 1L << 43;

  private static LinuxSystem boot(String words, String config, long ecap) {
    byte[] table =
        new DmarBuilder()
            .hostAddressWidth(39)
            .add(new Drhd(1, 0, 0, UNIT_PHYS, ImmutableList.of()))
            .build();
    return LinuxSystem.boot(
        KitMachine.builder("intel_iommu=" + words)
            .config(KernelConfig.parse(config))
            .firmwareTable(new FirmwareTable("DMAR", "test", table))
            .unit(
                new UnitRegisters(
                    UNIT_PHYS,
                    ImmutableMap.of(
                        "version_major", 1L, "version_minor", 0L, "cap", CAP, "ecap", ecap)))
            .build());
  }

  private static boolean translates(LinuxSystem system) {
    return system.dma() != null && system.domain(KitMachine.DEVICE).isPresent();
  }

  @Test
  void aUnitThatHasItIsRefusedInOneLineWhenItIsAskedFor() {
    LinuxSystem system = boot("on,sm_on", CONFIG, SCALABLE);
    assertTrue(system.report().log().contains(WORDS));
    BadInputException refused = assertThrows(BadInputException.class, system::dma);
    assertEquals(
        "proc/cmdline, line 1: only legacy mode is modelled: dmar0 has scalable mode (SMTS), which"
            + " Linux is to use (sm_on, or its build's default)",
        refused.getMessage());
  }

  @Test
  void aUnitThatHasItIsRefusedWhenTheKernelIsBuiltToUseIt() {
    LinuxSystem system = boot("on", CONFIG + ON_BY_DEFAULT, SCALABLE);
    assertFalse(system.report().log().contains(WORDS));
    assertThrows(BadInputException.class, system::dma);
  }

  @Test
  void aUnitThatHasItStaysInLegacyModeUnlessItIsAskedFor() {
    assertTrue(translates(boot("on", CONFIG, SCALABLE)));
  }

  @Test
  void aUnitWithoutItStaysInLegacyModeThoughTheKernelSaysThatItIsSupported() {
    LinuxSystem system = boot("on,sm_on", CONFIG, LEGACY);
    assertTrue(system.report().log().contains(WORDS));
    assertTrue(translates(system));
  }

  @Test
  void nothingIsRefusedWhereNothingIsTranslated() {
    LinuxSystem system = boot("sm_on", CONFIG, SCALABLE);
    assertTrue(system.report().log().contains(WORDS));
    assertFalse(translates(system));
  }
}
