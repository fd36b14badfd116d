package org.iommu4j.evidence.answers;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.machine.UnitRegisters;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactFile;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.pci.PciDevice;

/**
 * Writes a capture: the facts of a machine and what its kernel answered, as a tree or an archive
 * that {@link MachineReader} and {@link CaptureAnswers} read.
 *
 * <p>Files are written in the order of their names, without times, owners or absolute names, so
 * that two captures of one state are the same bytes. Tables that hold licence keys are left out.
 */
public final class CaptureWriter {
  private static final String LOG = "var/log/dmesg";
  private static final String DEVICES = "sys/bus/pci/devices";
  private static final String GROUPS = "sys/kernel/iommu_groups";
  private static final String UNITS = "sys/class/iommu";

  /** How drivers end the name of the directory that has a unit's registers. */
  private static final String REGISTERS = "-iommu";

  private static final String MEMMAP = "sys/firmware/memmap";
  private static final String TABLES = "sys/firmware/acpi/tables/";
  private static final String PROPERTIES = "machine.properties";
  private static final int SYSFS_LIMIT_BYTES = 64 << 10;

  private static final ImmutableList<String> DEVICE_FILES =
      ImmutableList.of(
          "config",
          "class",
          "vendor",
          "device",
          "resource",
          "dma_mask_bits",
          "consistent_dma_mask_bits",
          "numa_node",
          "removable");

  private static final Pattern BOUNCE_POOL =
      Pattern.compile("software IO TLB: mapped \\[mem (0x[0-9a-f]+)-(0x[0-9a-f]+)\\]");

  private final FactTree tree;
  private final SortedMap<String, byte[]> files = new TreeMap<>();
  private final List<MissingFact> unread = new ArrayList<>();

  private CaptureWriter(FactTree tree) {
    this.tree = tree;
  }

  /**
   * Captures a tree, such as {@link FactTree#live}.
   *
   * @param out the capture: an archive if the name ends in {@code .tar.gz} or {@code .tgz}, and
   *     otherwise a directory, which must be new or empty
   * @return what could not be read, and why
   * @throws BadInputException if a file of the tree is bad
   * @throws UncheckedIOException if the capture cannot be written
   */
  public static ImmutableList<MissingFact> write(Path out, FactTree tree) {
    return write(out, tree, Optional.empty());
  }

  /**
   * Captures a tree with a kernel log that the caller has from elsewhere, such as {@code dmesg}.
   *
   * @param out the capture, as above
   * @param log the text of the kernel's log, which replaces the tree's own
   * @return what could not be read, and why
   * @throws BadInputException if a file of the tree is bad
   * @throws UncheckedIOException if the capture cannot be written
   */
  public static ImmutableList<MissingFact> write(Path out, FactTree tree, Optional<String> log) {
    CaptureWriter writer = new CaptureWriter(tree);
    writer.collect(log);
    CaptureOutput.write(out, writer.files);
    return ImmutableList.copyOf(writer.unread);
  }

  private void collect(Optional<String> log) {
    Machine machine = MachineReader.read(tree);
    unread.addAll(machine.missing());
    for (String path : ImmutableList.of("proc/cmdline", "proc/version", "proc/iomem")) {
      copy(path, FactTree.TEXT_LIMIT_BYTES);
    }
    collectConfig(machine);
    machine
        .firmwareTables()
        .values()
        .forEach(table -> files.put(TABLES + table.signature(), table.bytes()));
    for (String device : tree.list(DEVICES)) {
      DEVICE_FILES.forEach(file -> copy(DEVICES + "/" + device + "/" + file, SYSFS_LIMIT_BYTES));
    }
    for (PciDevice device : machine.pci().devices()) {
      if (device.driver().isKnown()) {
        String line = device.driver().name().map(name -> name + "\n").orElse("");
        files.put(DEVICES + "/" + device + "/driver", bytes(line));
      }
    }
    for (String range : tree.list(MEMMAP)) {
      copyAll(MEMMAP + "/" + range, ImmutableSet.of("start", "end", "type"));
    }
    collectAnswers(log);
    if (!copy(PROPERTIES, SYSFS_LIMIT_BYTES)) {
      files.put(PROPERTIES, bytes(properties(machine)));
    }
  }

  // All options that are set: which of them matter differs between releases.
  private void collectConfig(Machine machine) {
    if (machine.missing().stream().noneMatch(missing -> missing.is(MissingFact.CONFIG))) {
      String lines =
          machine.config().values().entrySet().stream()
              .map(option -> option.getKey() + "=" + option.getValue() + "\n")
              .collect(Collectors.joining());
      files.put("boot/config", bytes(lines));
    }
  }

  private void collectAnswers(Optional<String> log) {
    for (String group : tree.list(GROUPS)) {
      copyAll(GROUPS + "/" + group, ImmutableSet.of("type", "reserved_regions"));
      markAll(GROUPS + "/" + group + "/devices");
    }
    for (String unit : tree.list(UNITS)) {
      for (String name : tree.list(UNITS + "/" + unit)) {
        if (name.endsWith(REGISTERS)) {
          copyAll(UNITS + "/" + unit + "/" + name, tree.list(UNITS + "/" + unit + "/" + name));
        }
      }
      markAll(UNITS + "/" + unit + "/devices");
    }
    copy("lockstep/ops", FactTree.TEXT_LIMIT_BYTES);
    copy("lockstep/transcript", FactTree.TEXT_LIMIT_BYTES);
    if (log.isPresent()) {
      files.put(LOG, bytes(log.get()));
    } else if (!copy(LOG, FactTree.TEXT_LIMIT_BYTES)) {
      String why = tree.read(LOG, FactTree.TEXT_LIMIT_BYTES).absence();
      unread.add(new MissingFact(LOG, why + "; the kernel's own words cannot be compared"));
    }
  }

  private boolean copy(String path, int limitBytes) {
    FactFile file = tree.read(path, limitBytes);
    file.bytes().ifPresent(content -> files.put(path, content));
    return file.isPresent();
  }

  private void copyAll(String directory, Iterable<String> names) {
    for (String name : names) {
      copy(directory + "/" + name, SYSFS_LIMIT_BYTES);
    }
  }

  /** Keeps the names of links to devices, whose targets are elsewhere. */
  private void markAll(String directory) {
    tree.list(directory).forEach(name -> files.put(directory + "/" + name, new byte[0]));
  }

  private String properties(Machine machine) {
    StringBuilder text = new StringBuilder("# what /proc and /sys cannot tell\n");
    boolean guessed =
        machine.missing().stream().anyMatch(missing -> missing.is(MissingFact.EXTERNAL_FACING));
    String ports =
        machine.pci().devices().stream()
            .filter(PciDevice::externalFacing)
            .map(PciDevice::toString)
            .collect(Collectors.joining(","));
    text.append("external_facing=").append(guessed ? "unknown" : ports).append('\n');
    machine.property("cpus").ifPresent(cpus -> text.append("cpus=").append(cpus).append('\n'));
    byte[] log = files.getOrDefault(LOG, new byte[0]);
    Matcher pool = BOUNCE_POOL.matcher(new String(log, StandardCharsets.ISO_8859_1));
    if (pool.find()) {
      text.append("swiotlb=").append(pool.group(1)).append('-').append(pool.group(2)).append('\n');
    }
    machine.units().values().forEach(unit -> text.append(unitLine(unit)));
    return text.toString();
  }

  private static String unitLine(UnitRegisters unit) {
    return String.format(
        "unit.0x%x=version %d:%d cap 0x%x ecap 0x%x\n",
        unit.basePhys(),
        unit.values().getOrDefault("version_major", 0L),
        unit.values().getOrDefault("version_minor", 0L),
        unit.values().getOrDefault("cap", 0L),
        unit.values().getOrDefault("ecap", 0L));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
