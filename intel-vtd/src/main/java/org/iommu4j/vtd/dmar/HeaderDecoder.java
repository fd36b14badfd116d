package org.iommu4j.vtd.dmar;

/** Reads the first 48 bytes of a table; bytes that are missing count as zero. */
final class HeaderDecoder {
  private HeaderDecoder() {}

  static DmarHeader decode(DmarTable table) {
    long length = Integer.toUnsignedLong(table.readDword(4));
    return new DmarHeader(
        length,
        table.readByte(8),
        table.readByte(9),
        sum(table, length),
        field(table, 10, 16),
        field(table, 16, 24),
        table.readDword(24),
        field(table, 28, 32),
        table.readDword(32),
        table.readByte(36),
        table.readByte(37),
        field(table, 38, 48));
  }

  private static Octets field(DmarTable table, int from, int to) {
    byte[] field = new byte[to - from];
    for (int i = 0; i < field.length; i++) {
      field[i] = (byte) table.readByte(from + i);
    }
    return Octets.of(field);
  }

  private static int sum(DmarTable table, long length) {
    int sum = 0;
    for (int i = 0; i < Math.min(length, table.sizeBytes()); i++) {
      sum += table.readByte(i);
    }
    return sum & 0xff;
  }
}
