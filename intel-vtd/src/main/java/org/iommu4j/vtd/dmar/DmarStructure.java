package org.iommu4j.vtd.dmar;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * One remapping structure of a DMAR table. All kinds are immutable and hold every bit that the
 * structure has room for, so that what is read can be written again.
 *
 * <p>Source: VT-d specification, chapter "BIOS Considerations"; {@code include/acpi/actbl1.h}.
 */
@Immutable
public sealed interface DmarStructure {
  /** The type and the length that each structure starts with. */
  int HEADER_BYTES = 4;

  /** Returns the number of the structure's type. */
  int type();

  /** Returns the four letters that the specification has for the type. */
  String title();

  /** Returns the structure's device scopes; none for a type that has none. */
  default ImmutableList<DeviceScope> scopes() {
    return ImmutableList.of();
  }

  /**
   * A remapping hardware unit.
   *
   * @param flags bit 0: all devices of the segment that no other unit names
   * @param size the register set's size, 2<sup>N</sup> pages, in newer revisions; else zero
   * @param segment the PCI segment
   * @param registerBasePhys where the registers are
   * @param scopes the devices under the unit
   */
  @Immutable
  record Drhd(
      int flags, int size, int segment, long registerBasePhys, ImmutableList<DeviceScope> scopes)
      implements DmarStructure {
    /** The number of this type. */
    public static final int TYPE = 0;

    /** The bytes before the scopes. */
    public static final int FIXED_BYTES = 16;

    /** The flag of the unit that has all devices of its segment that no other unit names. */
    public static final int INCLUDE_PCI_ALL = 1;

    /** Checks that each value fits its field. */
    public Drhd {
      checkField(flags, 0xff, "flags");
      checkField(size, 0xff, "size");
      checkField(segment, 0xffff, "segment");
    }

    /** Returns a unit that has only the devices of its scopes. */
    public static Drhd of(long registerBasePhys, DeviceScope... scopes) {
      return new Drhd(0, 0, 0, registerBasePhys, ImmutableList.copyOf(scopes));
    }

    /** Returns the unit of segment 0 that has all devices that no other unit names. */
    public static Drhd includeAll(long registerBasePhys, DeviceScope... scopes) {
      return new Drhd(INCLUDE_PCI_ALL, 0, 0, registerBasePhys, ImmutableList.copyOf(scopes));
    }

    /** Returns whether the unit has all devices of its segment that no other unit names. */
    public boolean includesAll() {
      return (flags & INCLUDE_PCI_ALL) != 0;
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String title() {
      return "DRHD";
    }
  }

  /**
   * A range of memory that firmware lets devices use, and that must stay mapped for them.
   *
   * @param reserved the two bytes before the segment
   * @param segment the PCI segment
   * @param firstPhys the first address
   * @param lastPhys the last address, inclusive
   * @param scopes the devices that use it
   */
  @Immutable
  record Rmrr(
      int reserved, int segment, long firstPhys, long lastPhys, ImmutableList<DeviceScope> scopes)
      implements DmarStructure {
    /** The number of this type. */
    public static final int TYPE = 1;

    /** The bytes before the scopes. */
    public static final int FIXED_BYTES = 24;

    /** Checks that each value fits its field. */
    public Rmrr {
      checkField(reserved, 0xffff, "reserved");
      checkField(segment, 0xffff, "segment");
    }

    /** Returns a range of segment 0. */
    public static Rmrr of(long firstPhys, long lastPhys, DeviceScope... scopes) {
      return new Rmrr(0, 0, firstPhys, lastPhys, ImmutableList.copyOf(scopes));
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String title() {
      return "RMRR";
    }
  }

  /**
   * The root ports behind which devices may cache translations.
   *
   * @param flags bit 0: all root ports of the segment
   * @param reserved the byte before the segment
   * @param segment the PCI segment
   * @param scopes the root ports
   */
  @Immutable
  record Atsr(int flags, int reserved, int segment, ImmutableList<DeviceScope> scopes)
      implements DmarStructure {
    /** The number of this type. */
    public static final int TYPE = 2;

    /** The bytes before the scopes. */
    public static final int FIXED_BYTES = 8;

    /** The flag for all root ports of the segment. */
    public static final int ALL_PORTS = 1;

    /** Checks that each value fits its field. */
    public Atsr {
      checkField(flags, 0xff, "flags");
      checkField(reserved, 0xff, "reserved");
      checkField(segment, 0xffff, "segment");
    }

    /** Returns a structure of segment 0 that names these root ports. */
    public static Atsr of(DeviceScope... scopes) {
      return new Atsr(0, 0, 0, ImmutableList.copyOf(scopes));
    }

    /** Returns whether all root ports of the segment are meant. */
    public boolean allPorts() {
      return (flags & ALL_PORTS) != 0;
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String title() {
      return "ATSR";
    }
  }

  /**
   * The processors' neighbourhood that a remapping unit belongs to.
   *
   * @param reserved the four bytes before the address
   * @param registerBasePhys the unit's registers
   * @param proximityDomain the neighbourhood, as in the SRAT
   */
  @Immutable
  record Rhsa(int reserved, long registerBasePhys, int proximityDomain) implements DmarStructure {
    /** The number of this type. */
    public static final int TYPE = 3;

    /** The bytes of the structure. */
    public static final int FIXED_BYTES = 20;

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String title() {
      return "RHSA";
    }
  }

  /**
   * The name of a device that only the ACPI namespace has.
   *
   * @param reserved the three bytes before the number
   * @param deviceNumber the number that scopes refer to it by
   * @param nameField the name with its zero and what follows it
   */
  @Immutable
  record Andd(int reserved, int deviceNumber, Octets nameField) implements DmarStructure {
    /** The number of this type. */
    public static final int TYPE = 4;

    /** The bytes before the name. */
    public static final int FIXED_BYTES = 8;

    /** Checks that each value fits its field. */
    public Andd {
      checkField(reserved, 0xffffff, "reserved");
      checkField(deviceNumber, 0xff, "device number");
    }

    /** Returns a structure that gives this number to this name. */
    public static Andd of(int deviceNumber, String name) {
      return new Andd(0, deviceNumber, Octets.terminated(name));
    }

    /** Returns the name up to its zero; what is not printable is escaped. */
    public String name() {
      return nameField.untilZero();
    }

    @Override
    public int type() {
      return TYPE;
    }

    @Override
    public String title() {
      return "ANDD";
    }
  }

  /**
   * A structure that Linux 5.10 does not know, or one that is too short for what its type needs.
   *
   * @param type the number of the type
   * @param body the bytes after type and length
   * @param note what it is, for people
   */
  @Immutable
  record Unknown(int type, Octets body, String note) implements DmarStructure {
    /** Checks that the type fits its field. */
    public Unknown {
      checkField(type, 0xffff, "type");
    }

    @Override
    public String title() {
      return switch (type) {
        case Drhd.TYPE -> "DRHD";
        case Rmrr.TYPE -> "RMRR";
        case Atsr.TYPE -> "ATSR";
        case Rhsa.TYPE -> "RHSA";
        case Andd.TYPE -> "ANDD";
        case 5 -> "SATC";
        case 6 -> "SIDP";
        default -> "type " + type;
      };
    }
  }

  private static void checkField(int value, int limit, String field) {
    checkArgument(value >= 0 && value <= limit, "%s %s is not within 0 to %s", field, value, limit);
  }
}
