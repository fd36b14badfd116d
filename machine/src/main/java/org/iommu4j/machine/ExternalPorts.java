package org.iommu4j.machine;

import com.google.common.collect.ImmutableSet;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciTopology;

/**
 * Finds external-facing ports where no {@code machine.properties} names them.
 *
 * <p>Source: {@code drivers/pci/pci-acpi.c:pci_acpi_set_external_facing}; from Linux 5.14 on {@code
 * drivers/pci/probe.c:pci_set_removable} marks what is behind such a port.
 */
final class ExternalPorts {
  private static final String TABLES = "sys/firmware/acpi/tables";
  private static final byte[] PROPERTY = "ExternalFacingPort".getBytes(StandardCharsets.US_ASCII);

  private ExternalPorts() {}

  /** Returns the bridges that are not removable themselves and lead to a removable function. */
  static ImmutableSet<PciAddress> aboveRemovable(FactTree tree, PciTopology pci) {
    ImmutableSet.Builder<PciAddress> ports = ImmutableSet.builder();
    for (PciDevice device : pci.devices()) {
      PciDevice port = device.upstreamBridge();
      if (port != null && isRemovable(tree, device) && !isRemovable(tree, port)) {
        ports.add(port.address());
      }
    }
    return ports.build();
  }

  private static boolean isRemovable(FactTree tree, PciDevice device) {
    String path = PciFacts.DEVICES + "/" + device.address() + "/removable";
    Optional<String> text = tree.read(path, FactTree.SYSFS_LIMIT_BYTES).text();
    return text.isPresent() && text.get().strip().equals("removable");
  }

  /**
   * Returns whether all of firmware's code could be read and none of it names the property that
   * marks such ports.
   */
  static boolean firmwareNamesNone(FactTree tree) {
    boolean sawDsdt = false;
    for (String name : tree.list(TABLES)) {
      if (!name.matches("DSDT|SSDT[0-9]*")) {
        continue;
      }
      Optional<byte[]> table = tree.read(TABLES + "/" + name, FactTree.TEXT_LIMIT_BYTES).bytes();
      if (table.isEmpty() || contains(table.get())) {
        return false;
      }
      sawDsdt |= name.equals("DSDT");
    }
    // Code that firmware loads while it runs lies in here and is not looked through.
    return sawDsdt && tree.list(TABLES + "/dynamic").isEmpty();
  }

  private static boolean contains(byte[] table) {
    String text = new String(table, StandardCharsets.ISO_8859_1);
    return text.contains(new String(PROPERTY, StandardCharsets.ISO_8859_1));
  }
}
