package org.iommu4j.machine;

import com.google.common.collect.Maps;
import com.google.common.io.BaseEncoding;
import java.util.stream.Collectors;
import org.iommu4j.machine.pci.PciDevice;

/** All facts of a machine as one text, for tests to compare. */
public final class MachineFacts {
  private MachineFacts() {}

  /** Returns the facts; equal texts are equal facts. */
  public static String of(Machine machine) {
    return String.join(
        "\n",
        machine.kernel().toString(),
        machine.commandLine().toString(),
        machine.config().values().toString(),
        machine.memory().ranges().toString(),
        // The tables' bytes, and not where they came from.
        Maps.transformValues(
                machine.firmwareTables(), table -> BaseEncoding.base16().encode(table.bytes()))
            .toString(),
        machine.units().toString(),
        machine.missing().toString(),
        machine.pci().devices().stream().map(MachineFacts::of).collect(Collectors.joining("\n")));
  }

  private static String of(PciDevice device) {
    return String.format(
        "%s %04x:%04x %06x %s %b %s",
        device,
        device.vendorId(),
        device.deviceId(),
        device.classCode(),
        device.resources(),
        device.externalFacing(),
        BaseEncoding.base16().encode(device.config().toByteArray()));
  }
}
