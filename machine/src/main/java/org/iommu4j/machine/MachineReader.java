package org.iommu4j.machine;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactFile;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.RootBusOrder;

/**
 * Reads the facts of a machine from a tree of files laid out like its {@code /}.
 *
 * <p>Only facts are opened: of what the kernel answered (groups, domains, its log) nothing is ever
 * looked at. A fact that is not there is noted in {@link Machine#missing}; a file that cannot be
 * what it should be ends in a {@link BadInputException}.
 *
 * <p>The methods are safe for use by many threads.
 */
public final class MachineReader {
  private static final String TABLES = "sys/firmware/acpi/tables";

  /** Tables that hold an owner's licence key, which is no business of ours. */
  private static final ImmutableSet<String> LICENCE_TABLES = ImmutableSet.of("MSDM", "SLIC");

  private static final int TABLE_LIMIT_BYTES = 1 << 20;
  private static final int TABLE_KEPT_BYTES = 64 << 10;
  private static final int LINE_LIMIT_BYTES = 64 << 10;
  private static final int CONFIG_LIMIT_BYTES = 4 << 20;
  private static final int PROPERTIES_LIMIT_BYTES = 256 << 10;

  private final FactTree tree;
  private final MachineBuilder builder;

  private MachineReader(FactTree tree) {
    this.tree = tree;
    this.builder = Machine.builder(tree.name());
  }

  /**
   * Reads a machine from a directory, a {@code .tar} or a {@code .tar.gz}.
   *
   * @throws BadInputException if there is no machine in it, or a file of it is bad
   */
  public static Machine read(Path path) {
    return read(FactTree.open(path));
  }

  /**
   * Reads a machine from a tree.
   *
   * @throws BadInputException if a file of it is bad
   */
  public static Machine read(FactTree tree) {
    return tree.reading(() -> new MachineReader(tree).run());
  }

  /**
   * Reads this host. An ordinary user sees less than root; what is unseen is noted.
   *
   * @throws BadInputException if this host's files are not those of Linux
   */
  public static Machine live() {
    return read(FactTree.live());
  }

  private Machine run() {
    readCommandLine();
    readConfig(readRelease());
    readMemory();
    readTables();
    Optional<PropertiesFile> properties =
        tree.read(PropertiesFile.NAME, PROPERTIES_LIMIT_BYTES).text().map(PropertiesFile::parse);
    properties.ifPresent(file -> file.values().forEach(builder::property));
    readUnits(properties);
    readPci(properties);
    if (properties.isEmpty() || !properties.get().values().containsKey("cpus")) {
      readCpus();
    }
    return builder.build();
  }

  private FactFile text(String path) {
    return tree.read(path, FactTree.TEXT_LIMIT_BYTES);
  }

  private void readCommandLine() {
    FactFile file = tree.read("proc/cmdline", LINE_LIMIT_BYTES);
    file.text()
        .ifPresentOrElse(
            line -> builder.commandLine(CommandLine.parse(withoutEnd(file.path(), line))),
            () -> builder.missing(MissingFacts.commandLine(file.absence())));
  }

  // The kernel's strings end with a NUL, and have none inside.
  private static String withoutEnd(String path, String line) {
    int end = line.indexOf('\0');
    if (end < 0) {
      return line;
    }
    if (!CharMatcher.anyOf("\0\n").matchesAllOf(line.substring(end))) {
      throw BadInputException.atOffset(path, end, "a command line is text", "a zero byte");
    }
    return line.substring(0, end);
  }

  private Optional<Release> readRelease() {
    FactFile file = tree.read("proc/version", LINE_LIMIT_BYTES);
    Optional<Release> release = file.text().flatMap(Release::parse);
    release.ifPresentOrElse(
        builder::kernel,
        () ->
            builder.missing(
                MissingFacts.release(file.isPresent() ? "it names no release" : file.absence())));
    return release;
  }

  private void readConfig(Optional<Release> release) {
    FactFile file = tree.read("boot/config", CONFIG_LIMIT_BYTES);
    if (!file.isPresent() && release.isPresent() && isFileName(release.get().text())) {
      file = tree.read("boot/config-" + release.get().text(), CONFIG_LIMIT_BYTES);
    }
    KernelConfig config = KernelConfig.parse(file.text().or(this::builtInConfig).orElse(""));
    if (config.isUnknown()) {
      String why = file.isPresent() ? "it sets no option" : file.absence();
      builder.missing(MissingFacts.config(why));
    }
    builder.config(
        config.isUnknown() ? BuildConfigs.upstream(release.orElse(Release.ASSUMED)) : config);
  }

  private static boolean isFileName(String text) {
    return text.matches("[A-Za-z0-9._+~-]{1,128}");
  }

  private Optional<String> builtInConfig() {
    return text("proc/config.gz").unpacked(CONFIG_LIMIT_BYTES).text();
  }

  private void readMemory() {
    MemoryFacts.read(tree)
        .ifPresentOrElse(
            builder::memory,
            () -> {
              FactFile file = text("proc/iomem");
              String why = file.isPresent() ? "it shows no addresses" : file.absence();
              builder.missing(MissingFacts.memory(why));
            });
  }

  private void readTables() {
    for (String name : tree.list(TABLES)) {
      if (!name.matches("[A-Z0-9_]{4}") || LICENCE_TABLES.contains(name)) {
        continue;
      }
      boolean iommu = IommuFacts.isTable(name);
      int limit = iommu ? TABLE_LIMIT_BYTES : FactTree.TEXT_LIMIT_BYTES;
      FactFile file = tree.read(TABLES + "/" + name, limit);
      file.bytes()
          .filter(bytes -> iommu || bytes.length <= TABLE_KEPT_BYTES)
          .ifPresent(
              bytes ->
                  builder.firmwareTable(
                      new FirmwareTable(name, tree.name() + "/" + file.path(), bytes)));
    }
    IommuFacts.ALL.stream()
        .filter(row -> !builder.firmwareTables.containsKey(row.signature()))
        .forEach(this::noteTable);
  }

  private void noteTable(IommuFacts row) {
    FactFile file = tree.read(TABLES + "/" + row.signature(), TABLE_LIMIT_BYTES);
    boolean othersSeen = tree.list(TABLES).contains("FACP");
    boolean surelyNone = othersSeen && !tree.list(TABLES).contains(row.signature());
    if (!surelyNone) {
      builder.missing(MissingFacts.table(row, file.absence()));
    }
  }

  private void readUnits(Optional<PropertiesFile> properties) {
    properties.ifPresent(file -> file.units().values().forEach(builder::unit));
    if (builder.units.isEmpty()) {
      UnitFacts.read(tree).forEach(builder::unit);
    }
    if (builder.units.isEmpty()
        && builder.firmwareTables.keySet().stream().anyMatch(IommuFacts::isTable)) {
      builder.missing(MissingFacts.units());
    }
  }

  private void readPci(Optional<PropertiesFile> properties) {
    PciFacts facts = new PciFacts(tree);
    facts.missing().forEach(builder::missing);
    PciTopology pci = PciTopology.of(facts.functions());
    ImmutableSet<PciAddress> ports =
        properties.flatMap(PropertiesFile::externalFacing).orElseGet(() -> findExternalPorts(pci));
    ports.stream()
        .filter(port -> pci.device(port).isEmpty())
        .forEach(port -> builder.missing(MissingFacts.unknownPort(port.toString())));
    ImmutableList<PciFunctionFacts> functions = PciFacts.marked(facts.functions(), ports);
    ImmutableList<PciAddress> roots =
        properties.map(PropertiesFile::rootBuses).orElse(ImmutableList.of());
    builder.pci(PciTopology.of(functions, RootBusOrder.of(functions, roots)));
  }

  private ImmutableSet<PciAddress> findExternalPorts(PciTopology pci) {
    ImmutableSet<PciAddress> ports = ExternalPorts.aboveRemovable(tree, pci);
    if (!ports.isEmpty()) {
      builder.missing(MissingFacts.externalFacingEmptyPorts());
    } else if (!ExternalPorts.firmwareNamesNone(tree)) {
      builder.missing(MissingFacts.externalFacing("firmware's marks are not in sysfs"));
    }
    return ports;
  }

  private void readCpus() {
    Optional<String> present =
        tree.read("sys/devices/system/cpu/present", FactTree.SYSFS_LIMIT_BYTES).text();
    Optional<Integer> last =
        present
            .map(String::strip)
            .filter(text -> text.matches("0(-[0-9]{1,4})?"))
            .map(text -> text.length() == 1 ? 0 : Integer.parseInt(text.substring(2)));
    last.ifPresentOrElse(
        number -> builder.property("cpus", Integer.toString(number + 1)),
        () -> builder.missing(MissingFacts.cpus()));
  }
}
