package org.iommu4j.machine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.base.Release;
import org.iommu4j.machine.input.KernelLog;
import org.jspecify.annotations.Nullable;

/**
 * The facts that a kernel prints while it boots: release, command line, memory map, units'
 * registers. What it decided is passed over.
 *
 * <p>Of several boots in one log the last counts. Not thread-safe while it is filled.
 *
 * <p>Source: {@code init/main.c:start_kernel}, {@code arch/x86/kernel/e820.c}, {@code
 * drivers/iommu/intel/dmar.c:alloc_iommu}, {@code kernel/dma/swiotlb.c:swiotlb_print_info}.
 */
final class BootLog {
  private static final String RANGE = "\\[mem (0x[0-9a-f]{1,16})-(0x[0-9a-f]{1,16})\\]";
  private static final Pattern MAP_LINE =
      Pattern.compile("^(?:BIOS-e820|user|BIOS-88|BIOS-e801): " + RANGE + "(.*)");
  private static final Pattern USER_MAP =
      Pattern.compile("^(?:e820: )?user-defined physical RAM.*");
  private static final Pattern UPDATE =
      Pattern.compile("^e820: update " + RANGE + " (.*?) ==> (.*)");
  private static final Pattern REMOVE = Pattern.compile("^e820: remove " + RANGE + "(.*)");
  private static final Pattern CPUS =
      Pattern.compile("Allowing (\\d{1,4}) (?:CPUs, |present CPUs plus )(\\d{1,4}) hotplug CPUs");
  private static final Pattern BOUNCE_POOL =
      Pattern.compile("^software IO TLB: mapped " + RANGE + ".*");
  private static final String COMMAND_LINE = "Command line: ";
  private static final String KERNEL_COMMAND_LINE = "Kernel command line: ";

  private final String file;
  private final E820 map = new E820();
  private final Map<Long, UnitRegisters> units = new LinkedHashMap<>();
  private final Map<String, String> properties = new LinkedHashMap<>();
  private @Nullable Release release;
  private @Nullable String commandLine;
  private int line;

  private BootLog(String file) {
    this.file = file;
  }

  static BootLog parse(String file, String text) {
    BootLog log = new BootLog(file);
    for (Iterator<String> lines = KernelLog.messages(text).iterator(); lines.hasNext(); ) {
      log.line++;
      log.take(lines.next());
    }
    return log;
  }

  private void take(String message) {
    if (message.startsWith("Linux version ")) {
      startBoot(message);
    } else if (message.startsWith(COMMAND_LINE)) {
      commandLine = message.substring(COMMAND_LINE.length());
    } else if (message.startsWith(KERNEL_COMMAND_LINE) && commandLine == null) {
      commandLine = message.substring(KERNEL_COMMAND_LINE.length());
    } else if (IommuFacts.ALL.stream().anyMatch(row -> message.contains(row.logMark()))) {
      IommuFacts.ALL.forEach(row -> takeUnit(row, message));
    } else if (message.contains("[mem ")) {
      takeMemory(message);
    } else if (USER_MAP.matcher(message).matches()) {
      map.clear();
    } else if (message.contains("Allowing ")) {
      takeCpus(message);
    }
  }

  private void startBoot(String message) {
    release = Release.parse(message).orElse(null);
    commandLine = null;
    map.clear();
    units.clear();
    properties.clear();
  }

  private void takeUnit(IommuFacts row, String message) {
    Matcher unit = row.logLine().matcher(message);
    if (unit.find()) {
      UnitRegisters registers =
          UnitFacts.unit(
              Hex.parse(file, line, unit.group(1)),
              unit.group(2),
              unit.group(3),
              Hex.parse(file, line, unit.group(4)),
              Hex.parse(file, line, unit.group(5)));
      units.put(registers.basePhys(), registers);
    }
  }

  private void takeMemory(String message) {
    Matcher added = MAP_LINE.matcher(message);
    Matcher updated = UPDATE.matcher(message);
    Matcher removed = REMOVE.matcher(message);
    Matcher pool = BOUNCE_POOL.matcher(message);
    if (added.matches()) {
      map.add(range(added, E820.iomemName(added.group(3))));
    } else if (updated.matches()) {
      String from = E820.iomemName(updated.group(3));
      map.update(range(updated, ""), from, E820.iomemName(updated.group(4)));
    } else if (removed.matches()) {
      map.remove(range(removed, ""), E820.iomemName(removed.group(3)));
    } else if (pool.matches()) {
      properties.put("swiotlb", pool.group(1) + "-" + pool.group(2));
    }
  }

  private AddressRange range(Matcher matcher, String name) {
    return Hex.range(file, line, matcher.group(1), matcher.group(2), name);
  }

  private void takeCpus(String message) {
    Matcher cpus = CPUS.matcher(message);
    if (cpus.find()) {
      boolean inAll = message.contains("CPUs, ");
      int present = Integer.parseInt(cpus.group(1));
      int hotplug = Integer.parseInt(cpus.group(2));
      properties.put("cpus", Integer.toString(inAll ? present - hotplug : present));
    }
  }

  Optional<Release> release() {
    return Optional.ofNullable(release);
  }

  Optional<String> commandLine() {
    return Optional.ofNullable(commandLine);
  }

  Optional<MemoryMap> memory() {
    // Logs that people send often lack the lines that tell of it.
    map.trimBiosRange();
    return map.isEmpty() ? Optional.empty() : Optional.of(map.toMemoryMap());
  }

  Map<Long, UnitRegisters> units() {
    return units;
  }

  Map<String, String> properties() {
    return properties;
  }
}
