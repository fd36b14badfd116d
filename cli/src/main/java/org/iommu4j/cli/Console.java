package org.iommu4j.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iommu4j.cli.render.Page;
import org.iommu4j.cli.render.Palette;
import picocli.CommandLine.Help.Ansi;

/** Where a command prints: results to one stream, all else to the other. */
final class Console {
  private static final int NOTE_LIMIT = 1000;

  private final PrintWriter out;
  private final PrintWriter err;
  private final Terminals terminals;

  /**
   * Who watches.
   *
   * @param out whether results go to a terminal
   * @param err whether all else goes to one
   * @param coloured whether results are coloured
   */
  record Terminals(boolean out, boolean err, boolean coloured) {
    /** Nobody does: both streams go to files. */
    static final Terminals NONE = new Terminals(false, false, false);
  }

  Console(PrintWriter out, PrintWriter err, Terminals terminals) {
    this.out = out;
    this.err = err;
    this.terminals = terminals;
  }

  /** Returns the streams of this process. */
  static Console ofProcess() {
    boolean out = isTerminal("iommu4j.stdout.terminal");
    boolean err = isTerminal("iommu4j.stderr.terminal");
    return new Console(
        writer(FileDescriptor.out),
        writer(FileDescriptor.err),
        new Terminals(out, err, out && !isColourOff()));
  }

  // The start script knows which stream is a terminal; Java 17 only knows of both together.
  private static boolean isTerminal(String property) {
    return Boolean.getBoolean(property);
  }

  private static boolean isColourOff() {
    String noColor = System.getenv("NO_COLOR");
    return (noColor != null && !noColor.isEmpty()) || "dumb".equals(System.getenv("TERM"));
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(
            new BufferedOutputStream(new FileOutputStream(descriptor)), StandardCharsets.UTF_8));
  }

  /** Returns the stream for results. */
  PrintWriter out() {
    return out;
  }

  /** Returns the stream for errors, notes and progress. */
  PrintWriter err() {
    return err;
  }

  /** Returns whether somebody watches the stream for errors. */
  boolean errIsTerminal() {
    return terminals.err();
  }

  /** Returns the colours for results. */
  Palette palette() {
    return Palette.of(terminals.coloured() && terminals.out());
  }

  /** Returns the colours for help. */
  Ansi ansi() {
    return terminals.coloured() && terminals.out() ? Ansi.ON : Ansi.OFF;
  }

  /** Prints the lines of a result. */
  void print(List<String> lines) {
    lines.forEach(line -> out.print(line + "\n"));
  }

  /** Prints a remark that is no part of the result, in one line that cannot act. */
  void note(String text) {
    String shown = text.length() > NOTE_LIMIT ? text.substring(0, NOTE_LIMIT) + "..." : text;
    err.print("iommu4j: " + Page.printable(shown) + "\n");
    err.flush();
  }

  /** Writes out all that was printed. */
  void flush() {
    out.flush();
    err.flush();
  }
}
