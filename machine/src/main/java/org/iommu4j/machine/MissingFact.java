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
  /** The fact that is missing where the kernel's configuration is unknown. */
  public static final String CONFIG = "boot/config";

  /** The fact that is missing where nobody says which ports lead out of the chassis. */
  public static final String EXTERNAL_FACING = "external_facing";

  /** The fact that is missing where the physical address map is unknown. */
  public static final String MEMORY_MAP = "proc/iomem";

  /** Returns whether this is the fact of that name. */
  public boolean is(String name) {
    return fact.equals(name);
  }

  @Override
  public String toString() {
    return fact + ": " + effect;
  }
}
