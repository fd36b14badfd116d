package org.iommu4j.vtd.policy;

import java.util.Optional;
import java.util.function.LongFunction;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.machine.MemoryMap;
import org.iommu4j.iommu.machine.UnitRegisters;
import org.iommu4j.vtd.dmar.DmarTable;

/**
 * The facts that the code for the table looks at.
 *
 * @param table the table, if the machine has one
 * @param registers what the unit at a physical address answers, if that is known
 * @param memory the physical address map
 */
public record TableFacts(
    Optional<DmarTable> table, LongFunction<Optional<UnitRegisters>> registers, MemoryMap memory) {

  /**
   * Returns the facts of a machine.
   *
   * @throws org.iommu4j.vtd.dmar.NotADmarTableException if its table is none
   */
  public static TableFacts of(Machine machine) {
    return new TableFacts(
        machine.firmwareTable(DmarTable.SIGNATURE).map(DmarTable::parse),
        base -> registers(machine, base),
        machine.memory());
  }

  // A capture lists every unit whose registers the kernel printed, and it prints all that it can
  // map:
  // a unit that is missing from the list answered with all ones.
  private static Optional<UnitRegisters> registers(Machine machine, long basePhys) {
    Optional<UnitRegisters> known = machine.unit(basePhys);
    boolean listed =
        machine.properties().keySet().stream().anyMatch(key -> key.startsWith("unit."));
    boolean ram = machine.memory().ram().stream().anyMatch(range -> range.contains(basePhys));
    return known.isEmpty() && listed && !ram
        ? Optional.of(UnitCapabilities.unanswered(basePhys))
        : known;
  }

  UnitCapabilities unit(long basePhys) {
    return UnitCapabilities.of(registers.apply(basePhys));
  }
}
