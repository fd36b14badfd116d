package org.iommu4j.vfio.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;

/**
 * Whether a group can be handed to user space: every device of it is bound to a VFIO driver, to one
 * that is known to do no DMA, is a bridge, or has no driver.
 *
 * <p>Who is which the {@link ViabilityRules} of a release say; from 5.19 on a driver has to say
 * itself that its devices may be in such a group.
 *
 * <p>Source: {@code drivers/vfio/vfio.c:vfio_dev_viable}, {@code vfio_dev_driver_allowed}.
 */
public final class ViabilityPolicy {
  private static final Rule RULE = new Rule("group-viability");

  private ViabilityPolicy() {}

  /** Decides for the devices of one group; an empty group is viable. */
  public static Viability decide(Iterable<GroupMember> group, ViabilityRules rules) {
    ImmutableList.Builder<Verdict> verdicts = ImmutableList.builder();
    group.forEach(member -> verdicts.add(decide(member, rules)));
    return new Viability(verdicts.build(), rules.source());
  }

  /** Decides for one device of a group. */
  public static Verdict decide(GroupMember member, ViabilityRules rules) {
    String driver = member.driver();
    if (driver == null) {
      return verdict(member, DriverStanding.WITHOUT_DRIVER, rules.source());
    }
    if (member.headerType() != 0 && rules.bridgesAreHarmless()) {
      return verdict(member, DriverStanding.BRIDGE, rules.driverSource());
    }
    if (rules.harmlessDrivers().contains(driver)) {
      return verdict(member, DriverStanding.STUB, rules.driverSource());
    }
    return verdict(
        member,
        rules.isVfioDriver(driver) ? DriverStanding.VFIO : DriverStanding.IN_USE,
        rules.source());
  }

  private static Verdict verdict(GroupMember member, DriverStanding standing, String source) {
    String named = member.driver() == null ? "" : " (driver " + member.driver() + ")";
    return new Verdict(
        member,
        standing,
        Decision.of(
            RULE,
            standing.isAllowed() ? "allowed" : "blocks the group",
            source,
            member.address() + " " + standing.words() + named));
  }

  /**
   * What one device means for its group.
   *
   * @param member the device
   * @param standing how it stands
   * @param decision the reason
   */
  @Immutable
  public record Verdict(GroupMember member, DriverStanding standing, Decision decision) {}

  /**
   * Whether a group can be handed out.
   *
   * @param members what each device means for it, in the order in which they were given
   * @param source the kernel's function that decides
   */
  @Immutable
  public record Viability(ImmutableList<Verdict> members, String source) {
    /** Returns whether the group can be handed out. */
    public boolean viable() {
      return members.stream().allMatch(verdict -> verdict.standing().isAllowed());
    }

    /** Returns the devices that keep the group with the host. */
    public ImmutableList<Verdict> blockers() {
      return members.stream()
          .filter(verdict -> !verdict.standing().isAllowed())
          .collect(ImmutableList.toImmutableList());
    }

    /** Returns the decision about the whole group, with a line a device. */
    public Decision decision() {
      ImmutableList<String> because =
          members.stream()
              .flatMap(verdict -> verdict.decision().because().stream())
              .collect(ImmutableList.toImmutableList());
      return new Decision(RULE, viable() ? "viable" : "not viable", because, source);
    }
  }
}
