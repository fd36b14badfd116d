package org.iommu4j.testkit.skeleton;

import com.google.common.collect.ImmutableList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.iommu.spi.Detection;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.iommu.spi.Initialization;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * A driver of one unit that covers every device, has no wishes and always comes up strict. A vendor
 * overrides what is different with its hardware. Not thread-safe.
 *
 * <p>Source: {@code include/linux/iommu.h:struct iommu_ops}, whose optional members are left out.
 */
public abstract class SkeletalDriver implements IommuDriver {
  private final BootContext context;
  private final String unit;
  private final String signature;
  private final Map<PciDevice, IommuDomain> attached = new ConcurrentHashMap<>();
  private @Nullable IommuDomain identity;

  /**
   * Makes a driver for one boot.
   *
   * @param unit the name of the one unit
   * @param signature the firmware table that marks the vendor's machines
   */
  protected SkeletalDriver(BootContext context, String unit, String signature) {
    this.context = context;
    this.unit = unit;
    this.signature = signature;
  }

  /** Makes a domain. */
  protected abstract IommuDomain newDomain(DomainType type);

  /** Returns the operations of devices that have a domain for mappings. */
  protected abstract DmaOps ops();

  /**
   * Translates an address in a domain, as the hardware does.
   *
   * @param right {@link IommuDomain#READ} or {@link IommuDomain#WRITE}
   * @return the physical address, or a negative number if the access is refused
   */
  protected abstract long translate(IommuDomain domain, long iova, int right);

  /** Returns the boot that the driver was made for. */
  protected final BootContext context() {
    return context;
  }

  /** Returns the firmware table that marks the vendor's machines. */
  protected final FirmwareTable mark() {
    return context.machine().firmwareTable(signature).orElseThrow();
  }

  /** Returns a decision that has no reason but the vendor's. */
  protected final Decision because(String outcome) {
    return Decision.of(new Rule(unit), outcome, getClass().getName(), "so the vendor decides");
  }

  @Override
  public void setUp() {}

  @Override
  public Detection detect() {
    boolean marked = context.machine().firmwareTable(signature).isPresent();
    return new Detection(marked, false, because(marked ? "found" : "not there"));
  }

  @Override
  public Interrupts prepareInterruptRemapping() {
    return new Interrupts(false, because(Interrupts.NOT_REMAPPED));
  }

  @Override
  public Initialization initialize(DomainType defaultType) {
    return new Initialization(
        Initialization.Status.ENABLED, defaultType, Optional.empty(), because("on"));
  }

  @Override
  public void started() {}

  @Override
  public Coverage probeDevice(PciDevice device) {
    return new Coverage(unit, because("covered"));
  }

  @Override
  public DomainDemand domainDemand(PciDevice device) {
    return DomainDemand.none(because("no wish"));
  }

  @Override
  public ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
    return ImmutableList.of();
  }

  @Override
  public boolean attach(PciDevice device, long mappedEnd) {
    return true;
  }

  @Override
  public OpsChoice probeFinalize(PciDevice device, @Nullable DomainType domainType) {
    boolean maps = domainType == DomainType.DMA;
    return new OpsChoice(maps ? ops() : null, because(maps ? "remapped" : "direct"));
  }

  @Override
  public boolean isStrict() {
    return true;
  }

  @Override
  public void programUnits() {}

  @Override
  public final IommuDomain allocDomain(DomainType type) {
    if (type != DomainType.IDENTITY) {
      return newDomain(type);
    }
    IommuDomain shared = identity == null ? newDomain(type) : identity;
    identity = shared;
    return shared;
  }

  @Override
  public int attachDevice(IommuDomain domain, PciDevice pci, Device device) {
    attached.put(pci, domain);
    device.setIommuPrivate(domain);
    return 0;
  }

  @Override
  public void detachDevice(IommuDomain domain, PciDevice pci, Device device) {
    attached.remove(pci);
    device.setIommuPrivate(null);
  }

  /** Frees what a domain holds; the identity domain is never freed. */
  protected abstract void release(IommuDomain domain);

  @Override
  public final void freeDomain(IommuDomain domain) {
    if (domain.type() != DomainType.IDENTITY) {
      attached.values().removeIf(domain::equals);
      release(domain);
    }
  }

  @Override
  public void enableTranslation() {}

  @Override
  public final BusMaster busMaster(PciDevice device) {
    return new PagedBusMaster(
        context.services().memory(), (iova, right) -> translate(device, iova, right));
  }

  private long translate(PciDevice device, long iova, int right) {
    IommuDomain domain = attached.get(device);
    if (domain == null) {
      return -1;
    }
    return domain.type() == DomainType.IDENTITY ? iova : translate(domain, iova, right);
  }
}
