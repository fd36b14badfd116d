package org.iommu4j.machine;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.pci.PciAddress;

/** Parses {@code machine.properties}: what the machine's own /proc and /sys cannot tell. */
final class PropertiesFile {
  static final String NAME = "machine.properties";

  private static final String EXTERNAL_FACING = "external_facing";
  private static final String UNKNOWN = "unknown";
  private static final String UNIT = "unit.";
  private static final int CPUS_LIMIT = 8192;
  private static final Pattern UNIT_VALUE =
      Pattern.compile("version (\\d{1,3}):(\\d{1,3}) cap (\\S+) ecap (\\S+)");
  private static final String ROOT_BUSES = "root_buses";
  private static final Pattern RANGE = Pattern.compile("(0x[0-9a-fA-F]+)-(0x[0-9a-fA-F]+)");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Map<Long, UnitRegisters> units = new LinkedHashMap<>();
  private Optional<ImmutableSet<PciAddress>> externalFacing = Optional.of(ImmutableSet.of());

  private ImmutableList<PciAddress> rootBuses = ImmutableList.of();

  private PropertiesFile() {}

  static PropertiesFile parse(String text) {
    PropertiesFile file = new PropertiesFile();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        file.take(i + 1, line);
      }
    }
    return file;
  }

  private void take(int line, String text) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw BadInputException.atLine(NAME, line, "a line is KEY=VALUE", text);
    }
    String key = text.substring(0, equals).strip();
    String value = text.substring(equals + 1).strip();
    if (key.equals(EXTERNAL_FACING)) {
      externalFacing = addresses(line, value);
    } else if (key.equals(ROOT_BUSES)) {
      rootBuses = buses(line, value);
    } else if (key.startsWith(UNIT)) {
      unit(line, key.substring(UNIT.length()), value);
    } else if (key.equals("cpus")) {
      checkCpus(line, value);
    } else if (key.equals("swiotlb")) {
      checkRange(line, value);
    } else if (key.equals(ProcessorFacts.MEMORY_ENCRYPTION) || key.equals(ProcessorFacts.X2APIC)) {
      checkTruth(line, key, value);
    }
    values.put(key, value);
  }

  private static Optional<ImmutableSet<PciAddress>> addresses(int line, String value) {
    if (value.equals(UNKNOWN)) {
      return Optional.empty();
    }
    ImmutableSet.Builder<PciAddress> found = ImmutableSet.builder();
    for (String word : Splitter.on(',').trimResults().omitEmptyStrings().split(value)) {
      found.add(
          PciAddress.parse(word)
              .orElseThrow(
                  () -> BadInputException.atLine(NAME, line, "a port is DOMAIN:BUS:DEV.FN", word)));
    }
    return Optional.of(found.build());
  }

  private static ImmutableList<PciAddress> buses(int line, String value) {
    ImmutableList.Builder<PciAddress> found = ImmutableList.builder();
    for (String word : Splitter.on(',').trimResults().omitEmptyStrings().split(value)) {
      found.add(
          PciAddress.parse(word + ":00.0")
              .orElseThrow(
                  () -> BadInputException.atLine(NAME, line, "a root bus is DOMAIN:BUS", word)));
    }
    return found.build();
  }

  private void unit(int line, String base, String value) {
    Matcher matcher = UNIT_VALUE.matcher(value);
    if (!matcher.matches()) {
      throw BadInputException.atLine(
          NAME, line, "a unit is 'version MAJOR:MINOR cap X ecap Y'", value);
    }
    UnitRegisters unit =
        UnitFacts.unit(
            Hex.parse(NAME, line, base),
            matcher.group(1),
            matcher.group(2),
            Hex.parse(NAME, line, matcher.group(3)),
            Hex.parse(NAME, line, matcher.group(4)));
    units.put(unit.basePhys(), unit);
  }

  private static void checkCpus(int line, String value) {
    boolean sane = value.matches("[0-9]{1,4}") && !value.matches("0+");
    if (!sane || Integer.parseInt(value) > CPUS_LIMIT) {
      throw BadInputException.atLine(NAME, line, "cpus is a number from 1 to 8192", value);
    }
  }

  private static void checkTruth(int line, String key, String value) {
    if (!value.equals(ProcessorFacts.YES) && !value.equals(ProcessorFacts.NO)) {
      throw BadInputException.atLine(NAME, line, key + " is yes or no", value);
    }
  }

  private static void checkRange(int line, String value) {
    Matcher matcher = RANGE.matcher(value);
    if (!matcher.matches()) {
      throw BadInputException.atLine(NAME, line, "swiotlb is 0xSTART-0xEND", value);
    }
    AddressRange unused = Hex.range(NAME, line, matcher.group(1), matcher.group(2), "swiotlb");
  }

  /** Returns the root buses in firmware's order, as far as they are named. */
  ImmutableList<PciAddress> rootBuses() {
    return rootBuses;
  }

  /** Returns all lines by their keys. */
  ImmutableMap<String, String> values() {
    return ImmutableMap.copyOf(values);
  }

  /** Returns the units that have a line. */
  ImmutableMap<Long, UnitRegisters> units() {
    return ImmutableMap.copyOf(units);
  }

  /** Returns the external-facing ports, or empty if nobody looked. */
  Optional<ImmutableSet<PciAddress>> externalFacing() {
    return externalFacing;
  }
}
