package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A PCI bus: a root bus, the bus behind a bridge, or a virtual bus that only virtual functions are
 * on.
 *
 * <p>Immutable once its {@link PciTopology} is built.
 *
 * <p>Source: {@code include/linux/pci.h:struct pci_bus}.
 */
public final class PciBus {
  private final int domain;
  private final int number;
  private final int lastNumber;
  private final @Nullable PciBus parent;
  private final @Nullable PciDevice self;
  private final List<PciDevice> devices = new ArrayList<>();

  PciBus(
      int domain, int number, int lastNumber, @Nullable PciBus parent, @Nullable PciDevice self) {
    this.domain = domain;
    this.number = number;
    this.lastNumber = lastNumber;
    this.parent = parent;
    this.self = self;
  }

  void add(PciDevice device) {
    devices.add(device);
  }

  /** Returns the PCI domain (segment). */
  public int domain() {
    return domain;
  }

  /** Returns the bus number. */
  public int number() {
    return number;
  }

  /** Returns the highest bus number below this bus (the bridge's subordinate number), inclusive. */
  public int lastNumber() {
    return lastNumber;
  }

  /** Returns the bus that the bridge to this bus is on, or null for a root bus. */
  public @Nullable PciBus parent() {
    return parent;
  }

  /** Returns the bridge that leads to this bus, or null for a root bus and for a virtual bus. */
  public @Nullable PciDevice self() {
    return self;
  }

  /** Returns whether no PCI bridge leads here. */
  public boolean isRoot() {
    return parent == null;
  }

  /** Returns the functions on this bus, in the order in which the kernel finds them. */
  public ImmutableList<PciDevice> devices() {
    return ImmutableList.copyOf(devices);
  }

  @Override
  public String toString() {
    return String.format("%04x:%02x", domain, number);
  }
}
