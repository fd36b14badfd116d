package org.iommu4j.vtd.dmar;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes DMAR tables, good ones and deliberately broken ones.
 *
 * <p>What is not set is as in a small table of revision 1: 39 address bits, no flags. Length and
 * checksum are right unless they are set to be wrong.
 *
 * <p>Not thread-safe.
 */
public final class DmarBuilder {
  private static final int LENGTH = 4;
  private static final int CHECKSUM = 9;

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int revision = 1;
  private Octets oemId = Octets.padded("IOMMU4", 6);
  private Octets oemTableId = Octets.padded("IOMMU4J", 8);
  private int oemRevision = 1;
  private Octets creatorId = Octets.padded("I4J", 4);
  private int creatorRevision = 1;
  private int widthField = 38;
  private int flags;
  private Octets reserved = Octets.zeros(10);
  private @Nullable Long length;
  private @Nullable Integer checksum;

  /** Makes a builder for a table without structures. */
  public DmarBuilder() {}

  /** Returns a builder that holds the fields and the structures of a table. */
  public static DmarBuilder of(DmarTable table) {
    DmarHeader header = table.header();
    DmarBuilder builder = new DmarBuilder();
    builder.revision = header.revision();
    builder.oemId = header.oemId();
    builder.oemTableId = header.oemTableId();
    builder.oemRevision = header.oemRevision();
    builder.creatorId = header.creatorId();
    builder.creatorRevision = header.creatorRevision();
    builder.widthField = header.widthField();
    builder.flags = header.flags();
    builder.reserved = header.reserved();
    table.structures().forEach(builder::add);
    return builder;
  }

  /** Sets the table's revision. */
  @CanIgnoreReturnValue
  public DmarBuilder revision(int revision) {
    this.revision = revision;
    return this;
  }

  /** Sets who made the table, cut or padded to 6 and 8 characters. */
  @CanIgnoreReturnValue
  public DmarBuilder oem(String id, String tableId, int revision) {
    this.oemId = Octets.padded(id, 6);
    this.oemTableId = Octets.padded(tableId, 8);
    this.oemRevision = revision;
    return this;
  }

  /** Sets what tool made the table, cut or padded to 4 characters. */
  @CanIgnoreReturnValue
  public DmarBuilder creator(String id, int revision) {
    this.creatorId = Octets.padded(id, 4);
    this.creatorRevision = revision;
    return this;
  }

  /** Sets how many bits an address of the host has, 1 to 256. */
  @CanIgnoreReturnValue
  public DmarBuilder hostAddressWidth(int bits) {
    checkArgument(bits >= 1 && bits <= 256, "address width %s is not within 1 to 256", bits);
    this.widthField = bits - 1;
    return this;
  }

  /** Sets the flags, see {@link DmarHeader}. */
  @CanIgnoreReturnValue
  public DmarBuilder flags(int flags) {
    this.flags = flags;
    return this;
  }

  /** Adds structures. */
  @CanIgnoreReturnValue
  public DmarBuilder add(DmarStructure... structures) {
    for (DmarStructure structure : structures) {
      body.writeBytes(StructureWriter.write(structure));
    }
    return this;
  }

  /** Adds bytes as they are, for a structure that is wrong on purpose. */
  @CanIgnoreReturnValue
  public DmarBuilder addRaw(int... bytes) {
    for (int b : bytes) {
      body.write(b);
    }
    return this;
  }

  /** Makes the length field say this. */
  @CanIgnoreReturnValue
  public DmarBuilder lengthField(long length) {
    this.length = length;
    return this;
  }

  /** Makes the checksum field say this. */
  @CanIgnoreReturnValue
  public DmarBuilder checksumField(int checksum) {
    this.checksum = checksum;
    return this;
  }

  /** Returns the table's bytes. */
  public byte[] build() {
    ByteWriter out = new ByteWriter();
    out.octets(Octets.of(DmarTable.SIGNATURE.getBytes(StandardCharsets.US_ASCII)));
    out.dword(0).octet(revision).octet(0);
    out.octets(oemId).octets(oemTableId).dword(oemRevision);
    out.octets(creatorId).dword(creatorRevision);
    out.octet(widthField).octet(flags).octets(reserved);
    byte[] head = out.toByteArray();
    byte[] table = new byte[head.length + body.size()];
    System.arraycopy(head, 0, table, 0, head.length);
    System.arraycopy(body.toByteArray(), 0, table, head.length, body.size());
    long said = length == null ? table.length : length;
    for (int i = 0; i < 4; i++) {
      table[LENGTH + i] = (byte) (said >>> (8 * i));
    }
    table[CHECKSUM] = (byte) (checksum == null ? -sum(table, said) : checksum);
    return table;
  }

  private static int sum(byte[] table, long said) {
    int sum = 0;
    for (int i = 0; i < Math.min(table.length, said); i++) {
      sum += table[i];
    }
    return sum;
  }

  /** Returns the table, decoded. */
  public DmarTable toTable() {
    return DmarTable.parse(build(), "built");
  }

  /** Returns a well-formed table of these structures. */
  public static DmarTable tableOf(DmarStructure... structures) {
    return new DmarBuilder().add(structures).toTable();
  }

  /** Returns a well-formed table of these structures. */
  public static DmarTable tableOf(ImmutableList<DmarStructure> structures) {
    return tableOf(structures.toArray(new DmarStructure[0]));
  }
}
