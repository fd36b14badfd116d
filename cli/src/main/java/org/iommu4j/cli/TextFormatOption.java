package org.iommu4j.cli;

import picocli.CommandLine.Option;

/** The option that says how what is no table is printed. */
final class TextFormatOption {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private TextFormat format = TextFormat.TEXT;

  /** Returns whether JSON is wanted. */
  boolean isJson() {
    return format == TextFormat.JSON;
  }
}
