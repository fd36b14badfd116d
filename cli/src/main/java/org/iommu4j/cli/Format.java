package org.iommu4j.cli;

import java.util.Locale;

/** How a result is printed. */
enum Format {
  /** For people. */
  TABLE,
  /** For programs. */
  JSON;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
