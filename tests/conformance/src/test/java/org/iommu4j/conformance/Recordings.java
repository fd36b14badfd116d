package org.iommu4j.conformance;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.Collectors;
import org.iommu4j.evidence.replay.ReplayedCommand;
import org.iommu4j.evidence.replay.Transcript;
import org.iommu4j.evidence.replay.TranscriptCommand;

/** What the tests do with recorded transcripts. */
final class Recordings {
  private Recordings() {}

  /** Returns the script again, of whose answers only those about where memory lies are left. */
  static Transcript withoutAnswers(Transcript recorded) {
    String text =
        recorded.commands().stream()
            .map(Recordings::withoutAnswer)
            .collect(Collectors.joining("\n"));
    return Transcript.parse("stripped", text);
  }

  private static String withoutAnswer(TranscriptCommand command) {
    String line = command.recorded().get(command.recorded().size() - 1);
    int phys = line.indexOf("phys=");
    boolean isPlace = command.text().startsWith("page ") || command.text().startsWith("alloc ");
    return isPlace && phys >= 0 ? command.text() + " -> " + line.substring(phys) : command.text();
  }

  /** Returns the lines that the model wrote. */
  static ImmutableList<String> lines(List<ReplayedCommand> replayed) {
    return replayed.stream()
        .flatMap(command -> command.lines().stream())
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns the lines that the kernel wrote. */
  static ImmutableList<String> lines(Transcript recorded) {
    return recorded.commands().stream()
        .flatMap(command -> command.recorded().stream())
        .collect(ImmutableList.toImmutableList());
  }
}
