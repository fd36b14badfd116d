package org.iommu4j.iommu.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.iommu4j.iommu.pci.PciAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineReaderTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path root;

  private void put(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void aMachineWithoutAnyFactStillIsAMachineThatSaysWhatIsMissing() throws IOException {
    put("machine.properties", "# nothing\n");
    Machine machine = MachineReader.read(root);
    assertTrue(machine.missing().size() >= 6, machine.missing().toString());
    assertEquals(KernelRelease.LINUX_5_10, machine.kernel());
  }

  @Test
  void valuesOfSysfsWinOverTheConfigurationSpaceOfAVirtualFunction() throws IOException {
    String place = "sys/bus/pci/devices/0000:01:10.0/";
    put(place + "config", "\u00ff".repeat(4) + "\0".repeat(252));
    put(place + "vendor", "0x8086\n");
    put(place + "device", "0x10ca\n");
    var device = MachineReader.read(root).pci().device(PciAddress.parse("01:10.0").orElseThrow());
    assertEquals(0x8086, device.orElseThrow().vendorId());
    assertEquals(0x10ca, device.orElseThrow().deviceId());
  }
}
