package org.iommu4j.testkit;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.ManualTimers;
import org.iommu4j.dma.BusError;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.MemoryZone;
import org.iommu4j.dma.PageAllocator;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iova.IovaFlushQueue;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.jspecify.annotations.Nullable;

/** A booted system with one of its devices in hand, and the time under control. Thread-safe. */
public final class Rig {
  private final LinuxSystem system;
  private final ManualTimers timers;
  private final PciAddress address;
  private final Device device;
  private final BusMaster bus;

  /** Takes a device of a system in hand, whose time these timers are. */
  public Rig(LinuxSystem system, ManualTimers timers, PciAddress address) {
    this.system = system;
    this.timers = timers;
    this.address = address;
    this.device = system.device(address).orElseThrow();
    this.bus = system.busMaster(address).orElseThrow();
  }

  /** Boots the kit's machine with a vendor's IOMMU and takes {@link KitMachine#DEVICE} in hand. */
  public static Rig boot(VendorFixture fixture) {
    return boot(fixture, "");
  }

  /** As {@link #boot(VendorFixture)}, with more words on the command line. */
  public static Rig boot(VendorFixture fixture, String moreWords) {
    return boot(fixture, moreWords, fixture.rules());
  }

  /** As {@link #boot(VendorFixture, String)}, of another release. */
  public static Rig boot(VendorFixture fixture, String moreWords, KernelRules rules) {
    MachineBuilder machine = KitMachine.builder(fixture.commandLine() + moreWords);
    fixture.mark(machine);
    return boot(machine, ImmutableList.of(fixture.vendor()), KitMachine.DEVICE, rules);
  }

  /**
   * Boots {@link KitMachine#docked} with a vendor's IOMMU.
   *
   * @param address the device to take in hand; Linux does not trust {@link KitMachine#DOCKED}
   */
  public static Rig bootDocked(VendorFixture fixture, PciAddress address) {
    MachineBuilder machine = KitMachine.docked(fixture.commandLine() + " swiotlb=2048");
    fixture.mark(machine);
    return boot(machine, ImmutableList.of(fixture.vendor()), address, fixture.rules());
  }

  /**
   * Boots {@link KitMachine#docked} without an IOMMU and takes {@link KitMachine#DEVICE} in hand:
   * null operations.
   *
   * @param words more words of the command line
   */
  public static Rig bootDirect(String words) {
    MachineBuilder machine =
        KitMachine.docked("swiotlb=2048 " + words).config(KernelConfig.parse("CONFIG_SWIOTLB=y\n"));
    return boot(machine, ImmutableList.of(), KitMachine.DEVICE, KernelReleases.usual());
  }

  private static Rig boot(
      MachineBuilder machine,
      ImmutableList<IommuVendor> vendors,
      PciAddress address,
      KernelRules rules) {
    ManualTimers timers = new ManualTimers();
    BootOptions options =
        BootOptions.defaults().withRules(rules).withVendors(vendors).withTimers(timers);
    return new Rig(LinuxSystem.boot(machine.build(), options), timers, address);
  }

  /** Returns the same system with another device in hand. */
  public Rig with(PciAddress other) {
    return new Rig(system, timers, other);
  }

  /** Returns the system. */
  public LinuxSystem system() {
    return system;
  }

  /** Returns the device's address. */
  public PciAddress address() {
    return address;
  }

  /** Returns the device. */
  public Device device() {
    return device;
  }

  /** Returns the system's DMA API. */
  public DmaMapping dma() {
    return system.dma();
  }

  /** Returns the device's way to memory. */
  public BusMaster bus() {
    return bus;
  }

  /** Returns the memory, as a CPU sees it. */
  public PhysicalMemory memory() {
    return system.services().memory();
  }

  /** Returns whether an unmapped buffer is out of the device's reach at once. */
  public boolean isStrict() {
    boolean typesTell = system.rules().domainTypes().has(DomainType.DMA_FQ);
    return typesTell
        ? system.domain(address).stream().noneMatch(to -> to.type() == DomainType.DMA_FQ)
        : system.report().iommu().strict();
  }

  /** Lets so much time pass that everything that waits for a flush was flushed. */
  public void letTimersFlush() {
    timers.advance(IovaFlushQueue.TIMEOUT_MILLIS);
  }

  /** Allocates 2^order pages for buffers; throws {@link AssertionError} if there are none. */
  public long allocPages(int order) {
    long phys = system.services().buffers().allocate(order, MemoryZone.NORMAL);
    if (phys == PageAllocator.NONE) {
      throw new AssertionError("the machine is out of memory for tests");
    }
    return phys;
  }

  /** Returns the pool of bounce slots. */
  public SwiotlbPool pool() {
    return system.services().pool();
  }

  /** Returns the memory that the device sees at an address of a mapping. */
  public long seenPhys(long dmaAddr) {
    return system
        .domain(address)
        .filter(domain -> domain.type() != DomainType.IDENTITY)
        .map(domain -> domain.iovaToPhys(dmaAddr))
        .orElse(dmaAddr);
  }

  /** Returns how many page frames are in use. */
  public long usedFrames() {
    return system.services().frames().usedFrames();
  }

  /** Returns whether the device can read a byte. */
  public boolean canRead(long iova) {
    return bus.read(iova, new byte[1], 0, 1) == null;
  }

  /** Returns whether the device can write a byte, after it has tried to write this one. */
  public boolean canWrite(long iova, byte value) {
    return bus.write(iova, new byte[] {value}, 0, 1) == null;
  }

  /** Returns what the device reads; throws {@link AssertionError} if it is refused. */
  public byte[] deviceReads(long iova, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    check(bus.read(iova, bytes, 0, sizeBytes));
    return bytes;
  }

  /** Lets the device write; throws {@link AssertionError} if it is refused. */
  public void deviceWrites(long iova, byte[] bytes) {
    check(bus.write(iova, bytes, 0, bytes.length));
  }

  private void check(@Nullable BusError error) {
    if (error != null) {
      throw new AssertionError(
          String.format("%s is refused at 0x%x: %s", device, error.iova(), error.reason()));
    }
  }

  /** Returns what the CPU reads. */
  public byte[] cpuReads(long phys, int sizeBytes) {
    byte[] bytes = new byte[sizeBytes];
    memory().read(phys, bytes, 0, sizeBytes);
    return bytes;
  }

  /** Lets the CPU write. */
  public void cpuWrites(long phys, byte[] bytes) {
    memory().write(phys, bytes, 0, bytes.length);
  }
}
