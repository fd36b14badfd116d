package org.iommu4j.evidence.answers;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes files as a directory or as an archive, always the same bytes for the same files. */
final class CaptureOutput {
  private CaptureOutput() {}

  static void write(Path out, SortedMap<String, byte[]> files) {
    String name = out.toString();
    try {
      if (name.endsWith(".tar.gz") || name.endsWith(".tgz")) {
        writeArchive(out, files);
      } else {
        writeDirectory(out, files);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the capture " + out, e);
    }
  }

  // A capture that was cut short must not be left under the name that was asked for.
  private static void writeArchive(Path out, SortedMap<String, byte[]> files) throws IOException {
    Path part = out.resolveSibling(out.getFileName() + ".part");
    try {
      try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(part));
          TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(file))) {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        for (Map.Entry<String, byte[]> entry : files.entrySet()) {
          putEntry(tar, entry.getKey(), entry.getValue());
        }
      }
      Files.move(part, out, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void putEntry(TarArchiveOutputStream tar, String path, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path);
    entry.setSize(content.length);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static void writeDirectory(Path out, SortedMap<String, byte[]> files) throws IOException {
    Files.createDirectories(out);
    try (Stream<Path> there = Files.list(out)) {
      if (there.findAny().isPresent()) {
        throw new FileAlreadyExistsException(out.toString(), null, "the directory is not empty");
      }
    }
    for (Map.Entry<String, byte[]> entry : files.entrySet()) {
      Path file = out.resolve(entry.getKey());
      Files.createDirectories(file.getParent());
      Files.write(file, entry.getValue());
    }
  }
}
