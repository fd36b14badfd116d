package org.iommu4j.iommu.input;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
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
