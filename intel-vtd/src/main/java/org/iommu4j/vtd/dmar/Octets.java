package org.iommu4j.vtd.dmar;

import com.google.common.io.BaseEncoding;
import com.google.errorprone.annotations.Immutable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A run of bytes that firmware wrote. Immutable; equal to another with the same bytes.
 *
 * <p>Firmware puts bytes that are no text where text is expected, so nothing here decodes them
 * without being asked to.
 */
@Immutable
@SuppressWarnings("Immutable") // the array is copied on the way in and on the way out
public final class Octets {
  /** No bytes. */
  public static final Octets EMPTY = new Octets(new byte[0]);

  private final byte[] bytes;

  private Octets(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Returns a copy of these bytes. */
  public static Octets of(byte... bytes) {
    return new Octets(bytes.clone());
  }

  /** Returns a copy of a part of these bytes. */
  public static Octets ofRange(byte[] bytes, int from, int to) {
    return new Octets(Arrays.copyOfRange(bytes, from, to));
  }

  /** Returns this many zeros. */
  public static Octets zeros(int count) {
    return new Octets(new byte[count]);
  }

  /**
   * Returns the text's bytes in Latin-1, cut or padded with blanks to this size.
   *
   * <p>Tables hold their makers' names so.
   */
  public static Octets padded(String text, int size) {
    byte[] field = new byte[size];
    Arrays.fill(field, (byte) ' ');
    byte[] from = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(from, 0, field, 0, Math.min(size, from.length));
    return new Octets(field);
  }

  /** Returns the text's bytes in Latin-1, with a zero at the end. */
  public static Octets terminated(String text) {
    return new Octets((text + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Returns how many bytes there are. */
  public int size() {
    return bytes.length;
  }

  /** Returns the byte at this index as 0 to 255. */
  public int get(int index) {
    return bytes[index] & 0xff;
  }

  /** Returns a copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** Returns whether a byte is zero. */
  public boolean hasTerminator() {
    for (byte b : bytes) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns the bytes up to the first zero as text; what is not printable ASCII is escaped. */
  public String untilZero() {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return escape(end);
  }

  /** Returns all bytes as text; what is not printable ASCII is escaped as {@code \xNN}. */
  public String escaped() {
    return escape(bytes.length);
  }

  private String escape(int end) {
    StringBuilder text = new StringBuilder(end);
    for (int i = 0; i < end; i++) {
      int b = get(i);
      if (b >= 0x20 && b < 0x7f) {
        text.append((char) b);
      } else {
        text.append(String.format("\\x%02x", b));
      }
    }
    return text.toString();
  }

  /** Returns the bytes in lower-case hex. */
  public String toHex() {
    return BaseEncoding.base16().lowerCase().encode(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
