package org.iommu4j.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.ProcessorFacts;
import org.junit.jupiter.api.Test;

/**
 * What a boot decides where the processors are not as is assumed of those that nobody describes.
 */
final class ProcessorFactsTest {
  private static final Machine RECORDED = MachineReader.read(RecordedMachines.named("flat-on"));

  private static BootReport with(String key, String value) {
    return LinuxSystem.boot(RECORDED.withProperty(key, value)).report();
  }

  @Test
  void encryptedMemoryNeedsBounceBuffersEvenBelowFourGib() {
    assertEquals(ProcessorFacts.ASSUMED, RECORDED.processor());
    assertFalse(LinuxSystem.boot(RECORDED).report().swiotlb().active());
    BootReport encrypted = with("memory_encryption", "yes");
    assertTrue(encrypted.swiotlb().active());
    assertEquals("memory encryption is active", encrypted.decisions().get(0).because().get(1));
  }

  @Test
  void withoutX2apicInterruptsHaveShortTargets() {
    BootReport plain = with("x2apic", "no");
    assertTrue(plain.interrupts().remapped());
    assertEquals("interrupts are remapped in xapic mode", plain.interrupts().decision().outcome());
    assertEquals(List.of("the processor has no x2APIC"), plain.interrupts().decision().because());
  }

  @Test
  void assumptionsThatALineSaysChangeNothing() {
    BootReport said = with("memory_encryption", "no");
    assertEquals(LinuxSystem.boot(RECORDED).report(), said);
  }
}
