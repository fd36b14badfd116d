package org.iommu4j.testkit.contract;

import static org.iommu4j.base.Pages.PAGE_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.base.Errno;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.DomainLock;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;
import org.junit.jupiter.api.Test;

/**
 * What the phases of every vendor's driver, up to {@link org.iommu4j.iommu.spi.IommuDriver},
 * promise the core, and what the core promises them: detection, the order of calls, domain types,
 * reserved regions, attachment.
 */
public abstract class IommuDriverContract {
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  /** Makes a test. */
  protected IommuDriverContract() {}

  /** Returns the vendor whose driver is tested. */
  protected abstract VendorFixture fixture();

  private LinuxSystem boot(DriverCalls calls, boolean marked, String moreWords) {
    VendorFixture fixture = fixture();
    MachineBuilder machine = KitMachine.builder(fixture.commandLine() + moreWords);
    if (marked) {
      fixture.mark(machine);
    }
    return LinuxSystem.boot(
        machine.build(),
        BootOptions.defaults()
            .withRules(fixture.rules())
            .withVendors(ImmutableList.of(calls.of(fixture.vendor())))
            .withTimers(new ManualTimers()));
  }

  private static DeviceReport report(LinuxSystem system, PciAddress address) {
    return system.report().device(address).orElseThrow();
  }

  /** A vendor is known by a name that people can tell from others. */
  @Test
  public void theVendorHasAName() {
    assertFalse(fixture().vendor().name().isBlank());
    assertNotNull(fixture().vendor().parameters().names());
  }

  /** Without its firmware mark a driver detects nothing, and devices are as on any machine. */
  @Test
  public void withoutItsMarkNothingIsDetected() {
    DriverCalls calls = new DriverCalls();
    LinuxSystem system = boot(calls, false, "");
    assertFalse(system.report().iommu().enabled());
    assertFalse(calls.names().contains("initialize"), calls.names()::toString);
    assertNull(system.device(KitMachine.DEVICE).orElseThrow().dmaOps());
    assertNull(report(system, KitMachine.DEVICE).group());
    assertEquals(Optional.empty(), system.domain(KitMachine.DEVICE));
  }

  /** The calls of a boot come in the kernel's order, each step for all devices before the next. */
  @Test
  public void theBootCallsInOrder() {
    DriverCalls calls = new DriverCalls();
    LinuxSystem system = boot(calls, true, "");
    assertTrue(system.report().iommu().enabled());
    List<String> order =
        List.of(
            "begin",
            "detect",
            "prepareInterrupts",
            "initialize",
            "coverage",
            "group",
            "domainDemand",
            "canAttach",
            "probeFinalize",
            "probed");
    List<Integer> firsts = order.stream().map(calls.names()::indexOf).toList();
    assertEquals(firsts.stream().sorted().toList(), firsts, calls.names()::toString);
    assertTrue(
        calls.names().lastIndexOf("coverage") < calls.names().indexOf("domainDemand"),
        "all devices are probed before the first has a domain");
    assertFalse(calls.names().contains("start"), "a boot only decides");
  }

  /** The hardware comes up with the first use, once, and translates when all are attached. */
  @Test
  public void theHardwareComesUpWithTheFirstUse() {
    DriverCalls calls = new DriverCalls();
    LinuxSystem system = boot(calls, true, "");
    int decided = calls.names().size();
    assertNotNull(system.dma());
    assertTrue(system.busMaster(KitMachine.DEVICE).isPresent());
    List<String> names = calls.names().subList(decided, calls.names().size());
    assertEquals("start", names.get(0));
    assertEquals(1, names.stream().filter("start"::equals).count());
    assertTrue(names.lastIndexOf("attachDevice") < names.indexOf("enableTranslation"));
    assertTrue(names.indexOf("allocDomain") < names.indexOf("attachDevice"));
  }

  /** Both devices of the kit are covered, in groups of their own, in domains of their own. */
  @Test
  public void eachGroupHasItsDomain() {
    LinuxSystem system = boot(new DriverCalls(), true, "");
    for (PciAddress address : List.of(KitMachine.DEVICE, KitMachine.OTHER)) {
      DomainType type = system.domain(address).orElseThrow().type();
      assertTrue(type.isDmaApi(), type::name);
      assertEquals(type, report(system, address).domainType());
      assertNotNull(system.device(address).orElseThrow().dmaOps());
    }
    assertNotEquals(
        report(system, KitMachine.DEVICE).group(), report(system, KitMachine.OTHER).group());
    assertNotSame(
        system.domain(KitMachine.DEVICE).orElseThrow(),
        system.domain(KitMachine.OTHER).orElseThrow());
  }

  /** With passthrough devices have no operations and reach memory where it is. */
  @Test
  public void passthroughMeansPhysicalAddresses() {
    LinuxSystem system = boot(new DriverCalls(), true, " iommu=pt");
    assertEquals(DomainType.IDENTITY, report(system, KitMachine.DEVICE).domainType());
    assertNull(system.device(KitMachine.DEVICE).orElseThrow().dmaOps());
    Rig rig = new Rig(system, new ManualTimers(), KitMachine.DEVICE);
    long page = rig.allocPages(0);
    rig.deviceWrites(page, new byte[] {1, 2, 3});
    assertEquals(2, rig.memory().read8(page + 1));
    assertEquals(3, rig.deviceReads(page + 2, 1)[0]);
  }

  /** All identity-mapped devices share a domain; others are made anew. */
  @Test
  public void onlyTheIdentityDomainIsShared() {
    DriverCalls calls = new DriverCalls();
    assertNotNull(boot(calls, true, "").dma());
    assertSame(
        calls.driver().allocDomain(DomainType.IDENTITY),
        calls.driver().allocDomain(DomainType.IDENTITY));
    assertNotSame(
        calls.driver().allocDomain(DomainType.DMA), calls.driver().allocDomain(DomainType.DMA));
    for (DomainType type : List.of(DomainType.DMA, DomainType.UNMANAGED, DomainType.IDENTITY)) {
      assertEquals(type, alloc(calls, type).type());
    }
  }

  /** A domain that somebody else owns starts empty and holds what is mapped into it. */
  @Test
  public void anUnmanagedDomainHoldsWhatIsMapped() {
    DriverCalls calls = new DriverCalls();
    assertNotNull(boot(calls, true, "").dma());
    IommuDomain domain = alloc(calls, DomainType.UNMANAGED);
    assertEquals(List.of(), leaves(domain));
    assertEquals(0, domain.iovaToPhys(0x5000));
    assertEquals(0, domain.map(0x5000, 0x12_3000, PAGE_BYTES, BOTH_WAYS));
    assertEquals(0x12_3042, domain.iovaToPhys(0x5042));
    assertEquals(0, domain.iovaToPhys(0x6000));
    assertEquals(List.of("5000 -> 123000"), leaves(domain));
    assertTrue(domain.map(1L << 60, 0x12_3000, PAGE_BYTES, BOTH_WAYS) < 0, "beyond all widths");
  }

  private static IommuDomain alloc(DriverCalls calls, DomainType type) {
    return Objects.requireNonNull(calls.driver().allocDomain(type), type::toString);
  }

  private static List<String> leaves(IommuDomain domain) {
    List<String> leaves = new ArrayList<>();
    domain.visit(
        (iova, phys, length, level, bits) ->
            leaves.add(Long.toHexString(iova) + " -> " + Long.toHexString(phys)));
    return leaves;
  }

  /**
   * A device that is locked is kept from users: it joins no domain of theirs, or its group is not
   * to be claimed; any other is theirs.
   */
  @Test
  public void onlyALockedDeviceIsRefused() {
    LinuxSystem system = boot(new DriverCalls(), true, "");
    for (PciAddress address : List.of(KitMachine.DEVICE, KitMachine.OTHER)) {
      DomainLock lock = Objects.requireNonNull(report(system, address).lock());
      IommuDomain domain = Objects.requireNonNull(system.iommu().domainAlloc());
      assertEquals(
          lock.locked(), isKept(system.iommu(), domain, address), lock.decision()::toString);
    }
  }

  private static boolean isKept(IommuApi iommu, IommuDomain domain, PciAddress address) {
    IommuGroup group = iommu.group(address).orElseThrow();
    if (iommu.hasOwners() && iommu.claimDmaOwner(group, domain) != 0) {
      return true;
    }
    int error = iommu.attachDevice(domain, address);
    assertTrue(error == 0 || error == Errno.EPERM, () -> "error " + error);
    return error != 0;
  }

  /** What firmware wants mapped is mapped before the device is let loose, and is told of. */
  @Test
  public void directRegionsAreMappedOneToOne() {
    LinuxSystem system = boot(new DriverCalls(), true, "");
    GroupReport group =
        system.report().groups().stream()
            .filter(found -> found.devices().contains(KitMachine.OTHER))
            .findFirst()
            .orElseThrow();
    assertTrue(group.reservedRegions().contains(KitMachine.DIRECT), group::toString);
    IommuDomain domain = system.domain(KitMachine.OTHER).orElseThrow();
    for (long at = KitMachine.DIRECT.first(); at < KitMachine.DIRECT.last(); at += PAGE_BYTES) {
      assertEquals(at, domain.iovaToPhys(at));
    }
    IommuDomain without = system.domain(KitMachine.DEVICE).orElseThrow();
    assertEquals(0, without.iovaToPhys(KitMachine.DIRECT.first()), "the other device's only");
  }

  /** No reserved address is handed out, even when there is nothing else left. */
  @Test
  public void reservedRegionsAreNeverHandedOut() {
    LinuxSystem system = boot(new DriverCalls(), true, "");
    Rig rig = new Rig(system, new ManualTimers(), KitMachine.OTHER);
    assertEquals(0, rig.dma().setMask(rig.device(), DmaMapping.bitMask(24)));
    long phys = rig.allocPages(0);
    for (int i = 0; i < 4096; i++) {
      long iova =
          rig.dma()
              .mapPage(
                  rig.device(), phys, 0, PAGE_BYTES, DmaDirection.TO_DEVICE, DmaAttributes.NONE);
      if (rig.dma().mappingError(rig.device(), iova)) {
        return;
      }
      ReservedRegion direct = KitMachine.DIRECT;
      assertTrue(
          iova > direct.last() || iova + PAGE_BYTES <= direct.first(),
          () -> String.format("0x%x is reserved", iova));
    }
    throw new AssertionError("all of the address space was handed out, reserved regions too");
  }
}
