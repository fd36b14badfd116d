package org.iommu4j.evidence.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.iommu4j.base.Release;
import org.junit.jupiter.api.Test;

final class ModuleCommandsTest {
  private static final Release LINUX_5_10 = Release.of(5, 10, 262);
  private static final Release LINUX_6_1 = Release.of(6, 1, 192);
  private static final Release LINUX_6_12 = Release.of(6, 12, 117);

  @Test
  void eachReleaseHasWhatTheModuleCouldBeBuiltWith() {
    assertEquals(
        Set.of("dclaim", "drelease", "dclaimed", "dnewdev", "flags"),
        ModuleCommands.unknownUnder(LINUX_5_10));
    assertEquals(Set.of("dnewdev", "flags"), ModuleCommands.unknownUnder(LINUX_6_1));
    assertEquals(Set.of(), ModuleCommands.unknownUnder(LINUX_6_12));
  }

  @Test
  void groupWasDetachedFromNoDomainInTheFirstRecordings() {
    assertFalse(ModuleCommands.askingForDomain(LINUX_5_10).contains("ddetach"));
    assertTrue(ModuleCommands.askingForDomain(LINUX_6_1).contains("ddetach"));
    assertTrue(ModuleCommands.askingForDomain(LINUX_5_10).contains("dmap"));
  }
}
