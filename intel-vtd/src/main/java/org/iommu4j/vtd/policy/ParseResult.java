package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.vtd.dmar.DmarTable;

/**
 * What is left when the kernel has read a table, for better or worse.
 *
 * <p>A failure does not take back what was registered before it: the lists hold the units up to
 * there, and the kernel looks at them.
 *
 * @param errno 0 or a negative error number; it is remembered, and each later call returns it
 *     without reading the table again
 * @param outcome how the reading ends
 * @param log what the kernel prints, first lines only; lines whose numbers no fact gives are left
 *     out
 * @param units the remapping units in the kernel's order: the latest of the table first, then those
 *     for all devices in the table's order
 * @param rmrrs the reserved memory ranges in the kernel's order: the latest of the table first
 * @param atsrs the root port sets in the kernel's order: the latest of the table first
 * @param satcs the lists of the SoC's devices with ATS, in the kernel's order
 * @param table the table, if there is one
 * @param missing what was assumed, and to what effect
 */
public record ParseResult(
    int errno,
    CallOutcome outcome,
    ImmutableList<String> log,
    ImmutableList<RemappingUnit> units,
    ImmutableList<RmrrUnit> rmrrs,
    ImmutableList<AtsrUnit> atsrs,
    ImmutableList<SatcUnit> satcs,
    Optional<DmarTable> table,
    ImmutableList<MissingFact> missing) {

  /** Returns whether the table was read and has at least one unit. */
  public boolean ok() {
    return outcome == CallOutcome.RETURNS && errno == 0;
  }

  /** Returns the units of which nothing is known, whose capabilities are assumed. */
  public ImmutableList<RemappingUnit> assumedUnits() {
    return units.stream()
        .filter(unit -> unit.registers().assumed())
        .collect(ImmutableList.toImmutableList());
  }
}
