package org.iommu4j.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.machine.input.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineBuilderTest {
  @Test
  void aConfigurationThatNobodySetsIsDebiansAndNoted() {
    Machine machine = Machine.builder("bare").build();
    assertEquals(KernelConfig.debian().values(), machine.config().values());
    assertEquals(
        List.of(MissingFact.CONFIG), machine.missing().stream().map(MissingFact::fact).toList());
    Machine other = machine.withCommandLine(CommandLine.parse("iommu=pt"));
    assertEquals(machine.missing(), other.missing());
  }

  @Test
  void aConfigurationThatIsSetIsTakenAsItIs() {
    Machine machine = Machine.builder("bare").config(KernelConfig.parse("")).build();
    assertTrue(machine.config().values().isEmpty());
    assertEquals(List.of(), machine.missing());
  }

  @Test
  void processorsAreAsAssumedUnlessALineSaysOtherwise() {
    Machine machine = Machine.builder("bare").build();
    assertEquals(ProcessorFacts.ASSUMED, machine.processor());
    assertTrue(machine.withProperty("memory_encryption", "yes").processor().memoryEncryption());
    assertFalse(machine.withProperty("x2apic", "no").processor().x2apic());
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory_encryption=", "memory_encryption=sme", "x2apic=1"})
  void aLineAboutProcessorsSaysYesOrNo(String line) {
    assertThrows(BadInputException.class, () -> PropertiesFile.parse(line + "\n"));
    String key = line.substring(0, line.indexOf('='));
    assertEquals("yes", PropertiesFile.parse(key + "=yes\n").values().get(key));
    assertEquals("no", PropertiesFile.parse(key + "=no\n").values().get(key));
  }
}
