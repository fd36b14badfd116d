package org.iommu4j.machine.lspci;

import java.util.LinkedHashMap;
import java.util.Map;
import org.iommu4j.machine.pci.ConfigSpace;

/**
 * A configuration space built from what a text says of it; what it does not say is zero. Not
 * thread-safe.
 *
 * <p>Source: PCI Express Base Specification 4.0, 7.5.1 and 7.6.
 */
final class ConfigSketch {
  private static final int HEADER_BYTES = 64;
  private static final int STATUS = 0x06;
  private static final int STATUS_CAPABILITY_LIST = 0x10;
  private static final int HEADER_TYPE = 0x0e;
  private static final int HEADER_TYPE_CARDBUS = 2;
  private static final int CAPABILITIES = 0x34;
  private static final int CAPABILITIES_CARDBUS = 0x14;

  private final byte[] bytes = new byte[ConfigSpace.EXTENDED_BYTES];
  private final Map<Integer, Integer> conventional = new LinkedHashMap<>();
  private final Map<Integer, Integer> extended = new LinkedHashMap<>();

  void putByte(int offset, int value) {
    if (offset < bytes.length) {
      bytes[offset] = (byte) value;
    }
  }

  void putWord(int offset, int value) {
    putByte(offset, value);
    putByte(offset + 1, value >> 8);
  }

  void orWord(int offset, int value) {
    if (offset + 1 < bytes.length) {
      putWord(offset, (bytes[offset] & 0xff) | (bytes[offset + 1] & 0xff) << 8 | value);
    }
  }

  /** Adds a capability after those that are there. */
  void addConventional(int offset, int id) {
    conventional.putIfAbsent(offset & 0xfc, id);
  }

  /** Adds an extended capability after those that are there. */
  void addExtended(int offset, int id) {
    extended.putIfAbsent(offset & 0xffc, id);
  }

  /** Returns the space as far as it is known, with the bytes of a dump laid over its start. */
  ConfigSpace build(byte[] dump) {
    linkConventional();
    linkExtended();
    System.arraycopy(dump, 0, bytes, 0, dump.length);
    byte[] known = new byte[Math.max(dump.length, knownBytes())];
    System.arraycopy(bytes, 0, known, 0, known.length);
    return ConfigSpace.of(known);
  }

  private int knownBytes() {
    if (!extended.isEmpty()) {
      return ConfigSpace.EXTENDED_BYTES;
    }
    return conventional.isEmpty() ? HEADER_BYTES : ConfigSpace.CONVENTIONAL_BYTES;
  }

  private void linkConventional() {
    int link = bytes[HEADER_TYPE] == HEADER_TYPE_CARDBUS ? CAPABILITIES_CARDBUS : CAPABILITIES;
    for (Map.Entry<Integer, Integer> entry : conventional.entrySet()) {
      orWord(STATUS, STATUS_CAPABILITY_LIST);
      putByte(link, entry.getKey());
      putByte(entry.getKey(), entry.getValue());
      link = entry.getKey() + 1;
      putByte(link, 0);
    }
  }

  // The first one lies at 0x100 by definition; lspci leaves an empty one out.
  private void linkExtended() {
    if (!extended.isEmpty()) {
      int at = ConfigSpace.CONVENTIONAL_BYTES;
      putHeader(at, extended.getOrDefault(at, 0), 0);
      for (Map.Entry<Integer, Integer> entry : extended.entrySet()) {
        if (entry.getKey() != ConfigSpace.CONVENTIONAL_BYTES) {
          putByte(at + 2, 1 | (entry.getKey() & 0xf) << 4);
          putByte(at + 3, entry.getKey() >> 4);
          at = entry.getKey();
          putHeader(at, entry.getValue(), 0);
        }
      }
    }
  }

  private void putHeader(int offset, int id, int next) {
    putWord(offset, id);
    putWord(offset + 2, 1 | next << 4);
  }
}
