package org.iommu4j.conformance;

import java.nio.file.Path;

/** Where the programs lie that ask a real kernel, from the directory in which tests run. */
final class OraclePrograms {
  private static final Path DIRECTORY = Path.of("..", "oracle");

  /** Records transcripts of random scripts. */
  static final Path TRANSCRIPTS = DIRECTORY.resolve("transcripts.py");

  /** Records answers to scripts of VFIO calls. */
  static final Path VFIO_RECORD = DIRECTORY.resolve("vfio").resolve("record.py");

  /** Makes such scripts. */
  static final Path VFIO_SCRIPTS = DIRECTORY.resolve("vfio").resolve("gen.py");

  private OraclePrograms() {}
}
