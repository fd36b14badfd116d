package org.iommu4j.testkit.skeleton;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import org.iommu4j.dma.DmaOps;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Reason;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.iommu.spi.Detection;
import org.iommu4j.iommu.spi.Initialization;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.Off;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * A vendor whose machines have a firmware table and one unit, which covers every device, has no
 * wishes and always comes up strict: all phases of a driver on top of its domains and its
 * operations. Stateless.
 */
public abstract class SkeletalVendor implements IommuVendor {
  private final String name;
  private final String signature;

  /** Makes a vendor of this name, whose machines have a table with this signature. */
  protected SkeletalVendor(String name, String signature) {
    this.name = name;
    this.signature = signature;
  }

  /** Makes a domain. */
  protected abstract SkeletalDomain newDomain(DomainType type, SystemServices services);

  /** Makes the operations of devices that have a domain for mappings. */
  protected abstract DmaOps newOps(SystemServices services);

  /** Returns what is not to be mapped for a device. */
  protected ImmutableList<ReservedRegion> reservedRegions(FirmwareTable table, PciDevice device) {
    return ImmutableList.of();
  }

  private Decision decision(String outcome) {
    return Decision.of(new Rule(name), outcome, getClass().getName(), "so the vendor decides");
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final ImmutableSet<String> tableSignatures() {
    return ImmutableSet.of(signature);
  }

  @Override
  public final Optional<IommuBoot> begin(BootContext context) {
    return Optional.of(new Boot(this, context));
  }

  private enum Absence implements Reason {
    NO_TABLE;

    @Override
    public String words() {
      return "not there";
    }
  }

  private record Boot(SkeletalVendor vendor, BootContext context) implements IommuBoot {
    private Optional<FirmwareTable> table() {
      return context.machine().firmwareTable(vendor.signature);
    }

    @Override
    public Detection detect() {
      return table().isPresent()
          ? new Detection.Found(vendor.decision("found"))
          : new Off(Absence.NO_TABLE, vendor.decision(Absence.NO_TABLE.words()));
    }

    @Override
    public Initialization initialize(DomainType defaultType) {
      SystemServices services = context.services();
      Probe probe = new Probe(vendor, table().orElseThrow(), services, vendor.newOps(services));
      return new Initialization.Enabled(
          probe, defaultType, Optional.empty(), vendor.decision("on"));
    }
  }

  private record Probe(
      SkeletalVendor vendor, FirmwareTable table, SystemServices services, DmaOps ops)
      implements IommuProbe {
    @Override
    public boolean isStrict() {
      return true;
    }

    @Override
    public Coverage coverage(PciDevice device) {
      return new Coverage(vendor.name, vendor.decision("covered"));
    }

    @Override
    public ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
      return vendor.reservedRegions(table, device);
    }

    @Override
    public OpsChoice probeFinalize(PciDevice device, @Nullable DomainType domainType) {
      boolean maps = domainType == DomainType.DMA;
      return new OpsChoice(maps ? ops : null, vendor.decision(maps ? "remapped" : "direct"));
    }

    @Override
    public IommuDriver start() {
      return new SkeletalDriver(services, type -> vendor.newDomain(type, services));
    }
  }
}
