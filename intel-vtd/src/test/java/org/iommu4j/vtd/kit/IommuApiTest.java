package org.iommu4j.vtd.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.FaultHandler;
import org.iommu4j.iommu.GroupEvent;
import org.iommu4j.iommu.GroupListener;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.spi.DomainAttribute;
import org.iommu4j.iommu.spi.IommuCapability;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IotlbGather;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.junit.jupiter.api.Test;

/** The IOMMU API with VT-d, where 5.10 does what a guess gets wrong. */
final class IommuApiTest {
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  private final Rig rig = Rig.boot(IntelFixture.STRICT_QUEUE);
  private final IommuApi iommu = rig.system().iommu();
  private final IommuDomain domain = Objects.requireNonNull(iommu.domainAlloc());

  private List<String> leaves() {
    List<String> leaves = new ArrayList<>();
    domain.visit(
        (iova, phys, length, level, bits) ->
            leaves.add(String.format("%x+%x level %d bits %x", iova, length, level, bits)));
    return leaves;
  }

  private PciDevice member() {
    return iommu.group(rig.address()).orElseThrow().members().get(0);
  }

  @Test
  void aDeviceWithReservedMemoryIsRefusedInTheKernelsWords() {
    rig.system().takeLog();
    assertEquals(Errno.EPERM, iommu.attachDevice(domain, KitMachine.OTHER));
    assertEquals(
        List.of(
            "pci 0000:00:04.0: DMAR: Device is ineligible for IOMMU domain attach due to platform"
                + " RMRR requirement.  Contact your platform vendor."),
        rig.system().takeLog());
  }

  @Test
  void thereAreLargePagesOnlyOnceADeviceIsAttached() {
    assertEquals(0, iommu.map(domain, 0x20_0000, 0x40_0000, 0x20_0000, BOTH_WAYS));
    assertEquals(512, leaves().size());
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0, iommu.map(domain, 0x40_0000, 0x40_0000, 0x20_0000, BOTH_WAYS));
    assertEquals("400000+200000 level 2 bits 83", leaves().get(512));
  }

  @Test
  void unmappingPartOfALargePageTakesAllOfItIfItBeginsThere() {
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0, iommu.map(domain, 0x40_0000, 0x40_0000, 0x20_0000, BOTH_WAYS));
    assertEquals(0x20_0000, iommu.unmap(domain, 0x40_1000, 0x1000));
    assertEquals(1, leaves().size(), "it is said to be unmapped and is not");
    assertEquals(0x20_0000, iommu.unmap(domain, 0x40_0000, 0x1000));
    assertEquals(List.of(), leaves());
  }

  @Test
  void unmappingInAHoleIsSaidToHaveUnmappedAsMuchAsTheHolesEntrySpans() {
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals(0, iommu.map(domain, 0x40_0000, 0x50_0000, 0x1000, BOTH_WAYS));
    assertEquals(0x20_0000, iommu.unmap(domain, 0x30_0000, 0x1000));
    assertEquals(List.of("400000+1000 level 1 bits 3"), leaves());
  }

  @Test
  void aPageThatIsMappedStaysAndTheCallerIsNotTold() {
    assertEquals(0, iommu.map(domain, 0x1000, 0x5000, 0x1000, BOTH_WAYS));
    rig.system().takeLog();
    assertEquals(0, iommu.map(domain, 0x1000, 0x9000, 0x1000, BOTH_WAYS));
    assertEquals(0x5000, iommu.iovaToPhys(domain, 0x1000));
    assertEquals(
        List.of("DMAR: ERROR: DMA PTE for vPFN 0x1 already set (to 5003 not 9003)"),
        rig.system().takeLog());
  }

  @Test
  void aMappingWithoutRightsIsRefused() {
    assertEquals(Errno.EINVAL, iommu.map(domain, 0x1000, 0x5000, 0x1000, 0));
    assertEquals(Errno.EINVAL, iommu.map(domain, 0x1000, 0x5000, 0x1000, IommuDomain.CACHE));
  }

  @Test
  void theApertureShrinksToTheUnitsAndWhatLiesBeyondIsRefused() {
    assertEquals((1L << 57) - 1, iommu.geometry(domain).lastIova());
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertEquals((1L << 48) - 1, iommu.geometry(domain).lastIova());
    assertEquals(48, rig.system().report().device(rig.address()).orElseThrow().addressBits());
    rig.system().takeLog();
    assertEquals(Errno.EFAULT, iommu.map(domain, 1L << 48, 0x1000, 0x1000, BOTH_WAYS));
    assertEquals(
        List.of(
            "DMAR: intel_iommu_map: iommu width (48) is not sufficient for the mapped address"
                + " (1000000001000)"),
        rig.system().takeLog());
  }

  @Test
  void aDomainThatReachesFurtherThanTheUnitIsRefused() {
    assertEquals(0, iommu.map(domain, 1L << 50, 0x1000, 0x1000, BOTH_WAYS));
    assertEquals(Errno.EFAULT, iommu.attachDevice(domain, rig.address()));
  }

  @Test
  void whereTheKernelStopsTheCallIsRefused() {
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    assertThrows(
        IllegalArgumentException.class, () -> iommu.unmap(domain, (1L << 48) - 0x1000, 0x1000));
    assertThrows(IllegalArgumentException.class, () -> iommu.unmap(domain, 1L << 48, 0x1000));
    iommu.detachDevice(domain, rig.address());
    iommu.domainFree(domain);
    assertThrows(IllegalStateException.class, () -> iommu.iovaToPhys(domain, 0));
  }

  @Test
  void nestingNeedsScalableMode() {
    assertEquals(Errno.ENODEV, iommu.setAttribute(domain, DomainAttribute.NESTING, 1));
    assertEquals(Errno.EINVAL, iommu.setAttribute(domain, DomainAttribute.WINDOWS, 1));
    assertEquals(Errno.EINVAL, iommu.attribute(domain, DomainAttribute.NESTING));
  }

  @Test
  void capabilitiesAreThoseOfTheUnits() {
    assertFalse(iommu.capable(IommuCapability.CACHE_COHERENCY));
    assertFalse(iommu.capable(IommuCapability.INTR_REMAP));
    assertFalse(iommu.capable(IommuCapability.NOEXEC));
  }

  @Test
  void listenersHearInTheOrderInWhichTheyCame() {
    List<String> heard = new ArrayList<>();
    IommuGroup group = iommu.group(rig.address()).orElseThrow();
    GroupListener first = (event, device) -> heard.add("first " + event);
    GroupListener second = (event, device) -> heard.add("second " + event);
    group.registerNotifier(first);
    group.registerNotifier(second);
    iommu.busNotify(GroupEvent.BIND_DRIVER, member());
    group.unregisterNotifier(first);
    iommu.busNotify(GroupEvent.BOUND_DRIVER, member());
    assertEquals(List.of("first BIND_DRIVER", "second BIND_DRIVER", "second BOUND_DRIVER"), heard);
  }

  @Test
  void aFaultGoesToTheHandlerIfThereIsOne() {
    assertEquals(Errno.ENOSYS, iommu.reportFault(domain, member(), 0x1000, FaultHandler.READ));
    iommu.setFaultHandler(domain, (where, device, iova, flags) -> (int) -iova - flags);
    assertEquals(-0x1001, iommu.reportFault(domain, member(), 0x1000, FaultHandler.WRITE));
  }

  @Test
  void gatheringGrowsByNeighboursOfOneSizeAndFlushesOtherwise() {
    IotlbGather gather = new IotlbGather();
    gather.addPage(domain, 0x2000, 0x1000);
    gather.addPage(domain, 0x1000, 0x1000);
    assertEquals(0x1000, gather.firstIova());
    assertEquals(0x2fff, gather.lastIova());
    gather.addPage(domain, 0x9000, 0x1000);
    assertEquals(0x9000, gather.firstIova());
    gather.addPage(domain, 0x20_0000, 0x20_0000);
    assertEquals(0x20_0000, gather.pageBytes());
  }
}
