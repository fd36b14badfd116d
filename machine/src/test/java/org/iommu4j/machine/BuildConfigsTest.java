package org.iommu4j.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.iommu4j.base.Release;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is known to be built into kernels, and what is assumed where nobody says it. */
final class BuildConfigsTest {
  private static final String SCALABLE = "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON";
  private static final String LAZY = "CONFIG_IOMMU_DEFAULT_DMA_LAZY";
  private static final String ON_WITHOUT_GPU = "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF";

  private static Release release(String name) {
    return Release.parseName(name).orElseThrow();
  }

  private static KernelConfig named(String name, String kernel) {
    return BuildConfigs.find(name, release(kernel)).orElseThrow();
  }

  @Test
  void theNamesAreThoseOfDebianAndUpstream() {
    assertEquals(List.of("debian-11", "debian-12", "debian-13", "upstream"), BuildConfigs.names());
    assertEquals(Optional.empty(), BuildConfigs.find("debian-10", Release.ASSUMED));
  }

  @ParameterizedTest
  @CsvSource({
    "debian-11, 5.10, true, false, false",
    "debian-12, 6.1, true, true, true",
    "debian-13, 6.12, true, true, true",
    "debian-13, 5.10, true, true, true",
    "upstream, 5.10, false, false, false",
    "upstream, 5.14, false, true, false",
    "upstream, 5.15, false, true, true",
    "upstream, 6.12, false, true, true"
  })
  void aBuildSaysWhatTheKernelDoesWithoutAWord(
      String name, String kernel, boolean on, boolean lazy, boolean scalable) {
    KernelConfig config = named(name, kernel);
    assertTrue(config.isEnabled("CONFIG_INTEL_IOMMU"));
    assertEquals(on, config.isEnabled(ON_WITHOUT_GPU));
    assertEquals(lazy, config.isEnabled(LAZY));
    assertEquals(scalable, config.isEnabled(SCALABLE));
    assertTrue(config.values().values().stream().noneMatch(value -> value.contains(" ")));
  }

  @Test
  void ofAMachineWithoutAConfigurationThatOfItsReleaseIsAssumed() {
    MachineBuilder builder = Machine.builder("m").kernel(release("6.12.1"));
    assertTrue(builder.build().config().isEnabled(SCALABLE));
    Machine parts = MachineParts.of("m").release(release("6.1.0")).build();
    assertTrue(parts.config().isEnabled(SCALABLE));
    assertFalse(parts.config().isEnabled(ON_WITHOUT_GPU));
  }

  @Test
  void anotherKernelIsAssumedToHaveItsOwnConfiguration() {
    Machine old = MachineParts.of("m").build();
    assertFalse(old.config().isEnabled(SCALABLE));
    Machine upgraded = old.withKernel(release("6.12"));
    assertTrue(upgraded.config().isEnabled(SCALABLE));
    assertEquals(release("6.12"), upgraded.kernel());
    assertEquals(Release.ASSUMED, upgraded.recordedKernel());
    assertEquals(old.config().values(), upgraded.withKernel(Release.ASSUMED).config().values());
  }

  @Test
  void aConfigurationThatIsKnownStays() {
    KernelConfig config = KernelConfig.parse("CONFIG_INTEL_IOMMU=y\n");
    Machine machine = Machine.builder("m").config(config).build();
    assertEquals(config.values(), machine.withKernel(release("6.12")).config().values());
    assertEquals(List.of(), machine.missing());
  }

  @Test
  void aConfigurationThatIsSaidIsNoLongerMissing() {
    Machine machine = Machine.builder("m").build();
    assertTrue(machine.missing().stream().anyMatch(fact -> fact.is(MissingFact.CONFIG)));
    Machine said = machine.withConfig(named("debian-12", "6.1"));
    assertTrue(said.missing().stream().noneMatch(fact -> fact.is(MissingFact.CONFIG)));
    assertTrue(said.config().isEnabled(LAZY));
  }
}
