package org.iommu4j.evidence.replay;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactFile;
import org.iommu4j.machine.input.FactTree;

/**
 * A script of DMA calls, with or without the answers of the kernel that ran it.
 *
 * <p>A line is {@code COMMAND -> ANSWER}. Lines that begin with two blanks belong to the answer of
 * the command above, lines that begin with {@code # device} or {@code # DMAR:} to that of the
 * command below or above; other lines that begin with {@code #} are remarks. Immutable.
 */
public final class Transcript {
  /** Where a capture keeps its transcript. */
  public static final String PATH = "lockstep/transcript";

  /** What begins a line about a device that accesses memory. */
  static final String DEVICE = "# device ";

  private static final int LINES_LIMIT = 1 << 20;
  private static final CharMatcher NO_TEXT =
      CharMatcher.javaIsoControl().and(CharMatcher.isNot('\t'));

  private static final ImmutableList<String> FAULTS =
      LinuxSystem.vendors().stream()
          .flatMap(vendor -> vendor.logPrefixes().stream())
          .map(prefix -> "# " + prefix.stripTrailing())
          .collect(ImmutableList.toImmutableList());

  private final ImmutableList<TranscriptCommand> commands;

  private Transcript(ImmutableList<TranscriptCommand> commands) {
    this.commands = commands;
  }

  /**
   * Reads the transcript of a capture.
   *
   * @throws BadInputException if it has none, or it is not one
   */
  public static Transcript ofCapture(Path capture) {
    FactTree tree = FactTree.open(capture);
    FactFile file = tree.reading(() -> tree.read(PATH, FactTree.TEXT_LIMIT_BYTES * 2));
    return of(file, capture.resolve(PATH).toString());
  }

  /**
   * Reads a transcript from a file of its own.
   *
   * @throws BadInputException if it is not there, or is none
   */
  public static Transcript read(Path path) {
    return of(FactFile.read(path, FactTree.TEXT_LIMIT_BYTES * 2), path.toString());
  }

  private static Transcript of(FactFile file, String name) {
    String text =
        file.text()
            .orElseThrow(
                () ->
                    BadInputException.atOffset(
                        name, 0, "a replay needs a transcript", file.absence()));
    Transcript transcript = parse(name, text);
    // Nothing compared must not look like nothing different.
    if (transcript.commands.isEmpty()) {
      throw BadInputException.atOffset(name, 0, "a transcript has commands", "none");
    }
    return transcript;
  }

  /**
   * Parses the text of a transcript.
   *
   * @param name what to call it in errors
   * @throws BadInputException if it is no text, has too many lines, or begins in the middle of an
   *     answer
   */
  public static Transcript parse(String name, String text) {
    List<String> lines = text.lines().limit(LINES_LIMIT + 1L).toList();
    if (lines.size() > LINES_LIMIT) {
      throw BadInputException.atLine(name, LINES_LIMIT, "a transcript has at most 2^20 lines", "");
    }
    checkText(name, lines);
    ImmutableList.Builder<TranscriptCommand> commands = ImmutableList.builder();
    List<String> before = new ArrayList<>();
    for (int i = 0; i < lines.size(); ) {
      String line = lines.get(i);
      if (line.startsWith(DEVICE)) {
        before.add(line);
        i++;
      } else if (line.isBlank() || isFault(line)) {
        i++;
      } else {
        int end = endOfAnswer(name, lines, i);
        List<String> recorded = new ArrayList<>(before);
        recorded.addAll(lines.subList(i, end));
        before.clear();
        commands.add(
            new TranscriptCommand(
                name, i + 1, command(name, i + 1, line), ImmutableList.copyOf(recorded)));
        i = end;
      }
    }
    return new Transcript(commands.build());
  }

  /**
   * Returns whether a line is a remark in a vendor's driver's words, as it prints of faults: part
   * of a transcript, and nobody's answer.
   */
  public static boolean isFault(String line) {
    return FAULTS.stream().anyMatch(line::startsWith);
  }

  private static void checkText(String name, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      if (NO_TEXT.matchesAnyOf(lines.get(i))) {
        throw BadInputException.atLine(name, i + 1, "a transcript is text", lines.get(i));
      }
    }
  }

  private static int endOfAnswer(String name, List<String> lines, int start) {
    if (lines.get(start).startsWith("  ")) {
      throw BadInputException.atLine(
          name, start + 1, "a line with two blanks belongs to a command above", lines.get(start));
    }
    int end = start + 1;
    while (end < lines.size() && lines.get(end).startsWith("  ")) {
      end++;
    }
    return end;
  }

  private static String command(String name, int number, String line) {
    int arrow = line.startsWith("#") ? -1 : line.indexOf(TranscriptCommand.ARROW);
    String command = arrow < 0 ? line : line.substring(0, arrow);
    if (command.isBlank()) {
      throw BadInputException.atLine(name, number, "an answer follows a command", line);
    }
    return command;
  }

  /** Returns the transcript up to this line, which is the last that may be run. */
  public Transcript until(int line) {
    return new Transcript(
        commands.stream()
            .filter(command -> command.line() <= line)
            .collect(ImmutableList.toImmutableList()));
  }

  /** Returns the commands in their order. */
  public ImmutableList<TranscriptCommand> commands() {
    return commands;
  }
}
