package org.iommu4j.vtd.kit;

import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.testkit.VendorFixture;

/** VT-d in the releases whose devices dma-iommu maps for. */
enum LaterFixture implements VendorFixture {
  /** 6.1, lazy, three levels, register-based invalidation. */
  LAZY_REGISTERS_61("6.1", IntelFixture.LAZY_REGISTERS),
  /** 6.1, strict, four levels, a queue, 2 MiB pages. */
  STRICT_QUEUE_61("6.1", IntelFixture.STRICT_QUEUE),
  /** 6.12, lazy, four levels, a queue. */
  LAZY_QUEUE_612("6.12", IntelFixture.LAZY_QUEUE),
  /** 6.12, strict, four levels, a queue, 2 MiB pages. */
  STRICT_QUEUE_612("6.12", IntelFixture.STRICT_QUEUE),
  /** 6.12, caching mode: strict of itself. */
  CACHING_MODE_612("6.12", IntelFixture.CACHING_MODE);

  private static final long PASS_THROUGH = 1 << 6;

  private final String series;
  private final IntelFixture unit;

  LaterFixture(String series, IntelFixture unit) {
    this.series = series;
    this.unit = unit;
  }

  @Override
  public KernelRules rules() {
    return KernelReleases.named(series).orElseThrow();
  }

  @Override
  public IommuVendor vendor() {
    return unit.vendor();
  }

  @Override
  public void mark(MachineBuilder machine) {
    unit.mark(machine);
    if (!mapsIdentity()) {
      unit.markUnit(machine, PASS_THROUGH);
    }
  }

  /** Returns whether identity domains have a table where a unit cannot let requests through. */
  private boolean mapsIdentity() {
    return series.equals("6.1");
  }

  @Override
  public String commandLine() {
    return unit.commandLine();
  }

  @Override
  public int pageTableLevels() {
    return unit.pageTableLevels();
  }

  @Override
  public boolean mapsLargePages() {
    return unit.mapsLargePages();
  }

  @Override
  public boolean writeOnlyIsReadable() {
    return unit.writeOnlyIsReadable();
  }

  @Override
  public boolean detachesFreedDomains() {
    return false;
  }
}
