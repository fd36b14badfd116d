package org.iommu4j.iommu.spi;

import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MissingFact;

/**
 * What the core offers a driver in all its phases. Facts, parameters and services are there at all
 * times and for all threads; the rest is for booting, which is one thread's work.
 */
public interface BootContext {
  /** Returns what the kernel that boots does. */
  KernelRules rules();

  /** Returns the machine's facts. */
  Machine machine();

  /** Returns the boot parameters that do not belong to a vendor. */
  KernelParameters parameters();

  /**
   * Appends a line to the kernel's log.
   *
   * @param line the line with its prefix and without its time
   * @throws IllegalArgumentException if it begins neither as the core's lines do nor with one of
   *     the vendor's {@link IommuVendor#logPrefixes}: a recorded log would not be searched for it
   */
  void log(String line);

  /** Notes a decision about the machine as a whole. */
  void decide(Decision decision);

  /** Notes that a fact could not be had, and what was assumed instead. */
  void missing(MissingFact fact);

  /**
   * Ends the boot here: the kernel panics, dies at an assertion or never comes back.
   *
   * @param decision how it ends, and why
   * @return nothing: the call throws what the core catches
   */
  KernelStopped stop(Decision decision);

  /** Returns what the system's parts share. */
  SystemServices services();
}
