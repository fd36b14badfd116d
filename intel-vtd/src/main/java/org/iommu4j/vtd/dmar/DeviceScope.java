package org.iommu4j.vtd.dmar;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;

/**
 * One device scope: a kind of device, the bus to start from, and the hops from there to the device.
 *
 * <p>Source: VT-d specification, "Device Scope Structure"; {@code
 * include/acpi/actbl1.h:acpi_dmar_device_scope}.
 *
 * @param type the kind, a byte; see {@link ScopeType}
 * @param flags the third byte: zero in old revisions, flags of newer ones
 * @param reserved the fourth byte
 * @param enumerationId the id of an IOAPIC, a timer or an ACPI namespace device
 * @param startBus the bus that the path starts from
 * @param path the hops from there to the device
 */
@Immutable
public record DeviceScope(
    int type, int flags, int reserved, int enumerationId, int startBus, ImmutableList<Hop> path) {

  /** The bytes before the path. */
  public static final int FIXED_BYTES = 6;

  private static final int MAX_HOPS = (255 - FIXED_BYTES) / 2;

  /** Checks that each value fits its field. */
  public DeviceScope {
    checkByte(type, "type");
    checkByte(flags, "flags");
    checkByte(reserved, "reserved byte");
    checkByte(enumerationId, "enumeration id");
    checkByte(startBus, "start bus");
    checkArgument(path.size() <= MAX_HOPS, "a path has at most %s hops, not %s", MAX_HOPS, path);
  }

  private static void checkByte(int value, String field) {
    checkArgument(
        value >= 0 && value <= 0xff, "scope's %s %s is not within 0 to 255", field, value);
  }

  /**
   * One hop of a path.
   *
   * @param device the device number, a byte (above 31 it matches nothing)
   * @param function the function number, a byte (above 7 it matches nothing)
   */
  @Immutable
  public record Hop(int device, int function) {
    /** Checks that both numbers fit a byte. */
    public Hop {
      checkByte(device, "path device");
      checkByte(function, "path function");
    }

    @Override
    public String toString() {
      return String.format("%02x.%x", device, function);
    }
  }

  /** Returns a scope of this type with this id and path, and all else zero. */
  public static DeviceScope of(ScopeType type, int enumerationId, int startBus, Hop... path) {
    return new DeviceScope(type.code(), 0, 0, enumerationId, startBus, ImmutableList.copyOf(path));
  }

  /** Returns a scope that names a PCI function by a path from a bus. */
  public static DeviceScope endpoint(int startBus, Hop... path) {
    return of(ScopeType.ENDPOINT, 0, startBus, path);
  }

  /** Returns a scope that names a PCI bridge, and what is behind it, by a path from a bus. */
  public static DeviceScope bridge(int startBus, Hop... path) {
    return of(ScopeType.BRIDGE, 0, startBus, path);
  }

  /** Returns how many bytes the scope takes in a table. */
  public int sizeBytes() {
    return FIXED_BYTES + 2 * path.size();
  }

  /** Returns the words for the type. */
  public String typeTitle() {
    return ScopeType.ofCode(type).map(ScopeType::title).orElse("unknown type " + type);
  }

  /** Returns bus and hops as people write them, {@code 00:1c.4/00.0}. */
  public String pathText() {
    StringBuilder text = new StringBuilder(String.format("%02x:", startBus));
    for (int i = 0; i < path.size(); i++) {
      text.append(i == 0 ? "" : "/").append(path.get(i));
    }
    return text.toString();
  }
}
