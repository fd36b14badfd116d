package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.machine.CommandLine;
import org.iommu4j.iommu.machine.Machine;
import org.iommu4j.iommu.machine.MachineReader;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the README shows is what happens. */
final class ReadmeTest {
  private static final Pattern RUN = Pattern.compile("```\n\\$ \\./iommu4j (.*)\n([^`]*)```");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static List<MatchResult> runs() throws IOException {
    return ImmutableList.copyOf(
        RUN.matcher(Files.readString(Path.of("..", "README.md"))).results().toList());
  }

  @TestFactory
  Stream<DynamicTest> everyRunPrintsWhatItSays() throws IOException {
    assertFalse(runs().isEmpty());
    return runs().stream()
        .map(
            run -> DynamicTest.dynamicTest(run.group(1), () -> prints(run.group(1), run.group(2))));
  }

  private static void prints(String command, String shown) {
    List<String> words = new ArrayList<>();
    WORD.matcher(command.replace("machines/", "../machines/"))
        .results()
        .forEach(word -> words.add(word.group(1) == null ? word.group(2) : word.group(1)));
    Run run = Run.of(words.toArray(new String[0]));
    String out = run.out().replace("../machines/", "machines/");
    // Names depend on the pci.ids of the system.
    assertEquals(withoutNames(shown), withoutNames(out));
  }

  private static String withoutNames(String text) {
    return text.replaceAll("(?m)^(0000:\\S+ [^:\n]*?)(: .*)? \\[", "$1 [");
  }

  @Test
  void theLibraryInTenLines() {
    StringBuilder printed = new StringBuilder();
    Machine machine = MachineReader.read(Path.of("../machines/laptop-thunderbolt.tar.gz"));
    CommandLine line = CommandLine.parse("intel_iommu=on iommu=pt");
    LinuxSystem linux = LinuxSystem.boot(machine.withCommandLine(line));
    for (DeviceReport device : linux.report().devices()) {
      if (device.untrusted()) {
        printed.append(device.address() + " group " + device.group() + " " + device.dmaOps());
        device.decisions().forEach(printed::append);
      }
    }
    assertEquals(0, printed.indexOf("0000:01:00.0 group 3 bounce_dma_ops"));
  }
}
