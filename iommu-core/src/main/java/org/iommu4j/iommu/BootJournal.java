package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.MissingFact;

/**
 * What a boot leaves in writing: lines of the log, decisions, and the facts that were not to be
 * had. Not thread-safe.
 */
final class BootJournal {
  private final List<String> log = new ArrayList<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final Set<MissingFact> missing;

  BootJournal(Collection<MissingFact> missing) {
    this.missing = new LinkedHashSet<>(missing);
  }

  /**
   * Appends a line of the kernel, unless it is one of code that has nothing to do with DMA but is
   * told of it by a parameter of the command line.
   */
  void log(String line) {
    if (LogPrefixes.isCores(line)) {
      log.add(line);
    }
  }

  /**
   * Appends a line of a vendor's driver.
   *
   * @throws IllegalArgumentException if the vendor has handed in no such prefix
   */
  void log(IommuVendor vendor, String line) {
    if (!LogPrefixes.isOf(vendor, line)) {
      throw new IllegalArgumentException(
          vendor.name() + " logs a line that begins with none of its prefixes: " + line);
    }
    log.add(line);
  }

  void decide(Decision decision) {
    decisions.add(decision);
  }

  void missing(MissingFact fact) {
    missing.add(fact);
  }

  ImmutableList<String> log() {
    return ImmutableList.copyOf(log);
  }

  ImmutableList<Decision> decisions() {
    return ImmutableList.copyOf(decisions);
  }

  ImmutableList<MissingFact> missing() {
    return ImmutableList.copyOf(missing);
  }
}
