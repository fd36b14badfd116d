package org.iommu4j.machine.input;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What tools put before the lines of a kernel log. */
final class KernelLogTest {
  @Test
  void aLongHostNameIsTakenAway() {
    String host = "a-host-with-a-name.".repeat(4) + "example";
    String line = "Nov 26 10:18:05 " + host + " kernel: [    1.5] DMAR: IOMMU enabled";
    assertEquals(List.of("DMAR: IOMMU enabled"), KernelLog.messages(line).toList());
    assertEquals("Nov 26 10:18:05", KernelLog.entries(line).toList().get(0).time());
  }

  @Test
  void aLineWithoutPrefixIsItself() {
    assertEquals(List.of("DMAR: x", ""), KernelLog.messages("DMAR: x\n\n").toList());
  }
}
