package org.iommu4j.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Complaints about how a command was called. */
final class Usage {
  private Usage() {}

  /** Returns the exception for a command that was called wrongly. */
  static ParameterException error(@Nullable CommandSpec spec, String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
