package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure;
import org.iommu4j.vtd.dmar.DmarTable;

/** Facts for tests: units that answer, and a memory map with a reserved part. */
final class TestFacts {
  static final long BASE = 0xfed90000L;
  static final long CAP = 0xd2008c22260206L;
  static final long ECAP = 0xf00f4aL;

  /** Usable up to 0x3fe00000, reserved up to 1 GiB. */
  static final MemoryMap MEMORY =
      MemoryMap.of(
          ImmutableList.of(
              new AddressRange(0x100000, 0x3fdfffff, MemoryMap.SYSTEM_RAM),
              new AddressRange(0x3fe00000, 0x3fffffff, MemoryMap.RESERVED)));

  private final Map<Long, UnitRegisters> units = new HashMap<>();
  private MemoryMap memory = MEMORY;

  TestFacts() {
    unit(BASE, CAP, ECAP);
    unit(BASE + 0x1000, CAP, ECAP);
    unit(BASE + 0x2000, CAP, ECAP);
  }

  TestFacts unit(long base, long cap, long ecap) {
    units.put(
        base,
        new UnitRegisters(
            base,
            ImmutableMap.of("version_major", 1L, "version_minor", 0L, "cap", cap, "ecap", ecap)));
    return this;
  }

  TestFacts withoutUnits() {
    units.clear();
    return this;
  }

  TestFacts memory(MemoryMap map) {
    this.memory = map;
    return this;
  }

  TableFacts with(DmarStructure... structures) {
    return with(DmarBuilder.tableOf(structures));
  }

  TableFacts with(DmarTable table) {
    return new TableFacts(Optional.of(table), base -> Optional.ofNullable(units.get(base)), memory);
  }

  static ParseResult parse(DmarStructure... structures) {
    return TableParse.parse(new TestFacts().with(structures), ParseOptions.DEFAULT);
  }

  static ParseResult parse(DmarBuilder builder) {
    return TableParse.parse(new TestFacts().with(builder.toTable()), ParseOptions.DEFAULT);
  }
}
