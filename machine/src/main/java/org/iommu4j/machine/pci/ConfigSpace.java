package org.iommu4j.machine.pci;

import com.google.errorprone.annotations.Immutable;
import java.util.Arrays;

/**
 * The configuration space of one PCI function, as read.
 *
 * <p>Immutable. Values are little-endian. A read beyond what was read answers all ones, as hardware
 * does for a register that nobody decodes, so that a short or malicious image ends in a verdict and
 * not in an exception.
 *
 * <p>Source: {@code drivers/pci/access.c}, {@code drivers/pci/pci.c:pci_find_ext_capability}.
 */
@Immutable
@SuppressWarnings("Immutable") // the array is copied on the way in and never handed out
public final class ConfigSpace {
  /** The size of conventional configuration space, in bytes. */
  public static final int CONVENTIONAL_BYTES = 256;

  /** The size of PCI Express configuration space, in bytes. */
  public static final int EXTENDED_BYTES = 4096;

  private static final int STATUS = 0x06;
  private static final int STATUS_CAPABILITY_LIST = 0x10;
  private static final int FIRST_CAPABILITY = 0x40;
  private static final int ENTRY_BYTES = 4;
  private static final int CAPABILITY_LIMIT = 48;
  private static final int EXTENDED_CAPABILITY_LIMIT =
      (EXTENDED_BYTES - CONVENTIONAL_BYTES) / (2 * ENTRY_BYTES);

  private final byte[] bytes;

  private ConfigSpace(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the configuration space that holds these bytes; what lies beyond 4096 is dropped.
   *
   * @param bytes the image from offset 0 on, of any length
   */
  public static ConfigSpace of(byte[] bytes) {
    return new ConfigSpace(Arrays.copyOf(bytes, Math.min(bytes.length, EXTENDED_BYTES)));
  }

  /** Returns how many bytes were read, 0 to 4096. */
  public int sizeBytes() {
    return bytes.length;
  }

  /** Returns a copy of the bytes that were read. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** Returns the byte at this offset as 0 to 255, or 0xff beyond the image. */
  public int readByte(int offset) {
    return offset >= 0 && offset < bytes.length ? bytes[offset] & 0xff : 0xff;
  }

  /** Returns the 16-bit word at this offset as 0 to 65535. */
  public int readWord(int offset) {
    return readByte(offset) | readByte(offset + 1) << 8;
  }

  /** Returns the 32-bit double word at this offset. */
  public int readDword(int offset) {
    return readWord(offset) | readWord(offset + 2) << 16;
  }

  /** Returns this space with a 16-bit word replaced; an offset beyond the image changes nothing. */
  public ConfigSpace withWord(int offset, int value) {
    if (offset < 0 || offset + 1 >= bytes.length) {
      return this;
    }
    byte[] copy = bytes.clone();
    copy[offset] = (byte) value;
    copy[offset + 1] = (byte) (value >> 8);
    return new ConfigSpace(copy);
  }

  /** Returns the header layout, 0 (endpoint), 1 (bridge) or 2 (CardBus), without the top bit. */
  public int headerType() {
    return readByte(0x0e) & 0x7f;
  }

  /** Returns whether the header says that the device has several functions. */
  public boolean headerSaysMultifunction() {
    return (readByte(0x0e) & 0x80) != 0 && bytes.length > 0x0e;
  }

  /**
   * Returns the offset of the first capability with this id, or 0 if there is none.
   *
   * <p>A list that loops is given up after 48 entries, and one that leaves the header ends there.
   *
   * <p>Source: {@code drivers/pci/pci.c:__pci_find_next_cap_ttl}.
   */
  public int findCapability(int id) {
    if (bytes.length < FIRST_CAPABILITY || (readWord(STATUS) & STATUS_CAPABILITY_LIST) == 0) {
      return 0;
    }
    int offset = readByte(headerType() == 2 ? 0x14 : 0x34);
    for (int left = CAPABILITY_LIMIT; left > 0; left--) {
      if (offset < FIRST_CAPABILITY) {
        return 0;
      }
      offset &= ~3;
      int found = readByte(offset);
      if (found == 0xff) {
        return 0;
      }
      if (found == id) {
        return offset;
      }
      offset = readByte(offset + 1);
    }
    return 0;
  }

  /** Returns the offset of the first extended capability with this id, or 0 if there is none. */
  public int findExtendedCapability(int id) {
    return findNextExtendedCapability(0, id);
  }

  /**
   * Returns the offset of the next extended capability with this id after {@code start} (0 for the
   * first), or 0 if there is none.
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_find_next_ext_capability}.
   */
  public int findNextExtendedCapability(int start, int id) {
    if (bytes.length <= CONVENTIONAL_BYTES) {
      return 0;
    }
    int offset = start == 0 ? CONVENTIONAL_BYTES : start;
    int header = readDword(offset);
    if (header == 0) {
      return 0;
    }
    for (int left = EXTENDED_CAPABILITY_LIMIT; left > 0; left--) {
      if ((header & 0xffff) == id && offset != start) {
        return offset;
      }
      offset = header >>> 20 & 0xffc;
      if (offset < CONVENTIONAL_BYTES) {
        return 0;
      }
      header = readDword(offset);
    }
    return 0;
  }
}
