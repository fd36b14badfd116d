package org.iommu4j.iommu.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.SwiotlbPolicy.Pool;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.junit.jupiter.api.Test;

class SwiotlbPolicyTest {
  private static final long GIB_4 = 1L << 32;

  private static Pool decide(String line, long ramEnd, boolean encryption) {
    KernelParameters parameters =
        KernelParameters.parse(
            CommandLine.parse(line),
            KernelConfig.debian(),
            Linux510.RULES.parameters(),
            Linux510.RULES.swiotlb());
    AddressRange ram = new AddressRange(0x1000, ramEnd - 1, MemoryMap.SYSTEM_RAM);
    return SwiotlbPolicy.decide(
        parameters,
        MemoryMap.of(List.of(ram)),
        encryption,
        1,
        Linux510.RULES.swiotlb(),
        Linux510.RULES.detection());
  }

  @Test
  void memoryAbove4GibMakesTheUsualPool() {
    Pool pool = decide("", GIB_4 + 4096, false);
    assertTrue(pool.active());
    assertEquals(64L << 20, pool.bytes());
    assertNull(pool.searchEnd());
  }

  @Test
  void memoryUpTo4GibMakesNone() {
    assertFalse(decide("", GIB_4, false).active());
    assertFalse(decide("", GIB_4 + 4095, false).active());
    assertEquals(0, decide("swiotlb=65536", GIB_4, false).bytes());
  }

  @Test
  void iommuOffTakesThePoolAwayAndEncryptionBringsItBack() {
    assertFalse(decide("iommu=off", 2 * GIB_4, false).active());
    assertTrue(decide("iommu=off", 2 * GIB_4, true).active());
  }

  @Test
  void softAndForceMakeAPoolAndEndTheSearchForHardware() {
    for (String line : List.of("iommu=soft", "swiotlb=force", "iommu=off,soft")) {
      Pool pool = decide(line, 1L << 30, false);
      assertTrue(pool.active(), line);
      assertNotNull(pool.searchEnd(), line);
    }
  }

  @Test
  void noforceStillMakesAPoolOfOneSlot() {
    Pool pool = decide("swiotlb=noforce", 2 * GIB_4, false);
    assertTrue(pool.active());
    assertEquals(2048, pool.bytes());
    assertEquals(SwiotlbForce.NO_FORCE, pool.force());
  }

  @Test
  void theDecisionNamesItsFactsAndItsSource() {
    Decision decision = decide("swiotlb=4096", 2 * GIB_4, false).decision();
    assertEquals("4096 slots of 2048 bytes", decision.outcome());
    assertEquals(
        List.of("memory ends at 0x200000000", "swiotlb= sets the size to 4096 slots"),
        decision.because());
    assertTrue(decision.source().endsWith("pci_swiotlb_detect_4gb"));
  }

  @Test
  void anUnknownMapIsSaidToBeUnknown() {
    KernelParameters none =
        KernelParameters.parse(
            CommandLine.parse(""),
            KernelConfig.debian(),
            Linux510.RULES.parameters(),
            Linux510.RULES.swiotlb());
    Pool pool =
        SwiotlbPolicy.decide(
            none,
            MemoryMap.of(List.of()),
            false,
            1,
            Linux510.RULES.swiotlb(),
            Linux510.RULES.detection());
    assertFalse(pool.active());
    assertTrue(pool.decision().because().get(0).contains("unknown"));
  }
}
