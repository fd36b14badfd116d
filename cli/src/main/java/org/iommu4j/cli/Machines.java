package org.iommu4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.iommu4j.iommu.machine.KernelRelease;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.machine.MachineReader;

/** Where machines come from when nothing says so. */
final class Machines {
  private static final String EXAMPLE = "laptop-thunderbolt.tar.gz";

  private Machines() {}

  /** Returns this host, or the bundled example if no PCI function of this host can be seen. */
  static Machine hostOrExample(Console console) {
    Machine host = MachineReader.live();
    if (!host.pci().devices().isEmpty()) {
      return host;
    }
    console.note("no PCI function of this host can be seen; this is the bundled example");
    return example();
  }

  private static Machine example() {
    try (InputStream in = Objects.requireNonNull(Machines.class.getResourceAsStream(EXAMPLE))) {
      Path directory = Files.createTempDirectory("iommu4j");
      Path file = directory.resolve(EXAMPLE);
      try {
        Files.copy(in, file);
        return MachineReader.read(file);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says so if the machine ran another release than the one that decides here. */
  static void noteRelease(Machine machine, Console console) {
    if (!machine.kernel().isSameSeries(KernelRelease.LINUX_5_10)) {
      console.note(
          machine.name()
              + " ran Linux "
              + machine.kernel()
              + "; what follows is what Linux "
              + KernelRelease.LINUX_5_10
              + " decides");
    }
  }
}
