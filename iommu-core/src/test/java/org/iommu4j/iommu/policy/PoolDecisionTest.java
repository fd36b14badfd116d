package org.iommu4j.iommu.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.iommu.policy.SwiotlbPolicy.Pool;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.Linux61;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.junit.jupiter.api.Test;

/** The pool in releases that look for hardware whether or not there is one. */
final class PoolDecisionTest {
  private static final long GIB = 1L << 30;

  private static Pool decide(String line, long ramEnd, int cpus) {
    KernelParameters parameters =
        KernelParameters.parse(
            CommandLine.parse(line),
            KernelConfig.debian(),
            Linux61.RULES.parameters(),
            Linux61.RULES.swiotlb());
    AddressRange ram = new AddressRange(0x1000, ramEnd - 1, MemoryMap.SYSTEM_RAM);
    return SwiotlbPolicy.decide(
        parameters,
        MemoryMap.of(List.of(ram)),
        false,
        cpus,
        Linux61.RULES.swiotlb(),
        Linux61.RULES.detection());
  }

  @Test
  void aForcedPoolDoesNotEndTheSearchAndIsNotAnnounced() {
    Pool pool = decide("swiotlb=force", GIB, 1);
    assertNull(pool.searchEnd());
    assertTrue(pool.active());
    assertFalse(pool.announced());
    assertEquals(SwiotlbForce.FORCE, pool.force());
    assertEquals(List.of("software IO TLB: area num 1."), pool.log());
  }

  @Test
  void noforceLeavesNoPoolAtAllThoughItIsAnnounced() {
    Pool pool = decide("swiotlb=noforce", 8 * GIB, 1);
    assertFalse(pool.active());
    assertTrue(pool.announced());
    assertEquals(List.of(), pool.log());
  }

  @Test
  void softMakesAPoolBesideTheHardware() {
    Pool pool = decide("iommu=soft", GIB, 1);
    assertTrue(pool.active());
    assertTrue(pool.announced());
    assertNull(pool.searchEnd());
  }

  @Test
  void manyCpusMakeASmallPoolLarger() {
    Pool pool = decide("swiotlb=128", 8 * GIB, 3);
    assertEquals(512, pool.slots());
    assertEquals(4, pool.areas());
  }

  @Test
  void aPoolThatDoesNotFitIsHalvedUntilItDoes() {
    Pool pool = decide("swiotlb=262144,force", GIB / 4, 1);
    assertEquals(65536, pool.slots());
    assertEquals(
        List.of(
            "software IO TLB: area num 1.",
            "software IO TLB: swiotlb_memblock_alloc: Failed to allocate 536870912 bytes tlb"
                + " structure",
            "software IO TLB: swiotlb_memblock_alloc: Failed to allocate 268435456 bytes tlb"
                + " structure",
            "software IO TLB: SWIOTLB bounce buffer size adjusted 262144 -> 65536 slabs"),
        pool.log());
  }
}
