package org.iommu4j.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaCall;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaObserver;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.Observers;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.vtd.kit.IntelFixture;
import org.junit.jupiter.api.Test;

/** Who observes a booted system sees calls and hardware, whatever a device is mapped with. */
final class ObserversTest {
  private static final IntelFixture INTEL = IntelFixture.STRICT_QUEUE;
  private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;

  private final List<String> told = new ArrayList<>();

  private final class Calls implements DmaObserver {
    @Override
    public DmaObserver begins(DmaCall call, Device device, DmaOps ops) {
      told.add(call + " by " + ops.symbol());
      return this;
    }

    @Override
    public void mapPage(
        Device device,
        long pagePhys,
        long offsetBytes,
        long sizeBytes,
        DmaDirection direction,
        int attributes,
        long dmaAddr) {
      told.add(String.format("mapped %d at %x", sizeBytes, dmaAddr));
    }

    @Override
    public void unmapPage(
        Device device, long dmaAddr, long sizeBytes, DmaDirection direction, int attributes) {
      told.add(String.format("unmapped %d at %x", sizeBytes, dmaAddr));
    }
  }

  private final class Hardware implements HardwareObserver {
    @Override
    public HardwareObserver unit(long registersPhys) {
      told.add(String.format("unit at %x", registersPhys));
      return this;
    }

    @Override
    public void translationsInvalidated(Scope scope, int domain, long iova, long sizeBytes) {
      if (scope == Scope.PART) {
        told.add(String.format("forgotten %d at %x", sizeBytes, iova));
      }
    }

    @Override
    public void walked(int requester, long iova, int entries, long phys) {
      told.add(String.format("walked %x", iova));
    }

    @Override
    public void faulted(int requester, long iova, boolean write, String reason, boolean recorded) {
      told.add(String.format("fault at %x", iova));
    }

    @Override
    public void accessed(int requester, long iova, int sizeBytes, boolean write, long phys) {
      told.add(String.format("accessed %x by %x: %b", iova, requester, phys >= 0));
    }
  }

  private Rig boot(MachineBuilder machine, List<IommuVendor> vendors, PciAddress address) {
    ManualTimers timers = new ManualTimers();
    BootOptions options =
        BootOptions.defaults()
            .withVendors(vendors)
            .withTimers(timers)
            .withObservers(new Observers(new Calls(), new Hardware()));
    return new Rig(LinuxSystem.boot(machine.build(), options), timers, address);
  }

  private Rig bootIntel(MachineBuilder machine, PciAddress address) {
    INTEL.mark(machine);
    Rig rig = boot(machine, ImmutableList.of(INTEL.vendor()), address);
    assertTrue(told.remove("unit at fed90000"));
    return rig;
  }

  private static long roundTrip(Rig rig, long phys, int sizeBytes) {
    long dmaAddr = rig.dma().mapSingle(rig.device(), phys, sizeBytes, FROM, DmaAttributes.NONE);
    rig.canWrite(dmaAddr, (byte) 1);
    rig.dma().unmapSingle(rig.device(), dmaAddr, sizeBytes, FROM, DmaAttributes.NONE);
    rig.canWrite(dmaAddr, (byte) 1);
    return dmaAddr;
  }

  @Test
  void aDeviceThatIsMappedDirectlyIsSeen() {
    MachineBuilder machine =
        KitMachine.docked("swiotlb=2048").config(KernelConfig.parse("CONFIG_SWIOTLB=y\n"));
    Rig rig = boot(machine, ImmutableList.of(), KitMachine.DEVICE);
    String at = Long.toHexString(roundTrip(rig, rig.allocPages(0), 4096));
    assertEquals(
        List.of(
            "MAP_PAGE by NULL",
            "mapped 4096 at " + at,
            "accessed " + at + " by 18: true",
            "UNMAP_PAGE by NULL",
            "unmapped 4096 at " + at,
            "accessed " + at + " by 18: true"),
        told);
  }

  @Test
  void aDeviceThatIsRemappedIsSeen() {
    Rig rig = bootIntel(KitMachine.builder(INTEL.commandLine()), KitMachine.DEVICE);
    told.clear();
    String at = Long.toHexString(roundTrip(rig, rig.allocPages(0), 4096));
    assertEquals(
        List.of(
            "MAP_PAGE by intel_dma_ops",
            "mapped 4096 at " + at,
            "walked " + at,
            "accessed " + at + " by 18: true",
            "UNMAP_PAGE by intel_dma_ops",
            "forgotten 4096 at " + at,
            "unmapped 4096 at " + at,
            "walked " + at,
            "fault at " + at,
            "accessed " + at + " by 18: false"),
        told);
  }

  @Test
  void aDeviceThatIsBouncedIsSeen() {
    Rig rig =
        bootIntel(KitMachine.docked(INTEL.commandLine() + " swiotlb=2048"), KitMachine.DOCKED);
    told.clear();
    String at = Long.toHexString(roundTrip(rig, rig.allocPages(0) + 16, 100));
    assertEquals("MAP_PAGE by bounce_dma_ops", told.get(0));
    assertEquals("mapped 100 at " + at, told.get(1));
    assertTrue(told.contains("UNMAP_PAGE by bounce_dma_ops"), told.toString());
    assertTrue(told.contains("unmapped 100 at " + at), told.toString());
    assertEquals("accessed " + at + " by 100: false", told.get(told.size() - 1));
  }
}
