package org.iommu4j.iommu.spi;

/**
 * What all IOMMUs of a system can do.
 *
 * <p>Source: {@code include/linux/iommu.h:enum iommu_cap}.
 */
public enum IommuCapability {
  /** Accesses can be made to snoop the CPUs' caches, whatever the device asks for. */
  CACHE_COHERENCY,
  /** Interrupts are remapped, so that a device can raise only its own. */
  INTR_REMAP,
  /** Mappings can forbid that a device executes what it reads. */
  NOEXEC
}
