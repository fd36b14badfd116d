package org.iommu4j.evidence.answers;

import static org.iommu4j.machine.input.TestTrees.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.SampleMachine;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.input.TestTrees;
import org.iommu4j.machine.lspci.LspciText;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriverFactsTest {
  private static final String DRIVER = SampleMachine.DEVICES + "0000:01:00.0/driver";

  private static String drivers(FactTree tree) {
    return MachineReader.read(tree).pci().devices().stream()
        .map(PciDevice::driver)
        .map(DriverBinding::toString)
        .collect(Collectors.joining(" "));
  }

  private static FactTree withDriver(String text) {
    Map<String, byte[]> files = SampleMachine.files();
    files.put(DRIVER, bytes(text));
    return TestTrees.inMemory(files);
  }

  @Test
  void withoutAWordNothingIsKnown() {
    assertEquals("unknown unknown", drivers(TestTrees.inMemory(SampleMachine.files())));
  }

  @Test
  void whoNamesOneDriverNamesAll() {
    assertEquals("none igb", drivers(withDriver("igb\n")));
  }

  @Test
  void anEmptyFileSaysThatThereIsNone() {
    assertEquals("none none", drivers(withDriver("")));
  }

  @Test
  void aLinkIsNamedByItsTargetWhichNeedNotBeThere() {
    FactTree tree = TestTrees.unpack(TestTrees.tarOfLink("a/driver", "../../../bus/vfio-pci"));
    assertEquals(Optional.of("vfio-pci"), tree.linkName("a/driver"));
    assertEquals(Optional.empty(), tree.linkName("a/other"));
    assertEquals(Optional.empty(), TestTrees.inMemory(Map.of("a", bytes("b"))).linkName("a"));
  }

  @Test
  void aCaptureTakesDriversAlong(@TempDir Path directory) {
    Path capture = directory.resolve("capture");
    CaptureWriter.write(capture, withDriver("igb\n"));
    assertEquals("none igb", drivers(FactTree.open(capture)));
  }

  @Test
  void aListingSaysWhichDriverIsInUse() {
    String text =
        """
        00:1f.2 SATA controller [0106]: Intel Corporation [8086:2922]
        \tKernel driver in use: ahci
        \tKernel modules: ahci
        00:1f.3 SMBus [0c05]: Intel Corporation [8086:2930]
        \tKernel modules: i2c_i801
        """;
    assertEquals(
        "ahci none",
        LspciText.parse("text", text).functions().stream()
            .map(PciFunctionFacts::driver)
            .map(DriverBinding::toString)
            .collect(Collectors.joining(" ")));
  }
}
