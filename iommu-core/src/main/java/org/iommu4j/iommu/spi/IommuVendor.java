package org.iommu4j.iommu.spi;

/**
 * A vendor of IOMMUs: the one type that a provider registers with {@link java.util.ServiceLoader}.
 *
 * <p>Implementations must be stateless and thread-safe, and must have a public constructor without
 * arguments. All that belongs to one boot lives in the {@link IommuDriver} that {@link #driver}
 * makes.
 */
public interface IommuVendor {
  /** Returns the vendor's name for people, such as {@code Intel VT-d}. */
  String name();

  /** Returns the boot parameters that the vendor's driver reads. */
  VendorParameters parameters();

  /**
   * Returns the driver for one boot of a machine.
   *
   * <p>A vendor whose firmware mark the machine lacks returns a driver that detects nothing.
   */
  IommuDriver driver(BootContext context);
}
