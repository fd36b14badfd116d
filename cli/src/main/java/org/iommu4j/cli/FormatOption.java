package org.iommu4j.cli;

import picocli.CommandLine.Option;

/** The option that says how a result is printed. */
final class FormatOption {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Format format = Format.TABLE;

  /** Returns whether JSON is wanted. */
  boolean isJson() {
    return format == Format.JSON;
  }
}
