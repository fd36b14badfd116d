package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
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

  /** A block's content where it is free and holds the kernel's own addresses. */
  private static final Pattern FREE_BLOCK = Pattern.compile("(ppeek .* -> )[0-9a-f]+");

  private static Path capture(String name) throws URISyntaxException {
    String resource = "/lockstep/" + name.replace("/", "-api/") + ".tar.gz";
    return Path.of(Objects.requireNonNull(RecordedDmaApiTest.class.getResource(resource)).toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5.10/strict",
        "5.10/bounce",
        "5.10/direct",
        "6.1/strict",
        "6.1/bounce",
        "6.1/direct",
        "6.12/strict",
        "6.12/bounce",
        "6.12/direct"
      })
  void everyAnswerIsExact(String name) throws URISyntaxException {
    List<String> log = new ArrayList<>();
    for (ReplayedCommand replayed :
        Replay.run(MachineReader.read(capture(name)), Transcript.ofCapture(capture(name)))) {
      assertEquals(
          comparable(name, replayed.command().recorded()),
          comparable(name, replayed.lines()),
          replayed::toString);
      replayed.log().forEach(line -> log.add(hashed(line.substring("# ".length()))));
    }
    assertEquals(poolLines(name), log);
  }

  // Where memory lies that a remapped device shares is the kernel's own business, and so is what
  // later kernels keep in blocks that are free.
  private static List<String> comparable(String name, List<String> lines) {
    return name.startsWith("6.12/")
        ? withoutPhys(lines).stream()
            .map(line -> FREE_BLOCK.matcher(line).replaceFirst("$1-"))
            .toList()
        : withoutPhys(lines);
  }

  private static List<String> withoutPhys(List<String> lines) {
    return lines.stream()
        .map(line -> line.replaceAll(" ?phys=0x[0-9a-f]+| frames=\\S+", ""))
        .toList();
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
