package org.iommu4j.vtd.kit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.testkit.VendorFixture;
import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;

/** VT-d in several ways of working. */
public enum IntelFixture implements VendorFixture {
  /** Lazy, three levels, register-based invalidation: what old hardware has. */
  LAZY_REGISTERS("", 3, Caps.WIDTH_39, Caps.ECAP),
  /** Strict, three levels, register-based invalidation. */
  STRICT_REGISTERS(" intel_iommu=strict", 3, Caps.WIDTH_39, Caps.ECAP),
  /** Lazy, four levels, a queue. */
  LAZY_QUEUE("", 4, Caps.WIDTH_48, Caps.ECAP | Caps.QUEUE),
  /** Strict, four levels, a queue, 2 MiB pages. */
  STRICT_QUEUE(" intel_iommu=strict", 4, Caps.WIDTH_48 | Caps.LARGE, Caps.ECAP | Caps.QUEUE),
  /** Caching mode, as virtual machines have it: strict of itself. */
  CACHING_MODE("", 3, Caps.WIDTH_39 | Caps.CACHING, Caps.ECAP | Caps.QUEUE);

  private static final KernelConfig CONFIG =
      KernelConfig.parse("CONFIG_INTEL_IOMMU=y\nCONFIG_SWIOTLB=y\n");
  private static final long UNIT_PHYS = 0xfed9_0000L;

  private final String words;
  private final int levels;
  private final long cap;
  private final long ecap;

  IntelFixture(String words, int levels, long cap, long ecap) {
    this.words = words;
    this.levels = levels;
    this.cap = cap;
    this.ecap = ecap;
  }

  /** Capability registers as emulated units have them. */
  private static final class Caps {
    static final long WIDTH_39 = 0x00d2_0080_2226_0206L;
    static final long WIDTH_48 = 0x00d2_0080_222f_0406L;
    static final long CACHING = 1 << 7;
    static final long LARGE = 1L << 34;
    static final long ECAP = 0xf00;
    static final long QUEUE = 2;
  }

  @Override
  public IommuVendor vendor() {
    return LinuxSystem.vendors().stream()
        .filter(vendor -> vendor.name().equals("Intel VT-d"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void mark(MachineBuilder machine) {
    DeviceScope other = DeviceScope.endpoint(0, new DeviceScope.Hop(KitMachine.OTHER.device(), 0));
    byte[] table =
        new DmarBuilder()
            .hostAddressWidth(39)
            .add(new Drhd(1, 0, 0, UNIT_PHYS, ImmutableList.of()))
            .add(
                new Rmrr(
                    0,
                    0,
                    KitMachine.DIRECT.first(),
                    KitMachine.DIRECT.last(),
                    ImmutableList.of(other)))
            .build();
    machine.config(CONFIG).firmwareTable(new FirmwareTable("DMAR", "test kit", table));
    markUnit(machine, 0);
  }

  /** Says what the unit's registers hold: those of the fixture, and more abilities. */
  void markUnit(MachineBuilder machine, long moreEcap) {
    machine.unit(
        new UnitRegisters(
            UNIT_PHYS,
            ImmutableMap.of(
                "version_major", 1L, "version_minor", 0L, "cap", cap, "ecap", ecap | moreEcap)));
  }

  @Override
  public String commandLine() {
    return "intel_iommu=on" + words;
  }

  @Override
  public int pageTableLevels() {
    return levels;
  }

  @Override
  public boolean mapsLargePages() {
    return (cap & Caps.LARGE) != 0;
  }

  @Override
  public boolean writeOnlyIsReadable() {
    return true;
  }
}
