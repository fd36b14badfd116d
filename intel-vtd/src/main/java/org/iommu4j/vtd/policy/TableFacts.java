package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import java.util.function.LongFunction;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.UnitRegisters;
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
   * @throws org.iommu4j.machine.input.BadInputException if its table is none
   */
  public static TableFacts of(Machine machine) {
    TableFacts facts =
        new TableFacts(
            machine.firmwareTable(DmarTable.SIGNATURE).map(DmarTable::parse),
            machine::unit,
            machine.memory());
    boolean listed =
        machine.properties().keySet().stream().anyMatch(key -> key.startsWith("unit."));
    return listed ? facts.withUnlistedUnitsDead() : facts;
  }

  // A capture lists every unit that the kernel could map: one that the kernel came to and that is
  // missing from the list answered with all ones.
  private TableFacts withUnlistedUnitsDead() {
    ImmutableSet<Long> dead =
        TableParse.parse(this, ParseOptions.DEFAULT).assumedUnits().stream()
            .map(RemappingUnit::basePhys)
            .collect(ImmutableSet.toImmutableSet());
    LongFunction<Optional<UnitRegisters>> known = registers;
    return new TableFacts(
        table,
        base ->
            dead.contains(base)
                ? Optional.of(UnitCapabilities.unanswered(base))
                : known.apply(base),
        memory);
  }

  UnitCapabilities unit(long basePhys) {
    return UnitCapabilities.of(registers.apply(basePhys));
  }
}
