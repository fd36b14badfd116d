package org.iommu4j.vtd.dmar;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.vtd.dmar.DmarProblem.Severity;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarStructure.Unknown;

/** Reads the structures of a table, as far as they can be told apart. */
final class DmarDecoder {
  // A hostile table could have a problem in every byte; a reader has seen enough long before.
  private static final int MAX_PROBLEMS = 1000;

  private static final int[] FIXED_BYTES = {
    Drhd.FIXED_BYTES, Rmrr.FIXED_BYTES, Atsr.FIXED_BYTES, Rhsa.FIXED_BYTES, Andd.FIXED_BYTES
  };

  private final DmarTable table;
  private final ImmutableList.Builder<DmarEntry> entries = ImmutableList.builder();
  private final List<DmarProblem> problems = new ArrayList<>();

  DmarDecoder(DmarTable table) {
    this.table = table;
  }

  ImmutableList<DmarEntry> entries() {
    return entries.build();
  }

  ImmutableList<DmarProblem> problems() {
    return ImmutableList.copyOf(problems);
  }

  void run() {
    checkLength();
    long length = table.header().lengthBytes();
    int end = (int) Math.min(length, table.sizeBytes());
    int at = DmarTable.HEADER_BYTES;
    while (at < end) {
      int next = structureAt(at, length);
      if (next < 0) {
        return;
      }
      at = next;
    }
  }

  private void checkLength() {
    long length = table.header().lengthBytes();
    if (length < DmarTable.HEADER_BYTES) {
      add(
          4,
          "table-too-short",
          Severity.ERROR,
          "the length field says " + length + " bytes, a DMAR table has at least 48",
          length == 0
              ? "the table cannot be mapped early: no VT-d"
              : "no structure is read: No DRHD structure found in DMAR table");
    }
    if (length > table.sizeBytes()) {
      add(
          4,
          "table-truncated",
          Severity.WARNING,
          "the length field says " + length + " bytes, here are " + table.sizeBytes(),
          "reads on in memory; bytes that are not here count as zero");
    } else if (length < table.sizeBytes()) {
      add(
          (int) length,
          "bytes-behind-table",
          Severity.NOTE,
          "the length field says " + length + " bytes, here are " + table.sizeBytes(),
          "does not look behind the length");
    }
  }

  /** Reads one structure; returns where the next one starts, or -1 if there is no telling. */
  private int structureAt(int at, long end) {
    int type = table.readWord(at);
    int length = table.readWord(at + 2);
    if (length == 0) {
      add(
          at,
          "structure-zero-length",
          Severity.ERROR,
          end - at < DmarStructure.HEADER_BYTES
              ? (end - at) + " bytes are left over behind the last structure"
              : "structure of type " + type + " has length 0",
          "stops reading here without a word, and later looks for ANDD structures in a loop that"
              + " never gets past this one: the boot hangs");
      return -1;
    }
    if (at + length > end) {
      add(
          at,
          "structure-past-end",
          Severity.ERROR,
          "structure of type " + type + " has " + length + " bytes, the table only " + (end - at),
          "DMAR: [Firmware Bug]: Record passes table end; the whole table is refused");
      return -1;
    }
    entries.add(new DmarEntry(at, length, decode(at, type, length)));
    return at + length;
  }

  private DmarStructure decode(int at, int type, int length) {
    int fixed = type < FIXED_BYTES.length ? FIXED_BYTES[type] : DmarStructure.HEADER_BYTES;
    if (length < fixed) {
      add(
          at,
          "structure-too-short",
          Severity.ERROR,
          "structure of type " + type + " has " + length + " bytes, it needs " + fixed,
          "reads the missing fields from what follows");
      return unknown(at, type, length, "too short");
    }
    return switch (type) {
      case Drhd.TYPE -> drhd(at, length);
      case Rmrr.TYPE -> rmrr(at, length);
      case Atsr.TYPE -> atsr(at, length);
      case Rhsa.TYPE -> rhsa(at, length);
      case Andd.TYPE -> andd(at, length);
      default -> later(at, type, length);
    };
  }

  private Drhd drhd(int at, int length) {
    return new Drhd(
        table.readByte(at + 4),
        table.readByte(at + 5),
        table.readWord(at + 6),
        table.readQword(at + 8),
        scopes(at + Drhd.FIXED_BYTES, at + length));
  }

  private Rmrr rmrr(int at, int length) {
    return new Rmrr(
        table.readWord(at + 4),
        table.readWord(at + 6),
        table.readQword(at + 8),
        table.readQword(at + 16),
        scopes(at + Rmrr.FIXED_BYTES, at + length));
  }

  private Atsr atsr(int at, int length) {
    return new Atsr(
        table.readByte(at + 4),
        table.readByte(at + 5),
        table.readWord(at + 6),
        scopes(at + Atsr.FIXED_BYTES, at + length));
  }

  private DmarStructure rhsa(int at, int length) {
    if (length != Rhsa.FIXED_BYTES) {
      add(
          at,
          "structure-too-long",
          Severity.NOTE,
          "RHSA has " + length + " bytes, it needs 20",
          "does not look at the rest");
    }
    return new Rhsa(table.readDword(at + 4), table.readQword(at + 8), table.readDword(at + 16));
  }

  private Andd andd(int at, int length) {
    return new Andd(
        table.readDword(at + 4) & 0xffffff,
        table.readByte(at + 7),
        table.range(at + Andd.FIXED_BYTES, at + length));
  }

  private Unknown later(int at, int type, int length) {
    String note =
        switch (type) {
          case 5 -> "SoC integrated address translation cache, newer than Linux 5.10";
          case 6 -> "SoC integrated device property, newer than Linux 5.10";
          default -> "unknown";
        };
    add(
        at,
        "structure-unknown",
        Severity.NOTE,
        "type " + type + ": " + note,
        "steps over it without a word");
    return unknown(at, type, length, note);
  }

  private Unknown unknown(int at, int type, int length, String note) {
    return new Unknown(type, table.range(at + DmarStructure.HEADER_BYTES, at + length), note);
  }

  private ImmutableList<DeviceScope> scopes(int from, int to) {
    return new ScopeDecoder(table, this::add).decode(from, to);
  }

  private void add(int offset, String rule, Severity severity, String detail, String verdict) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(new DmarProblem(offset, rule, severity, detail, verdict));
    } else if (problems.size() == MAX_PROBLEMS) {
      String left = "what is wrong from here on is left out";
      problems.add(new DmarProblem(offset, "too-many-problems", Severity.NOTE, left, "reads on"));
    }
  }
}
