package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.Collection;
import java.util.Comparator;

/**
 * The order in which firmware lists the host bridges, and the kernel so scans the root buses.
 *
 * <p>No file of a running machine tells it: it is the order of the ACPI namespace. Firmware of real
 * machines lists them by number. QEMU lists the expander that was made last first, and expanders
 * are commonly made by number, so that theirs is the reverse order after bus 0.
 *
 * @param first the buses that are known to come first, in their order, as addresses of device 0
 * @param descending whether those after the lowest one come in descending order
 */
@Immutable
public record RootBusOrder(ImmutableList<PciAddress> first, boolean descending) {
  private static final int RED_HAT = 0x1b36;
  private static final int EXPANDER = 0x0009;
  private static final int EXPRESS_EXPANDER = 0x000b;

  /** Returns the order that is assumed where nothing is known but the functions. */
  public static RootBusOrder guessedFrom(Collection<PciFunctionFacts> functions) {
    return of(functions, ImmutableList.of());
  }

  /** Returns the order in which these buses come first, and the rest as is assumed. */
  public static RootBusOrder of(
      Collection<PciFunctionFacts> functions, ImmutableList<PciAddress> first) {
    boolean qemu = functions.stream().anyMatch(RootBusOrder::isExpander);
    return new RootBusOrder(first, qemu);
  }

  private static boolean isExpander(PciFunctionFacts function) {
    int id = function.deviceId();
    return function.vendorId() == RED_HAT && (id == EXPANDER || id == EXPRESS_EXPANDER);
  }

  ImmutableList<PciAddress> sort(Collection<PciAddress> roots) {
    PciAddress lowest = roots.stream().min(Comparator.naturalOrder()).orElse(null);
    Comparator<PciAddress> known =
        Comparator.comparingInt(
            bus -> first.contains(bus) ? first.indexOf(bus) : Integer.MAX_VALUE);
    Comparator<PciAddress> lowestFirst = Comparator.comparing(bus -> !bus.equals(lowest));
    Comparator<PciAddress> byBus =
        descending
            ? Comparator.comparingInt(PciAddress::domain)
                .thenComparing(Comparator.comparingInt(PciAddress::bus).reversed())
            : Comparator.naturalOrder();
    return ImmutableList.sortedCopyOf(known.thenComparing(lowestFirst).thenComparing(byBus), roots);
  }
}
