package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.iommu4j.evidence.trace.DeviceMasks;
import org.iommu4j.evidence.trace.Trace;
import org.iommu4j.evidence.trace.TraceReplay;
import org.iommu4j.evidence.trace.TraceResult;
import org.iommu4j.evidence.trace.Verdict;
import org.iommu4j.evidence.trace.Verdict.Status;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.input.FactTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a network card's and an NVMe drive's drivers did on a real kernel, by its own trace: {@code
 * tests/oracle/traces.sh}.
 */
final class RecordedTracesTest {
  private static Path capture(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(
                RecordedTracesTest.class.getResource("/traces/5.10/" + name + ".tar.gz"))
            .toURI());
  }

  private static String text(Path capture) {
    return FactTree.open(capture).read(Trace.PATH, Trace.LIMIT_BYTES).text().orElseThrow();
  }

  private static TraceResult replay(Path capture, String text) {
    Machine machine = MachineReader.read(capture);
    return TraceReplay.run(
        machine, Trace.parse("trace", text), DeviceMasks.read(capture, machine), fitting -> {});
  }

  private static List<Verdict> differences(TraceResult result) {
    return result.verdicts().stream()
        .filter(verdict -> verdict.status() == Status.DIFFERENT)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"strict, 4637", "lazy, 4643", "strict-smp, 2736"})
  void everyAddressIsExact(String name, int events) throws URISyntaxException {
    TraceResult result = replay(capture(name), text(capture(name)));
    assertEquals(List.of(), differences(result));
    assertEquals(List.of(), result.missing());
    assertEquals(events, result.exactEvents());
    assertEquals(events, result.checkedEvents());
    assertEquals(0, result.choices().chosenOrders());
  }

  /** An interrupt unmapped a buffer after the address was taken, before that was written down. */
  @Test
  void whatBouncesIsExactButForOneEventThatWasWrittenLate() throws URISyntaxException {
    TraceResult result = replay(capture("bounce"), text(capture("bounce")));
    assertEquals(List.of(), differences(result));
    assertEquals(List.of(), result.missing());
    assertEquals(4457, result.exactEvents());
    assertEquals(4457, result.checkedEvents());
    assertEquals(1, result.choices().chosenOrders());
    assertEquals(0, result.choices().chosenMoments());
  }

  @Test
  void fourCpusThatUnmapLazilyAreExactWhereTheTraceTellsOfTimers() throws URISyntaxException {
    TraceResult result = replay(capture("lazy-smp"), text(capture("lazy-smp")));
    assertTrue(result.trace().tellsFlushTimers());
    assertEquals(List.of(), differences(result));
    assertEquals(1109, result.exactEvents());
    assertEquals(1109, result.checkedEvents());
    TraceResult.Choices choices = result.choices();
    assertEquals(22, choices.expiries());
    assertEquals(22, choices.told());
    assertEquals(0, choices.ambiguous() + choices.chosenMoments() + choices.chosenOrders());
  }

  @Test
  void onlyAFewMomentsOfTheFlushTimerHaveToBeChosen() throws URISyntaxException {
    TraceResult.Choices choices = replay(capture("lazy"), text(capture("lazy"))).choices();
    assertTrue(choices.lazy());
    assertEquals(58, choices.expiries());
    assertTrue(choices.chosenMoments() <= 6, choices::toString);
  }

  @Test
  void strictNeedsNoChoice() throws URISyntaxException {
    TraceResult.Choices choices = replay(capture("strict"), text(capture("strict"))).choices();
    assertEquals(0, choices.expiries() + choices.chosenMoments() + choices.chosenOrders());
  }

  @Test
  void anAddressThatTheKernelDidNotGiveIsFoundOnce() throws URISyntaxException {
    String text = text(capture("strict"));
    // The first buffer, which stays mapped.
    String changed =
        text.replace(
            "dev_addr=0xfffff000 phys_addr=0x25d86000", "dev_addr=0xffff1000 phys_addr=0x25d86000");
    TraceResult result = replay(capture("strict"), changed);
    assertEquals(1, differences(result).size());
    assertTrue(differences(result).get(0).model().contains("dev_addr=0xfffff000"));
    assertEquals(4636, result.exactEvents());
    assertEquals(4637, result.checkedEvents());
  }

  @Test
  void anEventOfTheBootThatIsMissingIsFound() throws URISyntaxException {
    String text = text(capture("strict"));
    String missing = "attach_device_to_domain: IOMMU: device=0000:00:03.0";
    String without =
        String.join("\n", text.lines().filter(line -> !line.contains(missing)).toList())
            .replace("4835/4835", "4834/4834");
    TraceResult result = replay(capture("strict"), without);
    assertEquals(List.of(missing), result.missing());
    assertEquals(4637, result.checkedEvents());
    assertEquals(4636, result.exactEvents());
  }

  /** A buffer that CPU 0 maps, somebody on CPU 1 unmaps, and CPU 0 gets the address of again. */
  private static TraceResult unmappedBy(String task) throws URISyntaxException {
    Machine machine =
        MachineReader.read(capture("strict-smp"))
            .withCommandLine(CommandLine.parse("intel_iommu=on"));
    String text =
        String.join(
            "\n",
            "            foo-12       [000] ....     1.000000: map_single: dev=0000:00:06.0"
                + " dev_addr=0xfffff000 phys_addr=0x1000000 size=4096",
            task
                + "       [001] ..s.     1.001000: unmap_single: dev=0000:00:06.0"
                + " dev_addr=0xfffff000 size=4096",
            "            foo-12       [000] ....     1.100000: map_single: dev=0000:00:06.0"
                + " dev_addr=0xfffff000 phys_addr=0x1000000 size=4096");
    return TraceReplay.run(
        machine, Trace.parse("trace", text), DeviceMasks.unknown(), fitting -> {});
  }

  @Test
  void anIdleCpuLeavesItsFlushTimerToABusyOne() throws URISyntaxException {
    TraceResult result = unmappedBy("          <idle>-0 ");
    assertEquals(2, result.exactEvents());
    assertEquals(1, result.choices().chosenMoments());
  }

  @Test
  void aBusyCpuKeepsItsFlushTimerAndWhatItFrees() throws URISyntaxException {
    TraceResult result = unmappedBy("             bar-13");
    assertEquals(1, differences(result).size());
    assertEquals(0, result.choices().chosenMoments());
  }

  @Test
  void moreThanTheModelHoldsIsNotCompared() throws URISyntaxException {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 9; i++) {
      text.append(
          String.format(
              "            foo-12       [000] ....     1.00000%d: map_single: dev=0000:00:06.0"
                  + " dev_addr=0x%x00000000 phys_addr=0x0 size=4294967296%n",
              i, i));
    }
    TraceResult result = replay(capture("strict"), text.toString());
    assertEquals(5, result.checkedEvents());
    assertEquals(
        Map.of("more than 16 GiB are mapped, which the model does not hold", 4),
        result.notChecked());
  }
}
