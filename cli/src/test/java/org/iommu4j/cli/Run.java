package org.iommu4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.iommu4j.cli.Console.Terminals;

/** One run of the command, with what it printed. */
record Run(int exitCode, String out, String err) {
  /** The directory of the bundled machines. */
  static final Path MACHINES = Path.of("..", "machines");

  static Run of(String... args) {
    return of(false, args);
  }

  /** Runs a command whose results fit into 100 columns. */
  static Run narrow(String command, String... args) {
    Run run = of(Lists.asList(command, args).toArray(String[]::new));
    run.out.lines().forEach(line -> assertTrue(line.length() <= 100, line));
    return run;
  }

  static Run coloured(String... args) {
    return of(true, args);
  }

  private static Run of(boolean coloured, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console =
        new Console(
            new PrintWriter(out), new PrintWriter(err), new Terminals(coloured, false, coloured));
    int code = Main.run(console, args);
    console.flush();
    return new Run(code, out.toString(), err.toString());
  }

  /** Runs a command that has to end in one line of an error, which says this. */
  static void assertBad(String named, String... args) {
    Run run = of(args);
    assertEquals(ExitCodes.BAD_INPUT, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().startsWith("iommu4j: "), run.err());
    assertTrue(run.err().contains(named), run.err());
    assertFalse(run.err().contains("java."), run.err());
    assertEquals("", run.out());
  }

  static String machine(String name) {
    return MACHINES.resolve(name + ".tar.gz").toString();
  }

  List<String> lines() {
    return ImmutableList.copyOf(out.lines().toList());
  }
}
