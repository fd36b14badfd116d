package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactTree;

/**
 * Reads the registers of remapping units from {@code /sys/class/iommu}.
 *
 * <p>Of all that is there only version, capabilities and address are opened: they are the
 * hardware's, the rest is the kernel's answer.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:intel_iommu_groups}.
 */
final class UnitFacts {
  private static final String CLASS = "sys/class/iommu";

  private UnitFacts() {}

  static UnitRegisters unit(long basePhys, String major, String minor, long cap, long ecap) {
    return new UnitRegisters(
        basePhys,
        ImmutableMap.of(
            "version_major",
            Long.parseLong(major),
            "version_minor",
            Long.parseLong(minor),
            "cap",
            cap,
            "ecap",
            ecap));
  }

  static ImmutableList<UnitRegisters> read(FactTree tree) {
    ImmutableList.Builder<UnitRegisters> units = ImmutableList.builder();
    for (String name : tree.list(CLASS)) {
      for (IommuFacts row : IommuFacts.ALL) {
        if (row.unit().matcher(name).matches()) {
          readUnit(tree, CLASS + "/" + name + "/" + row.registers()).ifPresent(units::add);
        }
      }
    }
    return units.build();
  }

  private static Optional<UnitRegisters> readUnit(FactTree tree, String place) {
    Optional<String> version = value(tree, place + "/version");
    Optional<String> address = value(tree, place + "/address");
    Optional<String> cap = value(tree, place + "/cap");
    Optional<String> ecap = value(tree, place + "/ecap");
    if (version.isEmpty() || address.isEmpty() || cap.isEmpty() || ecap.isEmpty()) {
      return Optional.empty();
    }
    if (!version.get().matches("[0-9]{1,3}:[0-9]{1,3}")) {
      throw BadInputException.atLine(
          place + "/version", 1, "a version is MAJOR:MINOR", version.get());
    }
    int colon = version.get().indexOf(':');
    return Optional.of(
        unit(
            Hex.parse(place + "/address", 1, address.get()),
            version.get().substring(0, colon),
            version.get().substring(colon + 1),
            Hex.parse(place + "/cap", 1, cap.get()),
            Hex.parse(place + "/ecap", 1, ecap.get())));
  }

  private static Optional<String> value(FactTree tree, String path) {
    return tree.read(path, FactTree.SYSFS_LIMIT_BYTES).text().map(String::strip);
  }
}
