package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.policy.DomainType;
import org.jspecify.annotations.Nullable;

/**
 * The state of one IOMMU group while a machine boots. Not thread-safe.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:struct iommu_group}.
 */
final class IommuGroup {
  private final int id;
  private final List<PciDevice> members = new ArrayList<>();
  private @Nullable DomainType domainType;

  IommuGroup(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }

  void add(PciDevice device) {
    members.add(device);
  }

  ImmutableList<PciDevice> members() {
    return ImmutableList.copyOf(members);
  }

  @Nullable DomainType domainType() {
    return domainType;
  }

  void setDomainType(DomainType domainType) {
    this.domainType = domainType;
  }
}
