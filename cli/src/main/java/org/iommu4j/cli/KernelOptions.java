package org.iommu4j.cli;

import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.machine.Machine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say which kernel decides. */
final class KernelOptions {
  static final String KERNEL =
      "The release that decides: 5.10, 6.1 or 6.12; without it the one that the machine ran, or the"
          + " nearest.";

  static final String CONFIG =
      "What is built into the kernel: a configuration file, or debian-11, debian-12, debian-13 or"
          + " upstream.";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--kernel",
      paramLabel = "RELEASE",
      converter = Kernels.Converter.class,
      description = KERNEL)
  private @Nullable KernelRules kernel;

  @Option(names = "--config", paramLabel = "FILE|NAME", description = CONFIG)
  private @Nullable String config;

  /** Returns whether any of these options is there. */
  boolean areGiven() {
    return kernel != null || config != null;
  }

  /** Returns the machine with the kernel that is meant, and says so where that is not its own. */
  Machine applyTo(Machine machine, Console console) {
    if (kernel == null) {
      ReleaseNotes.print(machine, console);
    }
    return Kernels.withKernel(spec, machine, kernel, config);
  }
}
