package org.iommu4j.machine.pci;

import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The driver that a function was bound to when the facts were read.
 *
 * <p>Immutable. Source: {@code /sys/bus/pci/devices/BDF/driver}.
 */
@Immutable
public final class DriverBinding {
  /** Nobody said whether there is a driver. */
  public static final DriverBinding UNKNOWN = new DriverBinding(false, null);

  /** There is no driver. */
  public static final DriverBinding NONE = new DriverBinding(true, null);

  private final boolean known;
  private final @Nullable String name;

  private DriverBinding(boolean known, @Nullable String name) {
    this.known = known;
    this.name = name;
  }

  /** Returns the binding to the driver of this name, {@code e1000e}. */
  public static DriverBinding to(String name) {
    return new DriverBinding(true, name);
  }

  /** Returns whether it is known if there is a driver. */
  public boolean isKnown() {
    return known;
  }

  /** Returns the driver's name; empty if there is none or it is not known. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** Returns the binding if it is known, or else this other one. */
  public DriverBinding orElse(DriverBinding other) {
    return known ? this : other;
  }

  @Override
  public String toString() {
    return name != null ? name : known ? "none" : "unknown";
  }
}
