package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.machine.pci.PciTopology;

/**
 * The facts of one machine: all that a decision may rest on, and nothing that the kernel answered.
 *
 * <p>Immutable. Made with {@link #builder}.
 */
public final class Machine {
  private final String name;
  private final Release kernel;
  private final Release recordedKernel;
  private final CommandLine commandLine;
  private final CommandLine recordedCommandLine;
  private final KernelConfig config;
  private final PciTopology pci;
  private final MemoryMap memory;
  private final ImmutableMap<String, FirmwareTable> firmwareTables;
  private final ImmutableMap<Long, UnitRegisters> units;
  private final ImmutableMap<String, String> properties;
  private final ProcessorFacts processor;
  private final ImmutableList<MissingFact> missing;

  Machine(MachineBuilder builder) {
    this.name = builder.name;
    this.kernel = builder.kernel;
    this.recordedKernel = builder.recordedKernel == null ? builder.kernel : builder.recordedKernel;
    this.commandLine = builder.commandLine;
    this.recordedCommandLine =
        builder.recordedCommandLine == null ? builder.commandLine : builder.recordedCommandLine;
    this.config = builder.configOrAssumed();
    this.pci = builder.pci;
    this.memory = builder.memory;
    this.firmwareTables = ImmutableMap.copyOf(builder.firmwareTables);
    this.units = ImmutableMap.copyOf(builder.units);
    this.properties = ImmutableMap.copyOf(builder.properties);
    this.processor = ProcessorFacts.of(properties);
    this.missing = builder.allMissing();
  }

  /** Returns a builder without any facts. */
  public static MachineBuilder builder(String name) {
    return new MachineBuilder(name);
  }

  /** Returns this machine booted with another command line; all other facts stay. */
  public Machine withCommandLine(CommandLine other) {
    return toBuilder().commandLine(other).build();
  }

  /**
   * Returns this machine booted with another kernel; all other facts stay. A configuration that was
   * assumed is assumed anew.
   */
  public Machine withKernel(Release other) {
    MachineBuilder builder = toBuilder().kernel(other);
    boolean assumed = missing.stream().anyMatch(fact -> fact.is(MissingFact.CONFIG));
    return assumed
        ? builder.config(BuildConfigs.assumedAgain(config, kernel, other)).build()
        : builder.build();
  }

  /** Returns this machine booted with a kernel of another configuration; all other facts stay. */
  public Machine withConfig(KernelConfig other) {
    MachineBuilder builder = toBuilder().config(other);
    builder.missing.removeIf(fact -> fact.is(MissingFact.CONFIG));
    return builder.build();
  }

  /** Returns this machine with one more line of {@code machine.properties}, or another value. */
  public Machine withProperty(String key, String value) {
    return toBuilder().property(key, value).build();
  }

  private MachineBuilder toBuilder() {
    MachineBuilder builder = new MachineBuilder(name);
    builder.kernel(kernel).commandLine(commandLine).config(config).pci(pci).memory(memory);
    builder.recordedKernel = recordedKernel;
    builder.recordedCommandLine = recordedCommandLine;
    firmwareTables.values().forEach(builder::firmwareTable);
    units.values().forEach(builder::unit);
    properties.forEach(builder::property);
    missing.forEach(builder::missing);
    return builder;
  }

  /** Returns where the facts came from, for people: a path, or {@code this host}. */
  public String name() {
    return name;
  }

  /** Returns the release of the kernel to boot. */
  public Release kernel() {
    return kernel;
  }

  /** Returns the release of the kernel that the facts were read under. */
  public Release recordedKernel() {
    return recordedKernel;
  }

  /** Returns the command line to boot with. */
  public CommandLine commandLine() {
    return commandLine;
  }

  /** Returns the command line that the kernel had when the facts were read. */
  public CommandLine recordedCommandLine() {
    return recordedCommandLine;
  }

  /** Returns the kernel's build configuration. */
  public KernelConfig config() {
    return config;
  }

  /** Returns the PCI buses and functions. */
  public PciTopology pci() {
    return pci;
  }

  /** Returns the physical address map. */
  public MemoryMap memory() {
    return memory;
  }

  /** Returns what the processors can do. */
  public ProcessorFacts processor() {
    return processor;
  }

  /** Returns the ACPI table with this four-letter signature, if firmware has one. */
  public Optional<FirmwareTable> firmwareTable(String signature) {
    return Optional.ofNullable(firmwareTables.get(signature));
  }

  /** Returns the ACPI tables by their four-letter signatures. */
  public ImmutableMap<String, FirmwareTable> firmwareTables() {
    return firmwareTables;
  }

  /** Returns what the IOMMU at this physical address answered at boot, if it is known. */
  public Optional<UnitRegisters> unit(long basePhys) {
    return Optional.ofNullable(units.get(basePhys));
  }

  /** Returns what is known of IOMMUs' registers, by physical address. */
  public ImmutableMap<Long, UnitRegisters> units() {
    return units;
  }

  /** Returns a line of {@code machine.properties}, if it is there. */
  public Optional<String> property(String key) {
    return Optional.ofNullable(properties.get(key));
  }

  /** Returns all lines of {@code machine.properties}. */
  public ImmutableMap<String, String> properties() {
    return properties;
  }

  /** Returns the facts that could not be read, each with its effect on the decisions. */
  public ImmutableList<MissingFact> missing() {
    return missing;
  }

  @Override
  public String toString() {
    return name;
  }
}
