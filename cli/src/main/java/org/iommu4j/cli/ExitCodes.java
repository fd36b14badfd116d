package org.iommu4j.cli;

/** What the process's exit code says. */
final class ExitCodes {
  /** All went well. */
  static final int OK = 0;

  /** A prediction differs from what was recorded. */
  static final int DIFFERENT = 1;

  /** No, the device cannot be handed out. */
  static final int NOT_POSSIBLE = 1;

  /** The command line or a file is bad. */
  static final int BAD_INPUT = 2;

  /** The program is at fault; {@code EX_SOFTWARE} of {@code sysexits.h}. */
  static final int INTERNAL_ERROR = 70;

  private ExitCodes() {}
}
