package org.iommu4j.machine;

import com.google.errorprone.annotations.Immutable;

/**
 * A fact that could not be had, and what that does to the decisions.
 *
 * @param fact what is missing, such as {@code boot/config}
 * @param effect what is assumed instead and which decisions rest on it
 */
@Immutable
public record MissingFact(String fact, String effect) {
  /** The fact that is missing where the physical address map is unknown. */
  public static final String MEMORY_MAP = "proc/iomem";

  @Override
  public String toString() {
    return fact + ": " + effect;
  }
}
