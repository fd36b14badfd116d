package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.iommu4j.machine.Machine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** The options that say which machine is meant: a capture, its parts, or this host. */
final class MachineOptions extends PartOptions {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MACHINE",
      description = "A captured machine; without it this host, or else the bundled example.")
  private @Nullable Path machine;

  /** Returns whether any option says which machine is meant. */
  boolean isGiven() {
    return machine != null || areGiven();
  }

  /** Returns the capture that is meant, if it is one. */
  Optional<Path> capture() {
    return Optional.ofNullable(machine);
  }

  /** Returns the machine that is meant. */
  Machine read(Console console) {
    return read(console, machine);
  }
}
