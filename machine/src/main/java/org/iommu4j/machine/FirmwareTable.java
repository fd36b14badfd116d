package org.iommu4j.machine;

import java.util.Arrays;

/**
 * An ACPI table as firmware left it, unjudged. Immutable.
 *
 * <p>Equal to another with the same signature, origin and bytes.
 */
public final class FirmwareTable {
  private final String signature;
  private final String origin;
  private final byte[] bytes;

  /**
   * Makes a table of these bytes, which are copied.
   *
   * @param signature the four letters that the table goes by
   * @param origin the file that it came from, for messages
   */
  public FirmwareTable(String signature, String origin, byte[] bytes) {
    this.signature = signature;
    this.origin = origin;
    this.bytes = bytes.clone();
  }

  /** Returns the four letters that the table goes by. */
  public String signature() {
    return signature;
  }

  /** Returns the file that the table came from, for messages. */
  public String origin() {
    return origin;
  }

  /** Returns a copy of the table's bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FirmwareTable that
        && signature.equals(that.signature)
        && origin.equals(that.origin)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return signature + " of " + bytes.length + " bytes from " + origin;
  }
}
