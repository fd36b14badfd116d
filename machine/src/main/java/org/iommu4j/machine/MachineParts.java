package org.iommu4j.machine;

import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactFile;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.lspci.LspciGap;
import org.iommu4j.machine.lspci.LspciListing;
import org.iommu4j.machine.lspci.LspciText;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciTopology;
import org.jspecify.annotations.Nullable;

/**
 * Puts a machine together from the texts that people send: what {@code lspci}, {@code dmesg} and
 * {@code acpidump} print, a command line, a configuration.
 *
 * <p>A part that is given counts more than what the log says of it. What no part tells is noted in
 * {@link Machine#missing}. Not thread-safe.
 */
public final class MachineParts {
  private static final int CONFIG_LIMIT_BYTES = 4 << 20;

  private final String name;
  private @Nullable LspciListing listing;
  private @Nullable FirmwareTable dmar;
  private @Nullable BootLog log;
  private @Nullable CommandLine commandLine;
  private @Nullable KernelConfig config;
  private @Nullable Release release;
  private @Nullable MemoryMap memory;
  private @Nullable ImmutableSet<PciAddress> externalFacing;

  private MachineParts(String name) {
    this.name = name;
  }

  /** Returns no parts yet, of a machine that goes by this name. */
  public static MachineParts of(String name) {
    return new MachineParts(name);
  }

  private static String text(Path path) {
    return FactFile.read(path, FactTree.TEXT_LIMIT_BYTES).text().orElseThrow();
  }

  /**
   * Takes the PCI functions from what {@code lspci} printed, best of all with {@code -xxxx} as
   * root. From {@code -vvv} without a dump a configuration space is built that holds what the text
   * says.
   *
   * @throws BadInputException if the file cannot be read, lists no function or has a broken dump
   */
  @CanIgnoreReturnValue
  public MachineParts lspci(Path path) {
    listing = LspciText.parse(path.toString(), text(path));
    return this;
  }

  /**
   * Takes the DMAR table from its binary or from what {@code acpidump} printed of any tables.
   *
   * @throws BadInputException if the file cannot be read or is neither
   */
  @CanIgnoreReturnValue
  public MachineParts dmar(Path path) {
    dmar =
        AcpiTableText.find(
            IommuFacts.INTEL.signature(), FactFile.read(path, FactTree.TEXT_LIMIT_BYTES));
    return this;
  }

  /**
   * Takes release, command line, memory map and units' registers from a kernel log, with or without
   * times and prefixes.
   *
   * @throws BadInputException if the file cannot be read, is empty or no text, or its numbers
   *     contradict each other
   */
  @CanIgnoreReturnValue
  public MachineParts dmesg(Path path) {
    String text = text(path);
    if (text.isBlank()) {
      throw BadInputException.atLine(path.toString(), 1, "a log has lines", "it is empty");
    }
    int zero = text.indexOf('\0');
    if (zero >= 0) {
      throw BadInputException.atOffset(path.toString(), zero, "a log is text", "a zero byte");
    }
    log = BootLog.parse(path.toString(), text);
    return this;
  }

  /** Takes the command line. */
  @CanIgnoreReturnValue
  public MachineParts commandLine(String text) {
    commandLine = CommandLine.parse(text);
    return this;
  }

  /**
   * Takes the kernel's configuration; it may be packed with gzip, as {@code /proc/config.gz} is.
   *
   * @throws BadInputException if the file cannot be read or sets no option
   */
  @CanIgnoreReturnValue
  public MachineParts config(Path path) {
    FactFile file = FactFile.read(path, CONFIG_LIMIT_BYTES).unpacked(CONFIG_LIMIT_BYTES);
    KernelConfig parsed = KernelConfig.parse(file.text().orElseThrow());
    if (parsed.isUnknown()) {
      throw BadInputException.atOffset(
          path.toString(), 0, "a configuration has lines CONFIG_NAME=VALUE", "it has none");
    }
    config = parsed;
    return this;
  }

  /**
   * Takes the memory map from a copy of {@code /proc/iomem}, read as root.
   *
   * @throws BadInputException if the file cannot be read or a line is no range
   */
  @CanIgnoreReturnValue
  public MachineParts iomem(Path path) {
    memory = MemoryFacts.parseIomem(path.toString(), text(path));
    return this;
  }

  /** Takes the kernel's release. */
  @CanIgnoreReturnValue
  public MachineParts release(Release release) {
    this.release = release;
    return this;
  }

  /** Takes the ports that firmware marks as leading outside of the chassis. */
  @CanIgnoreReturnValue
  public MachineParts externalFacing(Collection<PciAddress> ports) {
    this.externalFacing = ImmutableSet.copyOf(ports);
    return this;
  }

  /** Returns the machine. */
  public Machine build() {
    MachineBuilder builder = Machine.builder(name);
    addKernel(builder);
    addFirmware(builder);
    addPci(builder);
    return builder.build();
  }

  private <T> Optional<T> choose(@Nullable T part, Optional<T> logged) {
    return part == null ? logged : Optional.of(part);
  }

  private void addKernel(MachineBuilder builder) {
    Optional<BootLog> boot = Optional.ofNullable(log);
    choose(release, boot.flatMap(BootLog::release))
        .ifPresentOrElse(
            builder::kernel, () -> builder.missing(MissingFacts.release(why("a release"))));
    choose(commandLine, boot.flatMap(BootLog::commandLine).map(CommandLine::parse))
        .ifPresentOrElse(
            builder::commandLine,
            () -> builder.missing(MissingFacts.commandLine(why("a command line"))));
    choose(memory, boot.flatMap(BootLog::memory))
        .ifPresentOrElse(
            builder::memory, () -> builder.missing(MissingFacts.memory(why("a memory map"))));
    builder.config(config == null ? BuildConfigs.upstream(builder.kernel) : config);
    if (config == null) {
      builder.missing(MissingFacts.config("no configuration was given"));
    }
    boot.ifPresent(found -> found.properties().forEach(builder::property));
    if (!builder.properties.containsKey("cpus")) {
      builder.missing(MissingFacts.cpus());
    }
  }

  private String why(String what) {
    return (log == null ? "neither a log nor " : "neither the log has it nor was ")
        + what
        + " given";
  }

  private void addFirmware(MachineBuilder builder) {
    if (dmar == null) {
      builder.missing(MissingFacts.table(IommuFacts.INTEL, "no table was given"));
    } else {
      builder.firmwareTable(dmar);
    }
    if (log != null) {
      log.units().values().forEach(builder::unit);
    }
    if (dmar != null && builder.units.isEmpty()) {
      builder.missing(MissingFacts.units());
    }
  }

  private void addPci(MachineBuilder builder) {
    if (listing == null) {
      builder.missing(MissingFacts.noFunctions("lspci"));
      return;
    }
    for (LspciGap gap : listing.gaps().keySet()) {
      builder.missing(MissingFacts.listing(gap, listing.gaps().get(gap)));
    }
    ImmutableSet<PciAddress> ports = externalFacing == null ? ImmutableSet.of() : externalFacing;
    if (externalFacing == null) {
      builder.missing(MissingFacts.externalFacing("lspci does not print it"));
    }
    PciTopology pci = PciTopology.of(PciFacts.marked(listing.functions(), ports));
    ports.stream()
        .filter(port -> pci.device(port).isEmpty())
        .forEach(port -> builder.missing(MissingFacts.unknownPort(port.toString())));
    builder.pci(pci);
  }
}
