package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
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
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What README and manual show is what happens. */
final class ReadmeTest {
  private static final Pattern RUN = Pattern.compile("```\n\\$ \\./iommu4j (.*)\n([^`]*)```");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static List<MatchResult> runs(String page) throws IOException {
    return ImmutableList.copyOf(
        RUN.matcher(Files.readString(Path.of("..").resolve(page))).results().toList());
  }

  @TestFactory
  Stream<DynamicTest> everyRunPrintsWhatItSays() throws IOException {
    List<MatchResult> readme = runs("README.md");
    List<MatchResult> manual = runs("docs/commands.md");
    assertFalse(readme.isEmpty());
    assertFalse(manual.isEmpty());
    return Stream.concat(readme.stream(), manual.stream())
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
    // Names depend on the pci.ids of the system, and where a page lies on all that was allocated.
    assertShown(withoutPages(withoutNames(shown)), withoutPages(withoutNames(out)));
  }

  /** Checks a page's text, in which a line of three dots stands for any lines that are left out. */
  private static void assertShown(String shown, String out) {
    List<String> pieces = Splitter.on("...\n").splitToList(shown);
    int at = 0;
    for (String piece : pieces) {
      int found = pieces.size() == 1 ? 0 : out.indexOf(piece, at);
      assertTrue(found >= 0, () -> piece + "is not in\n" + out);
      at = found + piece.length();
    }
    if (pieces.size() == 1) {
      assertEquals(shown, out);
    }
  }

  private static String withoutPages(String text) {
    return text.replaceAll("0x18[0-9a-f]{4}(?=[0-9a-f]{3}\\b)", "0x18....");
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
