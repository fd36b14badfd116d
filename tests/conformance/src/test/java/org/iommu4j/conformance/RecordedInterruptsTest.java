package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.input.FactTree;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Interrupts are remapped where the recorded kernel said so, and only there. */
final class RecordedInterruptsTest {
  private static final String ENABLED = "DMAR-IR: Enabled IRQ remapping";

  @TestFactory
  Stream<DynamicTest> areRemappedAsRecorded() {
    return Stream.of(RecordedMachines.all(), RecordedMachines.wide())
        .flatMap(ImmutableList::stream)
        .map(
            capture ->
                DynamicTest.dynamicTest(
                    RecordedMachines.nameOf(capture), () -> assertAsRecorded(capture)));
  }

  private static void assertAsRecorded(Path capture) {
    String log =
        FactTree.open(capture)
            .read("var/log/dmesg", FactTree.TEXT_LIMIT_BYTES)
            .text()
            .orElseThrow();
    Interrupts decided = LinuxSystem.boot(MachineReader.read(capture)).report().interrupts();
    assertEquals(log.contains(ENABLED), decided.remapped(), decided.decision().toString());
  }
}
