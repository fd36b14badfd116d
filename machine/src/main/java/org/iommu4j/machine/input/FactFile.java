package org.iommu4j.machine.input;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One file of a {@link FactTree}, or the reason why it could not be read. Immutable.
 *
 * <p>Text is taken byte by byte (Latin-1), as the kernel takes it: no byte is invalid.
 */
public final class FactFile {
  private final String path;
  private final byte @Nullable [] bytes;
  private final String absence;

  private FactFile(String path, byte @Nullable [] bytes, String absence) {
    this.path = path;
    this.bytes = bytes;
    this.absence = absence;
  }

  /** Returns a file with this content, which becomes the file's own. */
  static FactFile of(String path, byte[] bytes) {
    return new FactFile(path, bytes, "");
  }

  /** Returns a file that is not there. */
  static FactFile absent(String path) {
    return new FactFile(path, null, "there is no such file");
  }

  /** Returns a file that is there and may not be read. */
  static FactFile unreadable(String path, String why) {
    return new FactFile(path, null, why);
  }

  /**
   * Reads a file that the user named.
   *
   * @throws BadInputException if there is none, it cannot be read or is larger than the limit
   */
  public static FactFile read(Path path, int limitBytes) {
    String file = path.toString();
    if (!Files.exists(path) || Files.isDirectory(path)) {
      String found = Files.exists(path) ? "it is a directory" : "there is no such file";
      throw BadInputException.atOffset(file, 0, "an input is a file", found);
    }
    try (InputStream in = Files.newInputStream(path)) {
      return of(file, Limits.readAll(in, limitBytes, file));
    } catch (IOException e) {
      throw BadInputException.of(file, "an input can be read", e);
    }
  }

  /**
   * Returns the file unpacked, if it is packed with gzip, or else as it is.
   *
   * @throws BadInputException if the packed content is broken or unpacks to more than the limit
   */
  public FactFile unpacked(int limitBytes) {
    if (bytes == null || bytes.length < 2 || bytes[0] != 0x1f || bytes[1] != (byte) 0x8b) {
      return this;
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return of(path, Limits.readAll(in, limitBytes, path));
    } catch (IOException e) {
      throw BadInputException.of(path, "a gzip file is whole", e);
    }
  }

  /** Returns the same content at another path, as a link has it. */
  FactFile at(String otherPath) {
    return new FactFile(otherPath, bytes, absence);
  }

  /** Returns the size of the content in bytes, 0 if there is none. */
  int sizeBytes() {
    return bytes == null ? 0 : bytes.length;
  }

  /** Returns the path, relative to the root of the tree. */
  public String path() {
    return path;
  }

  /** Returns whether the content is at hand. */
  public boolean isPresent() {
    return bytes != null;
  }

  /** Returns why there is no content; empty if there is. */
  public String absence() {
    return absence;
  }

  /** Returns a copy of the content, if it is at hand. */
  public Optional<byte[]> bytes() {
    return bytes == null ? Optional.empty() : Optional.of(bytes.clone());
  }

  /** Returns the content as text, if it is at hand. */
  public Optional<String> text() {
    return bytes == null
        ? Optional.empty()
        : Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  @Override
  public String toString() {
    return bytes == null ? path + ": " + absence : path + ": " + bytes.length + " bytes";
  }
}
