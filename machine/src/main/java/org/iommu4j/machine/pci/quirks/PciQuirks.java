package org.iommu4j.machine.pci.quirks;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.function.Predicate;
import org.iommu4j.base.Release;

/**
 * What a release holds of PCI functions: which of them have quirks, and which it trusts.
 *
 * @param acsClaims who vouches for isolation, in the kernel's order; the first row whose claim
 *     comes to a verdict decides
 * @param dmaAliases who masters the bus under foreign numbers; every row that matches adds its
 *     aliases
 * @param ats who goes without address translation
 * @param trust who could have been plugged in from outside
 */
@Immutable
public record PciQuirks(
    ImmutableList<AcsClaims.Row> acsClaims,
    ImmutableList<DmaAliasRows.Row> dmaAliases,
    ImmutableList<AtsQuirks.Row> ats,
    TrustRule trust) {
  /** Returns all quirks that are known, cut to a release, with the first rule of trust. */
  public static PciQuirks of(Release release) {
    return new PciQuirks(
        cut(AcsClaims.rows(), row -> row.span().contains(release)),
        cut(DmaAliasRows.rows(), row -> row.span().contains(release)),
        cut(AtsQuirks.rows(), row -> row.span().contains(release)),
        TrustRule.BELOW_EXTERNAL_PORT);
  }

  /** Returns these quirks with another rule of trust. */
  public PciQuirks withTrust(TrustRule other) {
    return new PciQuirks(acsClaims, dmaAliases, ats, other);
  }

  private static <T> ImmutableList<T> cut(ImmutableList<T> rows, Predicate<T> had) {
    return rows.stream().filter(had).collect(ImmutableList.toImmutableList());
  }
}
