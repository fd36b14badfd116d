package org.iommu4j.cli;

import java.util.Locale;

/** How a command prints what is no table. */
enum TextFormat {
  /** For people. */
  TEXT,
  /** For programs. */
  JSON;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
