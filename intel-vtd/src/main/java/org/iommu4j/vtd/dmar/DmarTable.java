package org.iommu4j.vtd.dmar;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.input.BadInputException;

/**
 * A DMAR table: the bytes, what they say, and what is wrong with their form.
 *
 * <p>Any bytes that start as a DMAR table does are decoded as far as they go; what is broken is a
 * {@link DmarProblem} and never an exception. What the fields <em>mean</em> is checked elsewhere,
 * see {@link DmarChecks}.
 *
 * <p>Immutable; equal to another with the same bytes.
 *
 * <p>Source: VT-d specification, chapter "BIOS Considerations"; {@code include/acpi/actbl1.h}.
 */
@Immutable
@SuppressWarnings("Immutable") // the array is copied on the way in and on the way out
public final class DmarTable {
  /** The signature that the table starts with. */
  public static final String SIGNATURE = "DMAR";

  /** The bytes that every ACPI table starts with. */
  public static final int ACPI_HEADER_BYTES = 36;

  /** The bytes before the first structure. */
  public static final int HEADER_BYTES = 48;

  /** The size above which no decoding is tried; the largest table known has some 2000 bytes. */
  public static final int MAX_BYTES = 1 << 20;

  private final byte[] bytes;
  private final String origin;
  private final DmarHeader header;
  private final ImmutableList<DmarEntry> entries;
  private final ImmutableList<DmarProblem> problems;

  private DmarTable(byte[] bytes, String origin) {
    this.bytes = bytes;
    this.origin = origin;
    this.header = HeaderDecoder.decode(this);
    DmarDecoder decoder = new DmarDecoder(this);
    decoder.run();
    this.entries = decoder.entries();
    this.problems = decoder.problems();
  }

  /**
   * Decodes a table.
   *
   * @param bytes the table, which is copied
   * @param origin the file that it came from, for messages
   * @throws BadInputException for fewer than 36 bytes, more than 1 MiB, or another signature
   */
  public static DmarTable parse(byte[] bytes, String origin) {
    if (bytes.length < ACPI_HEADER_BYTES) {
      throw BadInputException.atOffset(
          origin,
          bytes.length,
          "an ACPI table has a header of 36 bytes",
          "the file has " + bytes.length);
    }
    if (bytes.length > MAX_BYTES) {
      throw BadInputException.atOffset(
          origin, MAX_BYTES, "a DMAR table has at most 1 MiB", "the file has " + bytes.length);
    }
    Octets signature = Octets.ofRange(bytes, 0, 4);
    if (!signature.equals(Octets.of(SIGNATURE.getBytes(StandardCharsets.US_ASCII)))) {
      throw BadInputException.atOffset(
          origin, 0, "a DMAR table starts with \"DMAR\"", "here is \"" + signature.escaped() + '"');
    }
    return new DmarTable(bytes.clone(), origin);
  }

  /**
   * Decodes a machine's table.
   *
   * @throws BadInputException as {@link #parse(byte[], String)} does
   */
  public static DmarTable parse(FirmwareTable table) {
    return parse(table.bytes(), table.origin());
  }

  /** Returns the file that the table came from. */
  public String origin() {
    return origin;
  }

  /** Returns the fields before the structures. */
  public DmarHeader header() {
    return header;
  }

  /** Returns the structures with their places, in the order of the table. */
  public ImmutableList<DmarEntry> entries() {
    return entries;
  }

  /** Returns the structures in the order of the table. */
  public ImmutableList<DmarStructure> structures() {
    return entries.stream().map(DmarEntry::structure).collect(ImmutableList.toImmutableList());
  }

  /** Returns what is wrong with the form of the table, by offset. */
  public ImmutableList<DmarProblem> problems() {
    return problems;
  }

  /** Returns how many bytes there are, which need not be what the table says. */
  public int sizeBytes() {
    return bytes.length;
  }

  /** Returns a copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /**
   * Returns the byte at this offset as 0 to 255, and 0 beyond the bytes that there are.
   *
   * <p>The kernel reads whatever memory holds there; zero is what a table's page most often holds.
   */
  public int readByte(int offset) {
    return offset >= 0 && offset < bytes.length ? bytes[offset] & 0xff : 0;
  }

  /** Returns the 16-bit word at this offset as 0 to 65535. */
  public int readWord(int offset) {
    return readByte(offset) | readByte(offset + 1) << 8;
  }

  /** Returns the 32-bit double word at this offset. */
  public int readDword(int offset) {
    return readWord(offset) | readWord(offset + 2) << 16;
  }

  /** Returns the 64-bit quad word at this offset. */
  public long readQword(int offset) {
    return Integer.toUnsignedLong(readDword(offset)) | (long) readDword(offset + 4) << 32;
  }

  /** Returns a copy of a part of the bytes, cut where they end. */
  Octets range(int from, int to) {
    int last = Math.min(to, bytes.length);
    return from >= last ? Octets.EMPTY : Octets.ofRange(bytes, from, last);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DmarTable that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "DMAR of " + bytes.length + " bytes from " + origin;
  }
}
