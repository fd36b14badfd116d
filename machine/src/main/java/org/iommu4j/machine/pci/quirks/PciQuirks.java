package org.iommu4j.machine.pci.quirks;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.function.Predicate;
import org.iommu4j.base.Release;

/**
 * The quirks of PCI functions that a release knows.
 *
 * @param acsClaims who vouches for isolation, in the kernel's order; the first row whose claim
 *     comes to a verdict decides
 * @param dmaAliases who masters the bus under foreign numbers; every row that matches adds its
 *     aliases
 * @param ats who goes without address translation
 */
@Immutable
public record PciQuirks(
    ImmutableList<AcsClaims.Row> acsClaims,
    ImmutableList<DmaAliasRows.Row> dmaAliases,
    ImmutableList<AtsQuirks.Row> ats) {
  /** Returns all that is known of functions, cut to a release. */
  public static PciQuirks of(Release release) {
    return new PciQuirks(
        cut(AcsClaims.rows(), row -> row.span().contains(release)),
        cut(DmaAliasRows.rows(), row -> row.span().contains(release)),
        cut(AtsQuirks.rows(), row -> row.span().contains(release)));
  }

  private static <T> ImmutableList<T> cut(ImmutableList<T> rows, Predicate<T> had) {
    return rows.stream().filter(had).collect(ImmutableList.toImmutableList());
  }
}
