package org.iommu4j.machine.pci;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Arrays;

/** Writes configuration spaces for tests, register by register. */
public final class ConfigSpaces {
  private static final int PCIE = 0x40;
  private static final int SUBSYSTEM = 0xc0;

  private final byte[] bytes = new byte[ConfigSpace.EXTENDED_BYTES];
  private int lastCapability = 0x34 - 1;
  private int lastExtended;
  private int acs;
  private int readableBytes = ConfigSpace.EXTENDED_BYTES;

  private ConfigSpaces(int vendorId, int deviceId) {
    word(0x00, vendorId);
    word(0x02, deviceId);
  }

  /** Starts a conventional endpoint. */
  public static ConfigSpaces of(int vendorId, int deviceId) {
    return new ConfigSpaces(vendorId, deviceId);
  }

  /** Starts an endpoint of a vendor without quirks. */
  public static ConfigSpaces plain() {
    return of(0x1af4, 0x1000);
  }

  /** Writes a 16-bit register. */
  @CanIgnoreReturnValue
  public ConfigSpaces word(int offset, int value) {
    bytes[offset] = (byte) value;
    bytes[offset + 1] = (byte) (value >> 8);
    return this;
  }

  /** Writes a 32-bit register. */
  @CanIgnoreReturnValue
  public ConfigSpaces dword(int offset, int value) {
    return word(offset, value).word(offset + 2, value >>> 16);
  }

  /** Sets base class, subclass and programming interface. */
  @CanIgnoreReturnValue
  public ConfigSpaces classCode(int classCode) {
    return dword(0x08, classCode << 8 | bytes[0x08]);
  }

  /** Sets the revision. */
  @CanIgnoreReturnValue
  public ConfigSpaces revision(int revision) {
    bytes[0x08] = (byte) revision;
    return this;
  }

  /** Sets the bit for several functions. */
  @CanIgnoreReturnValue
  public ConfigSpaces multifunction() {
    bytes[0x0e] |= (byte) 0x80;
    return this;
  }

  /** Makes it a bridge to these buses. */
  @CanIgnoreReturnValue
  public ConfigSpaces bridge(int secondary, int subordinate) {
    bytes[0x0e] |= 1;
    bytes[0x19] = (byte) secondary;
    bytes[0x1a] = (byte) subordinate;
    return classCode(0x060400);
  }

  /** Adds a PCI Express capability. */
  @CanIgnoreReturnValue
  public ConfigSpaces pcie(PcieType type) {
    return pcie(type.code());
  }

  /** Adds a PCI Express capability with this type, which may be reserved. */
  @CanIgnoreReturnValue
  public ConfigSpaces pcie(int typeCode) {
    capability(0x10, PCIE);
    return word(PCIE + 2, typeCode << 4 | 2);
  }

  /** Sets the card's ids, where the header has them. */
  @CanIgnoreReturnValue
  public ConfigSpaces subsystem(int vendorId, int deviceId) {
    int at = 0x2c;
    if ((bytes[0x0e] & 0x7f) == 1) {
      capability(0x0d, SUBSYSTEM);
      at = SUBSYSTEM + 4;
    }
    return word(at, vendorId).word(at + 2, deviceId);
  }

  private void capability(int id, int offset) {
    word(0x06, 0x10);
    bytes[lastCapability + 1] = (byte) offset;
    bytes[offset] = (byte) id;
    lastCapability = offset;
  }

  /** Adds or replaces an ACS capability. */
  @CanIgnoreReturnValue
  public ConfigSpaces acs(int capability, int control) {
    acs = acs == 0 ? extended(0x0d) : acs;
    return word(acs + 4, capability).word(acs + 6, control);
  }

  /** Adds an ACS capability with its registers four bytes apart. */
  @CanIgnoreReturnValue
  public ConfigSpaces wideAcs(int capability, int control) {
    return acs(capability, 0).dword(acs + 8, control);
  }

  /** Adds an ATS capability. */
  @CanIgnoreReturnValue
  public ConfigSpaces ats() {
    extended(0x0f);
    return this;
  }

  /** Adds an SR-IOV capability that is on. */
  @CanIgnoreReturnValue
  public ConfigSpaces virtualFunctions(int count, int offset, int stride) {
    int at = extended(0x10);
    return word(at + 0x08, 1)
        .word(at + 0x10, count)
        .word(at + 0x14, offset)
        .word(at + 0x16, stride);
  }

  private int extended(int id) {
    int offset = lastExtended == 0 ? 0x100 : lastExtended + 0x40;
    if (lastExtended != 0) {
      word(lastExtended + 2, offset << 4 | 1);
    }
    dword(offset, 1 << 16 | id);
    lastExtended = offset;
    return offset;
  }

  /** Hides all but the first 256 bytes. */
  @CanIgnoreReturnValue
  public ConfigSpaces withoutExtendedSpace() {
    readableBytes = 256;
    return this;
  }

  /** Returns the space, as far as it can be read. */
  public ConfigSpace build() {
    return ConfigSpace.of(Arrays.copyOf(bytes, readableBytes));
  }
}
