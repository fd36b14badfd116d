package org.iommu4j.vtd.dmar;

import com.google.errorprone.annotations.Immutable;

/**
 * The first 48 bytes of a DMAR table.
 *
 * <p>Source: ACPI specification, "System Description Table Header"; VT-d specification, "DMA
 * Remapping Reporting Structure".
 *
 * @param lengthBytes the table's length as it gives it, unsigned 32 bits
 * @param revision the revision
 * @param checksum the byte that makes all bytes add up to zero
 * @param sum what the bytes of the table do add up to, 0 to 255
 * @param oemId the maker, 6 bytes
 * @param oemTableId the maker's name for the table, 8 bytes
 * @param oemRevision the maker's revision
 * @param creatorId who made the tool that wrote it, 4 bytes
 * @param creatorRevision the tool's revision
 * @param widthField the host address width less one
 * @param flags the flags
 * @param reserved the 10 bytes before the first structure
 */
@Immutable
public record DmarHeader(
    long lengthBytes,
    int revision,
    int checksum,
    int sum,
    Octets oemId,
    Octets oemTableId,
    int oemRevision,
    Octets creatorId,
    int creatorRevision,
    int widthField,
    int flags,
    Octets reserved) {

  /** The flag that interrupts can be remapped. */
  public static final int INTR_REMAP = 1;

  /** The flag by which firmware asks not to use x2APIC. */
  public static final int X2APIC_OPT_OUT = 2;

  /** The flag that no device does DMA outside of reserved memory until the system takes over. */
  public static final int DMA_CTRL_PLATFORM_OPT_IN = 4;

  /** Returns whether all bytes of the table add up to zero. */
  public boolean checksumGood() {
    return sum == 0;
  }

  /** Returns how many bits an address of the host has at most. */
  public int hostAddressWidth() {
    return widthField + 1;
  }

  /** Returns whether interrupts can be remapped. */
  public boolean interruptRemapping() {
    return (flags & INTR_REMAP) != 0;
  }

  /** Returns whether firmware asks not to use x2APIC. */
  public boolean x2apicOptOut() {
    return (flags & X2APIC_OPT_OUT) != 0;
  }

  /** Returns whether the platform opts in to DMA remapping. */
  public boolean platformOptIn() {
    return (flags & DMA_CTRL_PLATFORM_OPT_IN) != 0;
  }
}
