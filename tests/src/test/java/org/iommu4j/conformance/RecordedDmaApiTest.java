package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.iommu4j.iommu.input.FactTree;
import org.iommu4j.iommu.machine.MachineReader;
import org.iommu4j.iommu.pci.PciAddress;
import org.iommu4j.iommu.replay.Transcript;
import org.iommu4j.iommu.replay.TranscriptCommand;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pools, allocated pages, tables and limits as a real kernel answered them, for a device that is
 * remapped, one that bounces, and one that is mapped directly.
 */
final class RecordedDmaApiTest {
  private static final String HASH = ", [0-9a-f]{16}";

  private static Path capture(String name) throws URISyntaxException {
    String resource = "/lockstep/5.10-api/" + name + ".tar.gz";
    return Path.of(Objects.requireNonNull(RecordedDmaApiTest.class.getResource(resource)).toURI());
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict", "bounce", "direct"})
  void everyAnswerIsExact(String name) throws URISyntaxException {
    List<TranscriptCommand> commands = Transcript.ofCapture(capture(name)).commands();
    String address = commands.get(0).text().substring("dev ".length());
    DmaApiScript script =
        new DmaApiScript(
            MachineReader.read(capture(name)), PciAddress.parse(address).orElseThrow());
    for (TranscriptCommand command : commands.subList(1, commands.size())) {
      String text = command.text();
      List<String> recorded = command.recorded();
      if (text.equals("pinfo")) {
        List<String> lines = script.info().stream().map(line -> "  " + line).toList();
        assertEquals(recorded.subList(1, recorded.size()), lines, command::toString);
      } else if (!text.equals("dump")) {
        String expected = recorded.get(0).substring(text.length() + " -> ".length());
        String answer = script.answer(text, recorded.get(0));
        assertEquals(withoutPhys(expected), withoutPhys(answer), command::toString);
      }
    }
    assertEquals(poolLines(name), script.log().stream().map(RecordedDmaApiTest::hashed).toList());
  }

  // Where memory lies is the kernel's own business.
  private static String withoutPhys(String answer) {
    return answer.replaceAll(" ?phys=0x[0-9a-f]+", "");
  }

  private static List<String> poolLines(String name) throws URISyntaxException {
    String log =
        FactTree.open(capture(name))
            .read("var/log/dmesg", FactTree.TEXT_LIMIT_BYTES)
            .text()
            .orElseThrow();
    return log.lines()
        .filter(line -> line.contains(": dma_pool_"))
        .map(line -> hashed(line.substring(line.indexOf("] ") + 2)))
        .toList();
  }

  private static String hashed(String line) {
    return line.replaceFirst(HASH, ", HASH");
  }
}
