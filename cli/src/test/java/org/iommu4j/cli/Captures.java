package org.iommu4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Captures to change and to look at again. */
final class Captures {
  private Captures() {}

  /** Unpacks an archive, and returns the directory. */
  static Path unpack(String archive, Path directory) throws IOException {
    try (InputStream file = Files.newInputStream(Path.of(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path out = directory.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(out);
        } else {
          Files.copy(tar, out);
        }
      }
    }
    return directory;
  }
}
