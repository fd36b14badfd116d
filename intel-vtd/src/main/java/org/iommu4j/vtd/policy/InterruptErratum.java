package org.iommu4j.vtd.policy;

import java.util.HashSet;
import java.util.Set;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.quirks.IdSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks for host bridges that lose interrupts when those are remapped, as the kernel does before it
 * has drivers: function after function from bus 0 on.
 *
 * <p>Source: {@code arch/x86/kernel/early-quirks.c:early_quirks}, {@code intel_remapping_check}.
 */
public final class InterruptErratum {
  private static final IdSet HOST_BRIDGES = IdSet.of("3403 3405 3406");
  private static final int LAST_BAD_REVISION = 0x13;

  // The kernel's table has a class for a mask; these are the bits of it that a class is compared
  // in.
  private static final int CLASS_MASK = 0x0006;

  private final PciTopology pci;
  private final Set<Integer> seen = new HashSet<>();
  private @Nullable String found;

  private InterruptErratum(PciTopology pci) {
    this.pci = pci;
  }

  /** Returns why interrupt remapping must stay off on this machine, or null. */
  public static @Nullable String brokenBecause(PciTopology pci) {
    InterruptErratum scan = new InterruptErratum(pci);
    scan.scanBus(0);
    return scan.found;
  }

  private void scanBus(int bus) {
    if (!seen.add(bus)) {
      return;
    }
    for (int slot = 0; slot < 32; slot++) {
      int function = 0;
      while (function < 8 && scanFunction(new PciAddress(0, bus, slot, function))) {
        function++;
      }
    }
  }

  // Returns whether the slot's next function is looked at: a gap ends a slot.
  private boolean scanFunction(PciAddress address) {
    PciDevice device = pci.device(address).orElse(null);
    ConfigSpace config = device == null ? ConfigSpace.of(new byte[0]) : device.config();
    int subclass = config.readWord(0x0a);
    if (subclass == 0xffff) {
      return false;
    }
    check(address, config, subclass);
    int secondary = config.readByte(0x19);
    if (config.headerType() == 1 && secondary > address.bus()) {
      scanBus(secondary);
    }
    return config.headerSaysMultifunction();
  }

  private void check(PciAddress address, ConfigSpace config, int subclass) {
    int id = config.readWord(2);
    boolean listed = config.readWord(0) == 0x8086 && HOST_BRIDGES.contains(id);
    if (!listed || (subclass & CLASS_MASK) != 0) {
      return;
    }
    int revision = config.readByte(8);
    if (revision <= LAST_BAD_REVISION || (id == 0x3405 && revision == 0x22)) {
      found = String.format("host bridge %s [8086:%04x] is revision %02x", address, id, revision);
    }
  }
}
