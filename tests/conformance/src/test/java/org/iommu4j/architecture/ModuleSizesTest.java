package org.iommu4j.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import org.junit.jupiter.api.Test;

/** No module becomes the whole house. */
final class ModuleSizesTest {
  private static final long CORE_LINES = 10_000;

  private static final ImmutableMap<String, Long> LINES =
      Maps.toMap(MainSources.modules(), ModuleSizesTest::lines);

  private static long lines(String module) {
    return MainSources.of(module).stream()
        .mapToLong(source -> ModuleList.read(source).lines().count())
        .sum();
  }

  @Test
  void noModuleHasMoreThanAQuarterOfTheLines() {
    long all = LINES.values().stream().mapToLong(Long::longValue).sum();
    LINES.forEach(
        (module, lines) ->
            assertTrue(4 * lines <= all, () -> module + " has " + lines + " lines of " + all));
  }

  @Test
  void theCoreStaysSmall() {
    long lines = LINES.getOrDefault("iommu-core", 0L);
    assertTrue(lines > 0 && lines < CORE_LINES, () -> "iommu-core has " + lines + " lines");
  }
}
