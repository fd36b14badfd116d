package org.iommu4j.iommu.policy;

import java.util.OptionalInt;
import java.util.function.Function;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.quirks.PciQuirks;

/**
 * Which functions an IOMMU can only tell apart, or keep apart, together: the IOMMU group that a
 * function joins when it is added.
 *
 * <p>Immutable and without state of its own: the caller holds the groups and asks in the order in
 * which the kernel adds functions, which decides both the groups and their numbers.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:pci_device_group}.
 */
public final class GroupPolicy {
  /** The rule of every decision on a group. */
  public static final Rule RULE = new Rule("iommu-group");

  private final AcsPolicy acs;
  private final DmaAliases aliases;

  /** Makes the policy from whom ACS keeps apart and what aliases. */
  public GroupPolicy(AcsPolicy acs, DmaAliases aliases) {
    this.acs = acs;
    this.aliases = aliases;
  }

  /** Returns the policy for these functions under these settings, by the quirks of a release. */
  public static GroupPolicy of(PciTopology topology, AcsSettings settings, PciQuirks quirks) {
    return new GroupPolicy(new AcsPolicy(settings, quirks), DmaAliases.of(topology, quirks));
  }

  /**
   * Returns the group that a function joins.
   *
   * @param device a function that is in no group yet
   * @param groups the number of the group that a function is in, or empty
   */
  public GroupChoice choose(PciDevice device, Function<PciDevice, OptionalInt> groups) {
    return new GroupSearch(acs, aliases, groups, device).run();
  }
}
