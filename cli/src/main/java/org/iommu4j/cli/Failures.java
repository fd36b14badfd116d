package org.iommu4j.cli;

import com.google.common.base.Splitter;
import java.util.List;
import org.iommu4j.iommu.spi.NoMemoryException;
import org.iommu4j.machine.input.BadInputException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns a failure into one line and an exit code; with {@code IOMMU4J_DEBUG} set in the environment
 * the stack trace follows.
 */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private static final Splitter LINES = Splitter.on('\n').omitEmptyStrings().trimResults();

  private final Console console;

  Failures(Console console) {
    this.console = console;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] args) {
    String command = failure.getCommandLine().getCommandSpec().qualifiedName();
    String message = String.join("; ", LINES.split(String.valueOf(failure.getMessage())));
    List<String> similar =
        failure instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    String hint =
        similar.isEmpty()
            ? " (see '" + command + " --help')"
            : " (did you mean " + String.join(" or ", similar) + "?)";
    console.note(message + hint);
    return ExitCodes.BAD_INPUT;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parseResult) {
    return handle(failure);
  }

  /** Says what went wrong, and returns the exit code for it. */
  int handle(Throwable failure) {
    boolean tooLarge = failure instanceof OutOfMemoryError;
    boolean badInput =
        tooLarge || failure instanceof BadInputException || failure instanceof NoMemoryException;
    if (tooLarge) {
      long heapMib = Runtime.getRuntime().maxMemory() >> 20;
      console.note("the input takes more than Java's heap of " + heapMib + " MiB (-Xmx)");
    } else if (badInput) {
      console.note(oneLine(failure));
    } else {
      console.note(
          "internal error: "
              + failure.getClass().getSimpleName()
              + ": "
              + oneLine(failure)
              + " (set IOMMU4J_DEBUG=1 for the stack trace, and please report it)");
    }
    if (System.getenv("IOMMU4J_DEBUG") != null) {
      failure.printStackTrace(console.err());
      console.err().flush();
    }
    return badInput ? ExitCodes.BAD_INPUT : ExitCodes.INTERNAL_ERROR;
  }

  private static String oneLine(Throwable failure) {
    return String.join("; ", LINES.split(String.valueOf(failure.getMessage())));
  }
}
