package org.iommu4j.iommu;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.iommu4j.base.Errno;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DeviceLog;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.GroupRules;
import org.iommu4j.iommu.domain.GroupRules.FailedAttach;
import org.iommu4j.iommu.domain.GroupRules.Trait;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/**
 * Groups that have an owner: the kernel's drivers, in the default domain, or somebody who has
 * claimed them, in a domain that blocks everything until the owner attaches one.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:__iommu_group_set_domain}, {@code
 * iommu_group_claim_dma_owner}.
 */
final class OwnedGroups extends GroupDomains {
  private final IommuProbe probe;
  private final GroupRules rules;
  private final DeviceLog log;

  OwnedGroups(
      IommuProbe probe,
      IommuDriver driver,
      Map<PciDevice, Device> devices,
      GroupRules rules,
      DeviceLog log) {
    super(driver, devices);
    this.probe = probe;
    this.rules = rules;
    this.log = log;
  }

  @Override
  int attach(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      IommuDomain now = group.domain().orElse(null);
      IommuDomain usual = group.defaultDomain().orElse(null);
      if (now != null && now != usual && now != group.owner().blockingDomain()) {
        return Errno.EBUSY;
      }
      if (rules.failedAttach() == FailedAttach.TRIED_GO_BACK) {
        return setDomain(domain, group, false);
      }
      int error = setMembers(group.members(), domain, group);
      if (error == 0) {
        group.setDomain(domain);
      } else if (now != null) {
        setMembers(group.members(), now, group);
      }
      return error;
    }
  }

  /** Source: {@code drivers/iommu/iommu.c:__iommu_group_set_core_domain}. */
  @Override
  void detach(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      GroupOwner owner = group.owner();
      IommuDomain core =
          owner.isClaimed() ? owner.blockingDomain() : group.defaultDomain().orElse(null);
      setDomain(core, group, true);
    }
  }

  /** Nothing happens either if the group is in another domain, of which the kernel warns. */
  @Override
  void detachAlone(IommuDomain domain, IommuGroup group) {
    synchronized (group) {
      if (group.domain().orElse(null) == domain) {
        super.detachAlone(domain, group);
      }
    }
  }

  /**
   * Attaches all members, unless the group is in that domain already.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:__iommu_group_set_domain}.
   *
   * @param back whether the kernel takes the group back, so that a member which is refused does not
   *     keep the others from following where the release can help it
   */
  private int setDomain(@Nullable IommuDomain to, IommuGroup group, boolean back) {
    IommuDomain now = group.domain().orElse(null);
    if (to == null || now == to) {
      return to == null ? Errno.EINVAL : 0;
    }
    boolean goesBack = rules.failedAttach() == FailedAttach.TRIED_GO_BACK;
    List<PciDevice> members = group.members();
    int result = 0;
    for (int i = 0; i < members.size(); i++) {
      int error = setMember(members.get(i), to, group);
      result = error == 0 ? result : error;
      if (error != 0 && !(goesBack && back)) {
        if (goesBack && now != null) {
          setMembers(members.subList(0, i + 1), now, group);
        }
        return error;
      }
    }
    group.setDomain(to);
    return result;
  }

  private int setMembers(List<PciDevice> members, IommuDomain to, IommuGroup group) {
    for (PciDevice member : members) {
      int error = setMember(member, to, group);
      if (error != 0) {
        return error;
      }
    }
    return 0;
  }

  /** Source: {@code drivers/iommu/iommu.c:__iommu_device_set_domain}. */
  private int setMember(PciDevice member, IommuDomain to, IommuGroup group) {
    boolean blocks = to.type() == DomainType.BLOCKED || to == group.owner().blockingDomain();
    if (blocks && rules.does(Trait.NEVER_BLOCKS_DIRECT) && isDirect(member)) {
      log.print(
          device(member),
          "Firmware has requested this device have a 1:1 IOMMU mapping, rejecting configuring the"
              + " device without a 1:1 mapping. Contact your platform vendor.");
      return Errno.EINVAL;
    }
    return attachMember(to, member);
  }

  private boolean isDirect(PciDevice member) {
    return probe.reservedRegions(member).stream()
        .anyMatch(region -> region.type() == ReservedRegion.Type.DIRECT);
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_group_claim_dma_owner}. */
  int claim(IommuGroup group, Object claimant) {
    synchronized (group) {
      GroupOwner owner = group.owner();
      if (owner.uses() != 0) {
        return Errno.EPERM;
      }
      IommuDomain now = group.domain().orElse(null);
      if (now != null && now != group.defaultDomain().orElse(null)) {
        return Errno.EBUSY;
      }
      IommuDomain blocking = blockingDomain(owner);
      int error = blocking == null ? Errno.EINVAL : setDomain(blocking, group, false);
      if (error == 0) {
        owner.claim(Objects.requireNonNull(claimant, "claimant"));
      }
      return error;
    }
  }

  /** Source: {@code drivers/iommu/iommu.c:__iommu_group_alloc_blocking_domain}. */
  private @Nullable IommuDomain blockingDomain(GroupOwner owner) {
    IommuDomain domain = owner.blockingDomain();
    if (domain == null) {
      domain = driver().allocDomain(DomainType.BLOCKED);
      if (domain == null) {
        domain = driver().allocDomain(DomainType.UNMANAGED);
      }
      owner.setBlockingDomain(domain);
    }
    return domain;
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_group_release_dma_owner}. */
  void release(IommuGroup group) {
    synchronized (group) {
      if (group.owner().isClaimed()) {
        group.owner().release();
        setDomain(group.defaultDomain().orElse(null), group, true);
      }
    }
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_device_use_default_domain}. */
  int useDefaultDomain(IommuGroup group) {
    synchronized (group) {
      GroupOwner owner = group.owner();
      if (owner.uses() != 0 && (owner.isClaimed() || !isInDefaultDomain(group))) {
        return Errno.EBUSY;
      }
      owner.use();
      return 0;
    }
  }

  private static boolean isInDefaultDomain(IommuGroup group) {
    IommuDomain now = group.domain().orElse(null);
    IommuDomain usual = group.defaultDomain().orElse(null);
    return now == usual
        || (now != null
            && usual != null
            && usual.type() == DomainType.IDENTITY
            && now.type() == DomainType.IDENTITY);
  }

  /** Source: {@code drivers/iommu/iommu.c:iommu_device_unuse_default_domain}. */
  void unuseDefaultDomain(IommuGroup group) {
    synchronized (group) {
      group.owner().unuse();
    }
  }
}
