package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineParts;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of a machine that is put together from its parts, and of its command line. */
class PartOptions {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--lspci",
      paramLabel = "FILE",
      description = "Read PCI from the text of 'lspci -xxxx', '-xxx' or '-vvv'.")
  private @Nullable Path lspci;

  @Option(
      names = "--dmar",
      paramLabel = "FILE",
      description = "Read the DMAR table from a binary file or the text of acpidump.")
  private @Nullable Path dmar;

  @Option(
      names = "--dmesg",
      paramLabel = "FILE",
      description = "Read command line, release, memory map and units from a kernel log.")
  private @Nullable Path dmesg;

  @Mixin private final KernelOptions kernelOptions = new KernelOptions();

  @Option(
      names = "--external",
      paramLabel = "BDF",
      split = ",",
      description = "With parts: ports that firmware marks as leading out of the chassis.")
  private List<String> external = List.of();

  @Option(
      names = "--cmdline",
      paramLabel = "LINE",
      description = "Boot with this kernel command line.")
  private @Nullable String commandLine;

  /** Returns whether any of these options is there. */
  final boolean areGiven() {
    return lspci != null
        || dmar != null
        || dmesg != null
        || kernelOptions.areGiven()
        || commandLine != null
        || !external.isEmpty();
  }

  /**
   * Returns the machine that is meant.
   *
   * @param machine a capture, or null for the parts, or else for this host
   */
  final Machine read(Console console, @Nullable Path machine) {
    Machine booted = kernelOptions.applyTo(readFacts(console, machine), console);
    return Machines.withCommandLine(booted, commandLine);
  }

  private Machine readFacts(Console console, @Nullable Path machine) {
    boolean fromParts = lspci != null || dmar != null || dmesg != null;
    if (machine != null && fromParts) {
      throw Usage.error(spec, "a machine is given as MACHINE or as its parts, not as both");
    }
    if (!fromParts && !external.isEmpty()) {
      throw Usage.error(spec, "--external goes with --lspci");
    }
    if (machine != null) {
      return MachineReader.read(machine);
    }
    return fromParts ? readParts() : Machines.hostOrExample(console);
  }

  private Machine readParts() {
    MachineParts parts = MachineParts.of(nameOfParts());
    if (lspci != null) {
      parts.lspci(lspci);
    }
    if (dmar != null) {
      parts.dmar(dmar);
    }
    if (dmesg != null) {
      parts.dmesg(dmesg);
    }
    if (commandLine != null) {
      parts.commandLine(commandLine);
    }
    if (!external.isEmpty()) {
      parts.externalFacing(external.stream().map(this::port).toList());
    }
    return parts.build();
  }

  private PciAddress port(String text) {
    return Functions.address(spec, text);
  }

  private String nameOfParts() {
    return Stream.of(lspci, dmar, dmesg)
        .filter(Objects::nonNull)
        .map(part -> String.valueOf(part.getFileName()))
        .collect(Collectors.joining(" + "));
  }
}
