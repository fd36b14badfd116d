package org.iommu4j.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.base.Pages;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.TableWalk;
import org.iommu4j.iommu.spi.TableWalk.Entry;
import org.iommu4j.iommu.spi.TableWalk.Outcome;
import org.iommu4j.machine.input.MemoryDump;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.report.WalkReports;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say which tables are meant in a dump of memory. */
final class DumpOptions {
  private static final int MAX_LEVELS = 5;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--memory",
      paramLabel = "DUMP",
      description =
          "Walk tables in dumped memory instead: lines of 'ADDRESS: WORD ...' in hexadecimal, as"
              + " QEMU's 'xp /512gx' prints them.")
  private @Nullable Path dump;

  @Option(
      names = "--base",
      paramLabel = "PHYS",
      description = "The dump is an image of memory, and begins at this address.")
  private @Nullable String base;

  @Option(
      names = "--root",
      paramLabel = "PHYS",
      description = "The root table (RTADDR); goes with --device.")
  private @Nullable String root;

  @Option(
      names = "--table",
      paramLabel = "PHYS",
      description = "A second-level table; goes with --levels.")
  private @Nullable String table;

  @Option(
      names = "--levels",
      paramLabel = "N",
      description = "The levels of --table, 1 to 5; default 4.")
  private int levels = 4;

  @Option(
      names = "--cap",
      paramLabel = "HEX",
      description = "The unit's capability register; without it all is supported.")
  private @Nullable String cap;

  @Option(
      names = "--ecap",
      paramLabel = "HEX",
      description = "The unit's extended capability register.")
  private @Nullable String ecap;

  /** Returns whether a dump is meant and no machine. */
  boolean isGiven() {
    boolean given = dump != null;
    if (!given && (base != null || root != null || table != null || cap != null || ecap != null)) {
      throw Usage.error(spec, "--base, --root, --table, --cap and --ecap go with --memory");
    }
    return given;
  }

  /** Returns the dump's name. */
  String name() {
    return String.valueOf(dump);
  }

  /** Walks the tables that the dump holds; what it does not hold is named. */
  TableWalk walk(Optional<PciAddress> device, long iova) {
    if ((root == null) == (table == null)) {
      throw Usage.error(spec, "--memory needs --root PHYS or --table PHYS, and not both");
    }
    if (root != null && device.isEmpty()) {
      throw Usage.error(spec, "--root needs --device: the table has an entry a bus");
    }
    if (levels < 1 || levels > MAX_LEVELS) {
      throw Usage.error(spec, "--levels is 1 to 5, not " + levels);
    }
    long start = root != null ? place("--root", root) : place("--table", String.valueOf(table));
    long capBits = register("--cap", cap, WalkReports.FULL_CAP);
    long ecapBits = register("--ecap", ecap, WalkReports.FULL_ECAP);
    MemoryDump read = read();
    PhysicalMemory memory = read.memory();
    TableWalk walk =
        root == null
            ? WalkReports.fromTable(memory, capBits, ecapBits, start, levels, iova)
            : WalkReports.fromRoot(
                memory, capBits, ecapBits, start, device.orElseThrow().requesterId(), iova);
    return withoutUnknown(walk, read);
  }

  private MemoryDump read() {
    Path path = Objects.requireNonNull(dump);
    return base == null
        ? MemoryDump.readText(path)
        : MemoryDump.readImage(path, place("--base", base));
  }

  private long register(String option, @Nullable String text, long otherwise) {
    return text == null ? otherwise : Numbers.parse(spec, option, text);
  }

  private long place(String option, String text) {
    long phys = Numbers.parse(spec, option, text);
    if (!Pages.isAligned(phys) || phys >>> (PhysicalMemory.ADDRESS_BITS - 1) != 0) {
      throw Usage.error(spec, option + ": " + text + " is no multiple of 4096 below 2^51");
    }
    return phys;
  }

  // Words that nobody dumped read as zeros, which must not pass for entries.
  private static TableWalk withoutUnknown(TableWalk walk, MemoryDump dump) {
    for (int i = 0; i < walk.entries().size(); i++) {
      Entry entry = walk.entries().get(i);
      int bytes = entry.words().size() * Long.BYTES;
      if (!dump.holds(entry.phys(), bytes)) {
        Outcome unknown =
            new Outcome(
                null,
                0,
                null,
                String.format(
                    "unknown: the dump does not hold the %d bytes at 0x%x, %s",
                    bytes, entry.phys(), entry.name()));
        return new TableWalk(walk.entries().subList(0, i), unknown, unknown, walk.notes());
      }
    }
    return walk;
  }
}
