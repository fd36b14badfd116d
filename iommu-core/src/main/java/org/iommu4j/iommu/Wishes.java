package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/** What the members of one group wish for, in the order in which they joined. Not thread-safe. */
final class Wishes {
  private final DomainTypes types;
  private final ImmutableList.Builder<String> because = ImmutableList.builder();
  private @Nullable PciDevice first;
  private @Nullable DomainType type;
  private String summary = "";

  Wishes(DomainTypes types) {
    this.types = types;
  }

  /**
   * Adds a wish where two that differ cancel each other out, and any later one is measured against
   * none.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:probe_get_default_domain_type}.
   */
  void cancelUnlessAgreed(PciDevice device, DomainDemand demand) {
    DomainType wish = demand.type();
    if (wish == null) {
      return;
    }
    because.add(device + " demands " + types.sysfsName(wish));
    if (type != null && type != wish) {
      because.add("which is not what " + first + " demands: the default is taken");
      type = null;
    }
    if (first == null) {
      first = device;
      take(wish, demand);
    }
  }

  /**
   * Adds a wish where identity counts for more.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_get_def_domain_type}.
   */
  void join(PciDevice device, DomainDemand demand) {
    DomainType wish = demand.type();
    if (wish == null) {
      return;
    }
    because.add(device + " demands " + types.sysfsName(wish));
    if (type == null) {
      first = device;
      take(wish, demand);
    } else if (type != wish) {
      because.add("which is not what " + first + " demands: identity is taken");
      if (wish == DomainType.IDENTITY) {
        take(wish, demand);
      }
    }
  }

  private void take(DomainType wish, DomainDemand demand) {
    type = wish;
    summary = demand.summary();
  }

  /** Returns what comes of the wishes, or null if nothing does. */
  @Nullable DomainType type() {
    return type;
  }

  /** Returns the words of who had it so. */
  String summary() {
    return summary;
  }

  ImmutableList<String> because() {
    return because.build();
  }
}
