package org.iommu4j.vfio.type1;

import java.util.ArrayDeque;
import java.util.Deque;
import org.iommu4j.iommu.IommuGroup;
import org.iommu4j.iommu.spi.IommuDomain;

/**
 * An address space of a container with the groups in it. Guarded by the lock of its {@link
 * Type1Iommu}.
 *
 * <p>Source: {@code drivers/vfio/vfio_iommu_type1.c:struct vfio_domain}.
 *
 * @param domain the IOMMU's domain
 * @param isCoherent whether all accesses see the CPUs' caches, whatever the device asks for
 * @param protection what all of its mappings get on top of their own rights
 * @param isFineGrained whether the IOMMU makes a superpage of any run of pages
 * @param groups the groups, the newest first
 */
record Type1Domain(
    IommuDomain domain,
    boolean isCoherent,
    int protection,
    boolean isFineGrained,
    Deque<IommuGroup> groups) {
  Type1Domain(
      IommuDomain domain,
      boolean isCoherent,
      int protection,
      boolean isFineGrained,
      IommuGroup first) {
    this(domain, isCoherent, protection, isFineGrained, new ArrayDeque<>());
    groups.push(first);
  }
}
