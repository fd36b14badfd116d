package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommu4j.base.Release;
import org.iommu4j.machine.pci.PciTopology;
import org.jspecify.annotations.Nullable;

/**
 * Collects the facts of a {@link Machine}.
 *
 * <p>Not thread-safe. What is not set is as on a machine without it: no table, no devices, an empty
 * command line. A configuration that nobody sets is {@link BuildConfigs#debian}, and noted.
 */
public final class MachineBuilder {
  final String name;
  Release kernel = Release.ASSUMED;
  @Nullable Release recordedKernel;
  CommandLine commandLine = CommandLine.parse("");
  @Nullable CommandLine recordedCommandLine;
  private @Nullable KernelConfig config;
  PciTopology pci = PciTopology.of(ImmutableList.of());
  MemoryMap memory = MemoryMap.of(ImmutableList.of());
  final Map<String, FirmwareTable> firmwareTables = new LinkedHashMap<>();
  final Map<Long, UnitRegisters> units = new LinkedHashMap<>();
  final Map<String, String> properties = new LinkedHashMap<>();
  final List<MissingFact> missing = new ArrayList<>();

  MachineBuilder(String name) {
    this.name = name;
  }

  /** Sets the kernel's release. */
  @CanIgnoreReturnValue
  public MachineBuilder kernel(Release kernel) {
    this.kernel = kernel;
    return this;
  }

  /** Sets the command line. */
  @CanIgnoreReturnValue
  public MachineBuilder commandLine(CommandLine commandLine) {
    this.commandLine = commandLine;
    return this;
  }

  /** Sets the kernel's configuration. */
  @CanIgnoreReturnValue
  public MachineBuilder config(KernelConfig config) {
    this.config = config;
    return this;
  }

  /** Sets the PCI topology. */
  @CanIgnoreReturnValue
  public MachineBuilder pci(PciTopology pci) {
    this.pci = pci;
    return this;
  }

  /** Sets the physical address map. */
  @CanIgnoreReturnValue
  public MachineBuilder memory(MemoryMap memory) {
    this.memory = memory;
    return this;
  }

  /** Adds an ACPI table; a later one with the same signature replaces it. */
  @CanIgnoreReturnValue
  public MachineBuilder firmwareTable(FirmwareTable table) {
    firmwareTables.put(table.signature(), table);
    return this;
  }

  /** Adds what an IOMMU's registers held. */
  @CanIgnoreReturnValue
  public MachineBuilder unit(UnitRegisters unit) {
    units.put(unit.basePhys(), unit);
    return this;
  }

  /** Adds a line of {@code machine.properties}. */
  @CanIgnoreReturnValue
  public MachineBuilder property(String key, String value) {
    properties.put(key, value);
    return this;
  }

  /** Notes that a fact could not be had. */
  @CanIgnoreReturnValue
  public MachineBuilder missing(MissingFact fact) {
    missing.add(fact);
    return this;
  }

  KernelConfig configOrAssumed() {
    return config == null ? BuildConfigs.debian(kernel) : config;
  }

  ImmutableList<MissingFact> allMissing() {
    ImmutableList.Builder<MissingFact> all = ImmutableList.<MissingFact>builder().addAll(missing);
    return config == null ? all.add(MissingFacts.noConfigSaid()).build() : all.build();
  }

  /** Returns the machine. */
  public Machine build() {
    return new Machine(this);
  }
}
