package org.iommu4j.cli.render;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The form of {@code pci.ids}. */
final class PciNamesTest {
  private static final String TEXT =
      """
      # a remark
      8086  Intel Corporation
      \t10d3  82574L Gigabit Network Connection
      \t\t103c 1785  NC112i 1-port Ethernet Server Adapter
      zzzz  no number
      10de  NVIDIA Corporation
      C 02  Network controller
      \t00  Ethernet controller
      """;

  @Test
  void vendorsAndDevicesHaveNames() throws IOException {
    PciNames names = PciNames.parse(new BufferedReader(new StringReader(TEXT)));
    assertEquals(
        Optional.of("Intel Corporation 82574L Gigabit Network Connection"),
        names.name(0x8086, 0x10d3));
    assertEquals(Optional.of("NVIDIA Corporation"), names.name(0x10de, 0x1234));
    assertEquals(Optional.empty(), names.name(0x1234, 0x10d3));
    assertEquals(Optional.empty(), PciNames.none().name(0x8086, 0x10d3));
  }
}
