package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.iommu4j.evidence.replay.Replay;
import org.iommu4j.evidence.replay.ReplayedCommand;
import org.iommu4j.evidence.replay.Transcript;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.input.FactTree;
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
    List<String> log = new ArrayList<>();
    for (ReplayedCommand replayed :
        Replay.run(MachineReader.read(capture(name)), Transcript.ofCapture(capture(name)))) {
      assertEquals(
          withoutPhys(replayed.command().recorded()),
          withoutPhys(replayed.lines()),
          replayed::toString);
      replayed.log().forEach(line -> log.add(hashed(line.substring("# ".length()))));
    }
    assertEquals(poolLines(name), log);
  }

  // Where memory lies that a remapped device shares is the kernel's own business.
  private static List<String> withoutPhys(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll(" ?phys=0x[0-9a-f]+", "")).toList();
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
