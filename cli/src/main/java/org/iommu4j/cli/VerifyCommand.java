package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommu4j.cli.render.VerifyText;
import org.iommu4j.evidence.answers.CaptureAnswers;
import org.iommu4j.evidence.answers.Comparison;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.input.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Predicts machines and compares with what their kernels answered. */
@Command(
    name = "verify",
    description = "Predict machines and compare with the answers that their captures hold.")
final class VerifyCommand implements Callable<Integer> {
  @ParentCommand private @Nullable Iommu4jCommand parent;

  @Parameters(arity = "1..*", paramLabel = "MACHINE", description = "Captures with answers.")
  private List<Path> machines = new ArrayList<>();

  @Override
  public Integer call() {
    Console console = Objects.requireNonNull(parent).console();
    VerifyText text = new VerifyText(console.palette());
    Progress progress = new Progress(console, machines.size());
    int exact = 0;
    int bad = 0;
    for (int i = 0; i < machines.size(); i++) {
      Path path = machines.get(i);
      progress.next(i, path.toString());
      try {
        exact += verify(path, console, text, progress) ? 1 : 0;
      } catch (BadInputException e) {
        progress.clear();
        new Failures(console).handle(e);
        bad++;
      }
    }
    progress.clear();
    if (machines.size() > 1) {
      console.print(ImmutableList.of(text.summary(machines.size(), exact, bad)));
    }
    if (bad > 0) {
      return ExitCodes.BAD_INPUT;
    }
    return exact == machines.size() ? ExitCodes.OK : ExitCodes.DIFFERENT;
  }

  private static boolean verify(Path path, Console console, VerifyText text, Progress progress) {
    CaptureAnswers answers = CaptureAnswers.read(path);
    if (answers.isEmpty()) {
      throw BadInputException.atOffset(
          path.toString(), 0, "a capture to verify holds a kernel's answers", "it holds none");
    }
    Machine machine = MachineReader.read(path);
    BootReport report = LinuxSystem.boot(machine).report();
    Comparison comparison = Comparison.of(report, answers);
    progress.clear();
    ReleaseNotes.print(machine, console);
    console.print(comparison.isExact() ? text.exact(report) : text.differences(report, comparison));
    console.flush();
    return comparison.isExact();
  }
}
