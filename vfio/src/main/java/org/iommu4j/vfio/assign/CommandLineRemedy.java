package org.iommu4j.vfio.assign;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.VendorWords;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.machine.Machine;

/**
 * A change of the command line that brings about what the present one does not, found by booting
 * with it.
 *
 * @param removed the words to take out
 * @param added the words to add
 * @param machine the machine with the changed line
 * @param report its boot
 */
record CommandLineRemedy(
    ImmutableList<String> removed,
    ImmutableList<String> added,
    Machine machine,
    BootReport report) {
  /**
   * Words that are known to keep an IOMMU or remapped interrupts away, or to make groups large, and
   * that are not a vendor's.
   */
  private static final ImmutableMap<String, Pattern> SUSPECTS =
      ImmutableMap.<String, Pattern>builder()
          .put("iommu", Pattern.compile("off|soft"))
          .put("swiotlb", Pattern.compile("force"))
          .put("acpi", Pattern.compile("off"))
          .put("intremap", Pattern.compile("off"))
          .put("nointremap", Pattern.compile(""))
          .put("noapic", Pattern.compile(""))
          .put("pci", Pattern.compile("disable_acs_redir"))
          .buildOrThrow();

  /**
   * Returns the smallest change that reaches the goal under the candidate's release, if any of
   * those that are known does.
   */
  static Optional<CommandLineRemedy> search(Candidate candidate, Predicate<BootReport> goal) {
    Machine machine = candidate.machine();
    BootOptions options = BootOptions.defaults().withRules(candidate.report().rules());
    List<String> suspects =
        machine.commandLine().parameters().stream()
            .filter(CommandLineRemedy::isSuspect)
            .map(Parameter::word)
            .distinct()
            .toList();
    List<List<String>> on =
        vendors()
            .flatMap(words -> Optional.ofNullable(words.turnOn()).stream())
            .map(List::of)
            .toList();
    List<Change> changes = new ArrayList<>();
    suspects.forEach(word -> changes.add(new Change(List.of(word), List.of())));
    on.forEach(words -> changes.add(new Change(List.of(), words)));
    suspects.forEach(word -> on.forEach(words -> changes.add(new Change(List.of(word), words))));
    changes.add(new Change(suspects, List.of()));
    on.forEach(words -> changes.add(new Change(suspects, words)));
    for (Change change : changes) {
      CommandLineRemedy tried = boot(machine, options, change);
      if (goal.test(tried.report)) {
        return Optional.of(tried);
      }
    }
    return Optional.empty();
  }

  /** Words to take out and to add; taking one out is tried before adding one. */
  private record Change(List<String> removed, List<String> added) {}

  private static boolean isSuspect(Parameter parameter) {
    String value = parameter.value() == null ? "" : parameter.value();
    return SUSPECTS.entrySet().stream()
            .anyMatch(
                suspect ->
                    parameter.isNamed(suspect.getKey()) && suspect.getValue().matcher(value).find())
        || vendors()
            .flatMap(words -> words.turnOff().entrySet().stream())
            .anyMatch(
                suspect ->
                    parameter.isNamed(suspect.getKey()) && value.contains(suspect.getValue()));
  }

  private static Stream<VendorWords> vendors() {
    return LinuxSystem.vendors().stream().map(IommuVendor::words);
  }

  private static CommandLineRemedy boot(Machine machine, BootOptions options, Change change) {
    String line =
        Stream.concat(
                machine.commandLine().parameters().stream()
                    .map(Parameter::word)
                    .filter(word -> !change.removed.contains(word)),
                change.added.stream())
            .collect(Collectors.joining(" "));
    Machine changed = machine.withCommandLine(CommandLine.parse(line));
    return new CommandLineRemedy(
        ImmutableList.copyOf(change.removed),
        ImmutableList.copyOf(change.added),
        changed,
        LinuxSystem.boot(changed, options).report());
  }

  /** Returns the change as an order: "add iommu=pt to the kernel command line". */
  String words() {
    List<String> parts = new ArrayList<>();
    if (!removed.isEmpty()) {
      parts.add("take " + String.join(" and ", removed) + " out of the kernel command line");
    }
    if (!added.isEmpty()) {
      parts.add(
          "add "
              + String.join(" ", added)
              + (removed.isEmpty() ? " to the kernel command line" : ""));
    }
    return String.join(" and ", parts);
  }
}
