package org.iommu4j.cli;

import java.nio.file.Path;
import picocli.CommandLine;

/** The entry point of the {@code iommu4j} command. */
public final class Main {
  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    Console console = Console.ofProcess();
    int code = run(console, args);
    console.flush();
    System.exit(code);
  }

  /** Runs the command and returns its exit code, see {@link ExitCodes}. */
  static int run(Console console, String... args) {
    Failures failures = new Failures(console);
    CommandLine commandLine =
        new CommandLine(new Iommu4jCommand(console))
            .setOut(console.out())
            .setErr(console.err())
            .setColorScheme(CommandLine.Help.defaultColorScheme(console.ansi()))
            .registerConverter(Path.class, Machines::path)
            .setUsageHelpWidth(100)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(failures)
            .setExecutionExceptionHandler(failures);
    try {
      return commandLine.execute(args);
    } catch (Error failure) {
      return failures.handle(failure); // the handlers see exceptions only
    }
  }
}
